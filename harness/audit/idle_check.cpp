// idle_states = { max_latency_us }: every idle state with a longer exit latency is disabled, or a program
// prevents it through /dev/cpu_dma_latency.
#include <algorithm>
#include <map>

#include "audit/check.h"
#include "audit/text_parts.h"

namespace loopgate {
namespace {

constexpr const char* states = "/sys/devices/system/cpu/cpu[0-9]*/cpuidle/state[0-9]*/";
const DeviceNumber promise{"/dev/cpu_dma_latency", 4, 0};

struct IdleState {
  std::optional<std::string> name;
  std::optional<std::string> latency;
  std::optional<std::string> disable;
};

void gather(const Facts& facts, const char* file, std::optional<std::string> IdleState::* member,
            std::map<std::string, IdleState>* found) {
  for (const Fact& fact : reading_of(facts.first, std::string(states) + file).facts)
    (*found)[fact.path.substr(0, fact.path.rfind('/'))].*member = fact.text;
}

std::optional<std::int64_t> promised_us(const Facts& facts) {
  const Reading& reading = reading_of(facts.first, promise.name());
  if (reading.facts.empty() || !reading.facts[0].text) return std::nullopt;
  return parse_number<std::int64_t>(trimmed(*reading.facts[0].text));
}

CheckOutcome look(std::int64_t at_most, const Facts& facts) {
  const Reading& reading = reading_of(facts.first, std::string(states) + "latency");
  if (reading.facts.empty()) {
    const bool none = reading.locked.empty();
    return {none ? Judgement::not_applicable : Judgement::unknown,
            none ? "no idle state has an exit latency here" : missing_reason(reading, states)};
  }
  const auto promised = promised_us(facts);
  if (promised && *promised >= 0 && *promised <= at_most)
    return {Judgement::good, fmt::format("/dev/cpu_dma_latency is held at {} us", *promised)};
  std::map<std::string, IdleState> found;
  gather(facts, "latency", &IdleState::latency, &found);
  gather(facts, "disable", &IdleState::disable, &found);
  gather(facts, "name", &IdleState::name, &found);
  std::map<std::string, int> deep;  // the number of CPUs of each
  for (const auto& [path, state] : found) {
    const auto latency = parse_number<std::int64_t>(trimmed(state.latency.value_or("")));
    const std::string disabled(trimmed(state.disable.value_or("")));
    if (!latency || disabled.empty()) return {Judgement::unknown, path + " could not be read"};
    if (*latency > at_most && disabled == "0")
      ++deep[fmt::format("{} ({} us)", trimmed(state.name.value_or("a state")), *latency)];
  }
  std::vector<std::string> enabled;
  for (const auto& [name, cpus] : deep)
    enabled.push_back(fmt::format("{} on {} CPU{}", name, cpus, cpus == 1 ? "" : "s"));
  if (!enabled.empty())
    return {Judgement::attention,
            listed(enabled) + (promised ? "" : "; /dev/cpu_dma_latency could not be read")};
  return {Judgement::good, "no deeper state is enabled"};
}

}  // namespace

Result<RuleCheck> read_idle_check(const TomlTable& table) {
  TomlReader reader(table);
  std::int64_t at_most = 0;
  reader.renamed("latency_us_at_most", "max_latency_us");
  reader.required("max_latency_us", &at_most);
  if (at_most < 0) reader.refuse("max_latency_us", "must not be below 0");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return RuleCheck{std::string("/sys/devices/system/cpu/cpu*/cpuidle/state*/, /dev/cpu_dma_latency"),
                   {},
                   [](FactRequest* request) {
                     for (const char* file : {"latency", "disable", "name"})
                       request->files.try_emplace(std::string(states) + file, false);
                     request->numbers.try_emplace(promise, false);
                   },
                   [at_most](const Facts& facts, const Parameters&) { return look(at_most, facts); }};
}

}  // namespace loopgate
