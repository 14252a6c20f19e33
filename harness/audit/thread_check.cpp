// threads = { names, except, except_of, kernel, real_time, on_cpus } selects threads. With none = true there
// must be none; with priority_below = PARAMETER and min_priority = N each must have a priority in that range.
#include <algorithm>
#include <map>
#include <optional>

#include "audit/check.h"
#include "audit/text_parts.h"
#include "audit/thread_stat.h"

namespace loopgate {
namespace {

struct ThreadCheck {
  std::vector<std::string> names = {"*"};
  std::vector<std::string> except;
  std::string except_of;  // a parameter: devices whose interrupts' threads are excepted
  std::optional<bool> kernel;
  bool real_time = false;
  std::string on_cpus;
  bool none = false;
  std::string below;
  std::int64_t at_least = 0;
};

struct Threads {
  std::vector<ThreadStat> all;
  std::string hidden_reason;  // why some threads are not visible; empty: all are
};

// A thread that ended after it was listed has no text and is skipped.
Threads threads_in(const Facts& facts) {
  const Reading& reading = reading_of(facts.first, thread_stat_files);
  Threads threads;
  if (reading.facts.empty()) threads.hidden_reason = missing_reason(reading, "/proc");
  bool first = false;
  bool kernel = false;
  for (const Fact& fact : reading.facts) {
    if (!fact.text) continue;
    auto stat = parse_thread_stat(trimmed(*fact.text));
    if (!stat) {
      threads.hidden_reason =
          fmt::format("{}: cannot parse \"{}\"", fact.path, shortened(trimmed(*fact.text), 40));
      return threads;
    }
    first = first || stat->id == 1;
    kernel = kernel || stat->kernel;
    if (facts.bench_threads.contains(fact.path)) continue;
    threads.all.push_back(std::move(*stat));
  }
  // hidepid hides other users' processes, a container the kernel's threads.
  if (threads.hidden_reason.empty() && (!first || !kernel))
    threads.hidden_reason =
        fmt::format("{} not visible here", first ? "the kernel's threads are" : "process 1 is");
  return threads;
}

bool is_selected(const ThreadCheck& check, const ThreadStat& thread, const CpuSet* cpus,
                 const std::vector<std::string>& devices) {
  if (is_of_device(devices, thread.name)) return false;
  if (!matches_any(check.names, thread.name) || matches_any(check.except, thread.name)) return false;
  if (check.kernel && *check.kernel != thread.kernel) return false;
  if (check.real_time && !thread.real_time()) return false;
  return cpus == nullptr || cpus->count(thread.cpu) != 0;
}

// By descending priority; threads with the same name and priority are listed once.
std::string describe(std::vector<ThreadStat> threads) {
  const auto urgency = [](const ThreadStat& thread) { return thread.deadline() ? 100 : thread.priority; };
  std::stable_sort(threads.begin(), threads.end(),
                   [&](const ThreadStat& a, const ThreadStat& b) { return urgency(a) > urgency(b); });
  std::vector<std::string> names;
  for (const ThreadStat& thread : threads) {
    const std::string name = to_text(thread);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return listed(names);
}

CheckOutcome judge(const ThreadCheck& check, const std::vector<ThreadStat>& selected,
                   const Parameters& parameters) {
  if (check.none) {
    if (selected.empty()) return {Judgement::good, "none"};
    return {Judgement::attention, describe(selected)};
  }
  const std::int64_t* below = parameters.number(check.below);
  if (below == nullptr) return not_given(check.below);
  std::vector<ThreadStat> wrong;
  for (const ThreadStat& thread : selected) {
    if (thread.deadline() || thread.priority >= *below || thread.priority < check.at_least)
      wrong.push_back(thread);
  }
  if (!wrong.empty()) return {Judgement::attention, describe(wrong)};
  return {Judgement::good, selected.empty() ? "none" : describe(selected)};
}

CheckOutcome look(const ThreadCheck& check, const Facts& facts, const Parameters& parameters) {
  const CpuSet* cpus = check.on_cpus.empty() ? nullptr : parameters.cpus(check.on_cpus);
  if (!check.on_cpus.empty() && cpus == nullptr) return not_given(check.on_cpus);
  const Threads threads = threads_in(facts);
  std::vector<ThreadStat> selected;
  for (const ThreadStat& thread : threads.all) {
    if (is_selected(check, thread, cpus, parameters.names(check.except_of))) selected.push_back(thread);
  }
  CheckOutcome outcome = judge(check, selected, parameters);
  // Where some threads are hidden, only a violation that was found is certain.
  if (!threads.hidden_reason.empty() && outcome.judgement != Judgement::attention)
    return {Judgement::unknown, threads.hidden_reason};
  return outcome;
}

}  // namespace

Result<RuleCheck> read_thread_check(const TomlTable& table) {
  TomlReader reader(table);
  ThreadCheck check;
  bool kernel = false;
  reader.optional("names", &check.names);
  reader.optional("except", &check.except);
  reader.optional("except_of", &check.except_of);
  if (reader.optional("kernel", &kernel)) check.kernel = kernel;
  reader.optional("real_time", &check.real_time);
  reader.optional("on_cpus", &check.on_cpus);
  reader.optional("none", &check.none);
  const bool below = reader.optional("priority_below", &check.below);
  const bool at_least = reader.optional("min_priority", &check.at_least);
  reader.renamed("priority_at_least", "min_priority");
  if (check.none == below) reader.refuse("none", "or priority_below: give one of them");
  if (at_least && !below) reader.refuse("min_priority", "needs priority_below");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  std::map<std::string, ParameterKind> parameters;
  if (below) parameters[check.below] = ParameterKind::number;
  if (!check.on_cpus.empty()) parameters[check.on_cpus] = ParameterKind::cpus;
  if (!check.except_of.empty()) parameters[check.except_of] = ParameterKind::names;
  return RuleCheck{
      "/proc/*/task/*/stat", parameters,
      [](FactRequest* request) { request->files.try_emplace(thread_stat_files, false); },
      [check](const Facts& facts, const Parameters& given) { return look(check, facts, given); }};
}

}  // namespace loopgate
