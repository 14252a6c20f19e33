#include "record/hunt_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/file_lock.h"
#include "base/json_forms.h"
#include "record/seal.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* hunt_again = "hunt on this folder again";

// A file is read and written meanwhile.
constexpr std::chrono::milliseconds lock_limit{60'000};
constexpr std::chrono::milliseconds lock_quiet{2'000};

std::string shots_complaint(const HuntedStimulus& stimulus) {
  const auto& shots = stimulus.shots_ns;
  if (shots.empty()) return "is empty";
  if (!std::ranges::is_sorted(shots, std::less_equal())) return "must rise";
  return shots.back() > stimulus.stimulus_ns ? "ends after stimulus_ns" : "";
}

std::string locks_complaint(const HuntedStimulus& stimulus) {
  const auto& waits = stimulus.lock_waits;
  const auto is_within = [&](const HuntedLockWait& wait) {
    return wait.wait_ns > 0 && wait.wait_ns <= stimulus.latency_ns && wait.usual_ns >= 0;
  };
  if (!std::ranges::all_of(waits, is_within)) return "must have a wait_ns of 1 to latency_ns each";
  const auto beyond_usual = [](const HuntedLockWait& wait) { return wait.wait_ns - wait.usual_ns; };
  return std::ranges::is_sorted(waits, std::greater(), beyond_usual) ? "" : "must fall by wait_ns - usual_ns";
}

std::string failed_shots_complaint(const HuntedFailure& failure) {
  return std::ranges::is_sorted(failure.shots_ns, std::less_equal()) ? "" : "must rise";
}

std::string console_complaint(const HuntedFailure& failure) {
  const std::filesystem::path path = failure.console;
  const bool leads_out = path.is_absolute() || std::ranges::find(path, "..") != path.end();
  return path.empty() || leads_out ? "must be a file in the run's folder" : "";
}

std::string cpus_complaint(const HuntedTurns& turns) {
  constexpr std::int64_t most_cpus = 4;
  if (turns.cpus < 2 || turns.cpus > most_cpus) return fmt::format("must be 2 to {}", most_cpus);
  const auto is_one = [&](const std::optional<std::uint32_t>& cpu) { return cpu.value_or(0) < turns.cpus; };
  return is_one(turns.interrupt_cpu) && is_one(turns.thread_cpu)
             ? ""
             : "must be more than the numbers of its CPUs";
}

std::string slice_complaint(const HuntedTurns& turns) { return turns.slice_ns > 0 ? "" : "must be above 0"; }

std::string worst_complaint(const HuntedCell& cell) {
  if (cell.worst.empty()) return cell.kernel_failures.empty() ? "is empty" : "";
  const bool falls = std::ranges::is_sorted(cell.worst, std::greater(), &HuntedStimulus::latency_ns);
  return falls ? "" : "must fall";
}

}  // namespace

static constexpr auto fields_of(const HuntedLockWait*) {
  return std::tuple(field("waiter", &HuntedLockWait::waiter), field("wait_ns", &HuntedLockWait::wait_ns),
                    field("usual_ns", &HuntedLockWait::usual_ns), field("lock", &HuntedLockWait::lock),
                    field("holder", &HuntedLockWait::holder),
                    field("holder_pid", &HuntedLockWait::holder_pid), field("taken", &HuntedLockWait::taken));
}

static constexpr auto fields_of(const HuntedStimulus*) {
  return std::tuple(
      field("seed", &HuntedStimulus::seed), field("shots_ns", &HuntedStimulus::shots_ns),
      field("stimulus_ns", &HuntedStimulus::stimulus_ns), field("answered", &HuntedStimulus::answered),
      field("latency_ns", &HuntedStimulus::latency_ns), field("exact", &HuntedStimulus::exact),
      field("section", &HuntedStimulus::section), field("opened", &HuntedStimulus::opened),
      field("closed", &HuntedStimulus::closed), field("section_ns", &HuntedStimulus::section_ns),
      field("passed_ns", &HuntedStimulus::passed_ns), sparse("lock_waits", &HuntedStimulus::lock_waits),
      constraint("shots_ns", shots_complaint), constraint("lock_waits", locks_complaint));
}

static constexpr auto fields_of(const HuntedFailure*) {
  return std::tuple(field("what", &HuntedFailure::what), field("seed", &HuntedFailure::seed),
                    field("shots_ns", &HuntedFailure::shots_ns), field("repeated", &HuntedFailure::repeated),
                    field("console", &HuntedFailure::console),
                    field("console_sha256", &HuntedFailure::console_sha256),
                    constraint("shots_ns", failed_shots_complaint), constraint("console", console_complaint));
}

static constexpr auto fields_of(const RandomStimuli*) {
  return std::tuple(field("count", &RandomStimuli::count), field("max_ns", &RandomStimuli::max_ns),
                    field("host_s", &RandomStimuli::host_s, NotNegative()));
}

static constexpr auto fields_of(const HuntedTurns*) {
  return std::tuple(field("cpus", &HuntedTurns::cpus), field("slice_ns", &HuntedTurns::slice_ns),
                    sparse("interrupt_cpu", &HuntedTurns::interrupt_cpu),
                    sparse("thread_cpu", &HuntedTurns::thread_cpu), constraint("cpus", cpus_complaint),
                    constraint("slice_ns", slice_complaint));
}

static constexpr auto fields_of(const HuntedCell*) {
  return std::tuple(
      field("cell", &HuntedCell::cell), field("kernel", &HuntedCell::kernel),
      field("load", &HuntedCell::load), field("samples_sha256", &HuntedCell::samples_sha256),
      sparse("turns", &HuntedCell::turns), field("budget_s", &HuntedCell::budget_s, NotNegative()),
      field("host_s", &HuntedCell::host_s, NotNegative()), field("runs", &HuntedCell::runs),
      sparse("next_seed", &HuntedCell::next_seed), field("stimuli", &HuntedCell::stimuli),
      field("unanswered", &HuntedCell::unanswered), field("not_sent", &HuntedCell::not_sent),
      field("random", &HuntedCell::random), field("worst", &HuntedCell::worst),
      sparse("kernel_failures", &HuntedCell::kernel_failures), constraint("worst", worst_complaint));
}

struct HuntRecord {
  std::vector<HuntedCell> cells;
};

namespace {

std::string time_base_of(const HuntRecord&) { return "virtual"; }

}  // namespace

static constexpr auto fields_of(const HuntRecord*) {
  return std::tuple(derived("time_base", &time_base_of, "must be virtual"),
                    field("cells", &HuntRecord::cells));
}

void keep_worst(HuntedStimulus stimulus, std::vector<HuntedStimulus>* worst) {
  const bool known = std::ranges::any_of(*worst, [&](const HuntedStimulus& each) {
    return each.seed == stimulus.seed && each.shots_ns == stimulus.shots_ns;
  });
  if (known) return;
  worst->insert(
      std::ranges::upper_bound(*worst, stimulus.latency_ns, std::greater(), &HuntedStimulus::latency_ns),
      std::move(stimulus));
  if (worst->size() > hunted_kept) worst->pop_back();
}

void keep_failure(HuntedFailure failure, std::vector<HuntedFailure>* failures) {
  const auto known = std::ranges::find_if(*failures, [&](const HuntedFailure& each) {
    return each.seed == failure.seed && each.shots_ns == failure.shots_ns;
  });
  if (known == failures->end()) return failures->push_back(std::move(failure));
  *known = std::move(failure);
}

std::vector<HuntedCell> with_hunt(std::vector<HuntedCell> earlier, HuntedCell later) {
  const auto before = std::ranges::find(earlier, later.cell, &HuntedCell::cell);
  if (before == earlier.end()) {
    earlier.push_back(std::move(later));
    return earlier;
  }
  if (before->samples_sha256 == later.samples_sha256) {
    later.budget_s += before->budget_s;
    later.host_s += before->host_s;
    later.runs += before->runs;
    later.stimuli += before->stimuli;
    later.unanswered += before->unanswered;
    later.not_sent += before->not_sent;
    if (later.next_seed == 0) later.next_seed = before->next_seed;
    if (!later.turns.interrupt_cpu) later.turns.interrupt_cpu = before->turns.interrupt_cpu;
    if (!later.turns.thread_cpu) later.turns.thread_cpu = before->turns.thread_cpu;
    for (HuntedStimulus& each : before->worst) keep_worst(std::move(each), &later.worst);
    for (HuntedFailure& each : later.kernel_failures) keep_failure(std::move(each), &before->kernel_failures);
    later.kernel_failures = std::move(before->kernel_failures);
  }
  *before = std::move(later);
  return earlier;
}

std::optional<std::int64_t> largest_hunted_ns(const std::vector<HuntedCell>& cells) {
  std::optional<std::int64_t> largest;
  for (const HuntedCell& cell : cells) {
    if (cell.unanswered > 0) return std::nullopt;
    if (!cell.worst.empty()) largest = std::max(largest.value_or(0), cell.worst.front().latency_ns);
  }
  return largest;
}

std::string to_json(const std::vector<HuntedCell>& cells) {
  Json document = {{"format", 1}};
  document.update(write_object<Json>(HuntRecord{cells}));
  return with_seal(document.dump(2, ' ', false, Json::error_handler_t::replace));
}

Result<std::vector<HuntedCell>> parse_hunt(std::string_view text, const std::string& name) {
  JsonReader::Rules rules = JsonReader::file();
  rules.next_step = hunt_again;
  TRY(fields, JsonReader::parse(text, name, rules));
  HuntRecord hunt;
  TRY_STATUS(read_object(std::move(fields), &hunt));
  TRY_STATUS(check_seal(text, name, hunt_again));
  return std::move(hunt.cells);
}

Result<std::optional<std::vector<HuntedCell>>> read_hunt(const std::filesystem::path& run_folder) {
  const std::filesystem::path path = run_folder / hunt_file;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::optional<std::vector<HuntedCell>>();
  TRY(text, read_file(path, ErrorKind::data));
  TRY(cells, parse_hunt(text, path.string()));
  return std::optional(std::move(cells));
}

Result<std::vector<HuntedCell>> add_to_hunt_file(const std::filesystem::path& run_folder, HuntedCell later,
                                                 const Notify& notify) {
  // Not the run's own folder, which a run holds for as long as it measures.
  TRY(lock, FileLock::wait_for_folder(run_folder / "cells", {lock_limit, lock_quiet, notify}));
  auto earlier = read_hunt(run_folder);
  if (!earlier) notify("an earlier hunt is lost: " + earlier.error().what);
  std::vector<HuntedCell> all;
  if (earlier && *earlier) all = **std::move(earlier);
  all = with_hunt(std::move(all), std::move(later));
  TRY_STATUS(write_file_atomically(run_folder / hunt_file, to_json(all)));
  return all;
}

}  // namespace loopgate
