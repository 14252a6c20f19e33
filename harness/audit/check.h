// A rule's check of the facts. Each kind of check has one function that reads its table in the rules file and
// gives two functions: one requests facts, the other judges them.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "audit/cpu_list.h"
#include "audit/facts.h"
#include "base/result.h"
#include "config/toml_table.h"

namespace loopgate {

enum class Judgement {
  good,
  attention,       // it was read and is not as expected
  unknown,         // it could not be read: never treated as good
  not_applicable,  // the rule does not apply to this machine
};

const char* name_of(Judgement judgement);

// The values that rules refer to by name, such as the measured CPUs.
class Parameters {
 public:
  void set(const std::string& name, CpuSet cpus) { cpus_[name] = std::move(cpus); }
  void set(const std::string& name, std::int64_t number) { numbers_[name] = number; }
  void set(const std::string& name, std::vector<std::string> names) { names_[name] = std::move(names); }

  // Null when not given.
  const CpuSet* cpus(const std::string& name) const {
    const auto found = cpus_.find(name);
    return found == cpus_.end() ? nullptr : &found->second;
  }
  const std::int64_t* number(const std::string& name) const {
    const auto found = numbers_.find(name);
    return found == numbers_.end() ? nullptr : &found->second;
  }
  // None when not given: nothing is excepted by them.
  std::vector<std::string> names(const std::string& name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? std::vector<std::string>{} : found->second;
  }

 private:
  std::map<std::string, CpuSet> cpus_;
  std::map<std::string, std::int64_t> numbers_;
  std::map<std::string, std::vector<std::string>> names_;
};

enum class ParameterKind { cpus, number, names };

// "cpus", "number" or "names", as in the rules file.
const char* name_of(ParameterKind kind);

struct CheckOutcome {
  Judgement judgement = Judgement::unknown;
  std::string seen;  // what was read, or why nothing was read
};

inline CheckOutcome not_given(const std::string& parameter) {
  return {Judgement::not_applicable, parameter + " is not given"};
}

struct RuleCheck {
  std::string from;  // the files that it reads, for display
  std::map<std::string, ParameterKind> parameters;
  std::function<void(FactRequest*)> request;
  std::function<CheckOutcome(const Facts&, const Parameters&)> judge;
};

using ReadCheck = Result<RuleCheck> (*)(const TomlTable&);

Result<RuleCheck> read_file_check(const TomlTable& table);
Result<RuleCheck> read_config_check(const TomlTable& table);
Result<RuleCheck> read_argument_check(const TomlTable& table);
Result<RuleCheck> read_thread_check(const TomlTable& table);
Result<RuleCheck> read_rate_check(const TomlTable& table);
Result<RuleCheck> read_log_check(const TomlTable& table);
Result<RuleCheck> read_idle_check(const TomlTable& table);
Result<RuleCheck> read_interrupt_check(const TomlTable& table);

// Helpers of the checks.

// The reading of that name; one that was not requested counts as locked.
const Reading& reading_of(const std::map<std::string, Reading, std::less<>>& facts, std::string_view name);

// Why there is no reading: "/x does not exist", "no permission to read /y".
std::string missing_reason(const Reading& reading, std::string_view name);

// "a, b, c and 9 more": at most `most` of them, then the number of the others.
std::string listed(const std::vector<std::string>& items, std::size_t most = 3);

// A glob in its readable form: cpu* for cpu[0-9]*.
std::string readable(std::string_view glob);

// Whether the text matches one of the shell's patterns.
bool matches_any(const std::vector<std::string>& globs, const std::string& text);

// Whether the text, a thread's name or the end of a row of /proc/interrupts, belongs to one of the devices:
// eth1 names "irq/125-eth1", "PCI-MSI 524288-edge eth1-rx-0" and "IO-APIC 16-fasteoi usb1, eth1", not eth10.
bool is_of_device(const std::vector<std::string>& devices, const std::string& text);

}  // namespace loopgate
