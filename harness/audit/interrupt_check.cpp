// interrupts = { away_from = PARAMETER, except, except_of = PARAMETER }: no interrupt with a handler is
// routed to those CPUs, except those whose line in /proc/interrupts matches `except`, and the devices' of
// `except_of`.
#include <map>

#include "audit/check.h"
#include "audit/counters.h"
#include "audit/text_parts.h"

namespace loopgate {
namespace {

constexpr const char* interrupts_file = "/proc/interrupts";
constexpr const char* allowed_files = "/proc/irq/[0-9]*/smp_affinity_list";
constexpr const char* effective_files = "/proc/irq/[0-9]*/effective_affinity_list";

// By the interrupt's number. The effective affinity is read after the allowed one and replaces it where it is
// reported.
bool gather(const Reading& reading, bool must_tell, std::map<std::string, CpuSet>* cpus) {
  for (const Fact& fact : reading.facts) {
    if (!fact.text && !must_tell) continue;
    const auto parts = split(fact.path, '/');
    const auto list = fact.text ? parse_cpu_list(*fact.text) : std::nullopt;
    if (parts.size() < 4 || !list) return false;
    if (!list->empty()) (*cpus)[std::string(parts[3])] = *list;
  }
  return true;
}

struct InterruptCheck {
  std::string away_from;
  std::vector<std::string> except;
  std::string except_of;
};

CheckOutcome look(const InterruptCheck& check, const Facts& facts, const Parameters& parameters) {
  const CpuSet* measured = parameters.cpus(check.away_from);
  if (measured == nullptr) return not_given(check.away_from);
  const Reading& rows = reading_of(facts.first, interrupts_file);
  if (rows.facts.empty() || !rows.facts[0].text)
    return {Judgement::unknown, missing_reason(rows, interrupts_file)};
  const Reading& affinities = reading_of(facts.first, allowed_files);
  if (affinities.facts.empty()) return {Judgement::unknown, missing_reason(affinities, "/proc/irq")};
  const Counters counters = parse_counter_table(*rows.facts[0].text);
  std::map<std::string, CpuSet> cpus;
  if (!counters || !gather(affinities, true, &cpus) ||
      !gather(reading_of(facts.first, effective_files), false, &cpus))
    return {Judgement::unknown, "cannot parse /proc/interrupts or /proc/irq"};
  std::map<std::string, std::string> routed;  // by number, which is unique
  for (const Counter& counter : *counters) {
    const auto found = cpus.find(counter.name);
    if (found == cpus.end() || matches_any(check.except, counter.about)) continue;
    if (is_of_device(parameters.names(check.except_of), counter.about)) continue;
    if (!common(found->second, *measured).empty())
      routed[counter.name] =
          fmt::format("{} {}", counter.name, counter.about.substr(counter.about.rfind(' ') + 1));
  }
  if (routed.empty()) return {Judgement::good, fmt::format("0 of {}", cpus.size())};
  std::vector<std::string> names;
  for (const auto& [number, name] : routed) names.push_back(name);
  return {Judgement::attention, listed(names)};
}

}  // namespace

Result<RuleCheck> read_interrupt_check(const TomlTable& toml) {
  TomlReader reader(toml);
  InterruptCheck check;
  reader.required("away_from", &check.away_from);
  reader.optional("except", &check.except);
  reader.optional("except_of", &check.except_of);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  std::map<std::string, ParameterKind> used = {{check.away_from, ParameterKind::cpus}};
  if (!check.except_of.empty()) used[check.except_of] = ParameterKind::names;
  return RuleCheck{
      "/proc/interrupts, /proc/irq/*/effective_affinity_list", used,
      [](FactRequest* request) {
        for (const char* glob : {interrupts_file, allowed_files, effective_files})
          request->files.try_emplace(glob, false);
      },
      [check](const Facts& facts, const Parameters& given) { return look(check, facts, given); }};
}

}  // namespace loopgate
