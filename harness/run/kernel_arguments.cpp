#include "run/kernel_arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "audit/cpu_list.h"

namespace loopgate {
namespace {

constexpr const char* isolated_file = "/sys/devices/system/cpu/isolated";
constexpr const char* nohz_full_file = "/sys/devices/system/cpu/nohz_full";
constexpr const char* default_affinity_file = "/proc/irq/default_smp_affinity";
constexpr const char* preempt_file = "/sys/kernel/debug/sched/preempt";
// init/main.c, print_unknown_bootoptions(), since Linux 5.14.
constexpr std::string_view unknown_line = "Unknown kernel command line parameters";
constexpr int first_major = 5, first_minor = 14;
// What the kernel says of a value that it refuses: init/main.c, do_early_param(); kernel/params.c,
// parse_args(); kernel/cpu.c, mitigations_parse_cmdline().
constexpr std::string_view malformed_line = "Malformed early option '";
constexpr std::string_view invalid_line = " for parameter `";
constexpr std::string_view mitigations_line = "Unsupported mitigations=";
// kernel/rcu/tree_nocb.h, rcu_init_nohz().
constexpr std::string_view offloaded_line = "Offload RCU callbacks from CPUs:";

struct Argument {
  std::string text;
  std::string key;    // with every - as _, as the kernel compares it
  std::string value;  // without its quotes
};

std::string with_underscores(std::string key) {
  std::ranges::replace(key, '-', '_');
  return key;
}

std::string without_quotes(std::string text) {
  std::erase(text, '"');
  return text;
}

// What follows "--" is init's.
std::vector<Argument> arguments_in(std::string_view text) {
  std::vector<Argument> all;
  for (const std::string& word : argument_words(text)) {
    if (word == "--") break;
    const std::size_t equals = word.find('=');
    all.push_back({word, with_underscores(without_quotes(word.substr(0, equals))),
                   equals == std::string::npos ? "" : without_quotes(word.substr(equals + 1))});
  }
  return all;
}

// "rcutree.kthread_prio": what a module, built in or not, shows of it; empty for other arguments.
std::string module_file(const Argument& argument) {
  const std::size_t dot = argument.key.find('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == argument.key.size()) return {};
  return "/sys/module/" + argument.key.substr(0, dot) + "/parameters/" + argument.key.substr(dot + 1);
}

const std::string* file_of(const KernelAnswers& answers, const std::string& path) {
  const auto found = answers.files.find(path);
  return found == answers.files.end() ? nullptr : &found->second;
}

// What stands in the line's quotes: "preempt=full foo".
std::vector<std::string> unknown_to(const KernelAnswers& answers) {
  for (const std::string& line : answers.log) {
    if (!line.starts_with(unknown_line)) continue;
    const std::size_t begin = line.find('"');
    const std::size_t end = line.rfind('"');
    if (begin != std::string::npos && end > begin)
      return argument_words(line.substr(begin + 1, end - begin - 1));
  }
  return {};
}

// Whether kernels of this release print the line.
bool tells_unknown(const std::string& release) {
  int major = 0, minor = 0;
  const char* end = release.data() + release.size();
  const auto first = std::from_chars(release.data(), end, major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return false;
  if (std::from_chars(first.ptr + 1, end, minor).ec != std::errc()) return false;
  return major > first_major || (major == first_major && minor >= first_minor);
}

struct Became {
  AskedState state;
  std::string why;
};

// "Malformed early option 'panic'", "Booting kernel: `x' invalid for parameter `rcupdate.rcu_expedited'"
bool refuses(std::string_view line, const Argument& argument) {
  if (argument.key == "mitigations")
    if (const std::size_t at = line.find(mitigations_line); at != std::string_view::npos) {
      const std::string_view value = line.substr(at + mitigations_line.size());
      return value.substr(0, value.find(',')) == argument.value;
    }
  for (const std::string_view before : {malformed_line, invalid_line}) {
    const std::size_t at = line.find(before);
    if (at == std::string_view::npos) continue;
    const std::string_view name = line.substr(at + before.size());
    return with_underscores(std::string(name.substr(0, name.find('\'')))) == argument.key;
  }
  return false;
}

// The line that says that the kernel did not take the argument's value; null where none does.
const std::string* refusal_of(const Argument& argument, const KernelAnswers& answers) {
  const auto found =
      std::ranges::find_if(answers.log, [&](const std::string& line) { return refuses(line, argument); });
  return found == answers.log.end() ? nullptr : &*found;
}

std::string listed(const CpuSet& cpus) { return (cpus.size() == 1 ? "CPU " : "CPUs ") + to_text(cpus); }

// `in_force` as `source` has it.
Became compare_cpus(const std::string& asked, const std::string& in_force, const std::string& source) {
  const auto wanted = parse_cpu_list(asked);
  const auto seen = parse_cpu_list(in_force);
  if (!wanted || !seen) return {AskedState::known, "its list is of a form that is not compared"};
  CpuSet missing;
  std::ranges::set_difference(*wanted, *seen, std::inserter(missing, missing.end()));
  if (missing.empty()) return {AskedState::in_effect, fmt::format("{} has {}", source, to_text(*seen))};
  return {AskedState::not_in_effect,
          fmt::format("{} has {}, which lacks {}", source, to_text(*seen), listed(missing))};
}

Became compare_cpus_in_file(const std::string& asked, const KernelAnswers& answers, const char* path) {
  const std::string* text = file_of(answers, path);
  if (text == nullptr) return {AskedState::not_in_effect, fmt::format("this kernel has no {}", path)};
  return compare_cpus(asked, *text, path);
}

// "nohz,domain,2-3": flags, then the list.
Became judge_isolcpus(const Argument& argument, const KernelAnswers& answers) {
  std::string_view list = argument.value;
  bool flags = false, domain = false;
  for (;;) {
    const std::string_view word = list.substr(0, list.find(','));
    if (word != "nohz" && word != "domain" && word != "managed_irq") break;
    flags = true;
    domain = domain || word == "domain";
    if (word.size() == list.size()) return {AskedState::not_in_effect, "it names no CPU"};
    list.remove_prefix(word.size() + 1);
  }
  if (flags && !domain) return {AskedState::known, "nothing reads these flags back"};
  return compare_cpus_in_file(std::string(list), answers, isolated_file);
}

// The last of them: it is printed again when nohz_full= adds CPUs.
Became judge_rcu_nocbs(const Argument& argument, const KernelAnswers& answers) {
  const auto says = [](const std::string& line) { return line.find(offloaded_line) != std::string::npos; };
  const auto found = std::ranges::find_if(answers.log.rbegin(), answers.log.rend(), says);
  if (found == answers.log.rend())
    return {AskedState::not_in_effect, fmt::format("the kernel's log has no \"{}\"", offloaded_line)};
  std::string list = found->substr(found->find(offloaded_line) + offloaded_line.size());
  std::erase_if(list, [](char c) { return c == ' ' || c == '.'; });
  if (list == "(none)") list.clear();
  return compare_cpus(argument.value.empty() ? list : argument.value, list, "the kernel's log");
}

// The kernel adds the CPU that it booted on (irq_affinity_setup() in kernel/irq/irqdesc.c): another list than
// was asked for is none.
Became judge_irqaffinity(const Argument& argument, const KernelAnswers& answers) {
  const auto wanted = parse_cpu_list(argument.value);
  const std::string* text = file_of(answers, default_affinity_file);
  if (!wanted || text == nullptr)
    return {AskedState::known, fmt::format("{} was not read", default_affinity_file)};
  const auto seen = parse_cpu_mask(*text);
  if (!seen) return {AskedState::known, "its mask is of a form that is not compared"};
  return {*seen == *wanted ? AskedState::in_effect : AskedState::not_in_effect,
          fmt::format("{} has {}", default_affinity_file, to_text(*seen))};
}

// A GPIO line's interrupt has a thread whatever the kernel was told: "irq/21-stimulus".
Became judge_threadirqs(const Report& report) {
  const auto is_irq_thread = [](const ThreadRow& thread) { return thread.name.starts_with("irq/"); };
  const auto is_of_line = [](const ThreadRow& thread) {
    return std::ranges::any_of(std::array{"-stimulus", "-control", "-storm"},
                               [&](const char* name) { return thread.name.ends_with(name); });
  };
  if (std::ranges::none_of(report.threads, is_irq_thread))
    return {AskedState::not_in_effect, "the kernel has no irq thread"};
  const auto threads = std::ranges::count_if(
      report.threads, [&](const ThreadRow& thread) { return is_irq_thread(thread) && !is_of_line(thread); });
  if (threads == 0) return {AskedState::known, "there are no other irq threads than the GPIO lines' own"};
  return {AskedState::in_effect, fmt::format("{} irq threads", threads)};
}

// "none voluntary (full) lazy"
Became judge_preempt(const Argument& argument, const KernelAnswers& answers) {
  const std::string* text = file_of(answers, preempt_file);
  if (text == nullptr) return {AskedState::known, fmt::format("{} cannot be read", preempt_file)};
  const bool on = text->find("(" + argument.value + ")") != std::string::npos;
  return {on ? AskedState::in_effect : AskedState::not_in_effect,
          fmt::format("{} has \"{}\"", preempt_file, *text)};
}

// Y and N are what a bool shows, whatever it was set by.
std::string plain(const std::string& value) {
  if (value == "Y" || value == "y" || value == "on") return "1";
  if (value == "N" || value == "n" || value == "off") return "0";
  return value;
}

Became judge_module(const Argument& argument, const KernelAnswers& answers, const std::string& path) {
  const std::string* text = file_of(answers, path);
  if (text == nullptr) return {AskedState::not_told, fmt::format("there is no {} to read back", path)};
  const std::string asked = argument.text.find('=') == std::string::npos ? "1" : argument.value;
  const bool same = plain(*text) == plain(asked);
  return {same ? AskedState::in_effect : AskedState::known, fmt::format("{} reads back {}", path, *text)};
}

// Of one that the kernel knows.
Became judge_known(const Argument& argument, const Report& report, const KernelAnswers& answers) {
  if (argument.key == "isolcpus") return judge_isolcpus(argument, answers);
  if (argument.key == "nohz_full") return compare_cpus_in_file(argument.value, answers, nohz_full_file);
  if (argument.key == "rcu_nocbs") return judge_rcu_nocbs(argument, answers);
  if (argument.key == "irqaffinity") return judge_irqaffinity(argument, answers);
  if (argument.key == "threadirqs") return judge_threadirqs(report);
  if (argument.key == "preempt") return judge_preempt(argument, answers);
  if (const std::string path = module_file(argument); !path.empty())
    return judge_module(argument, answers, path);
  return {AskedState::known, ""};
}

Became judge(const Argument& argument, const Report& report, const std::vector<std::string>& unknown) {
  const KernelAnswers& answers = *report.kernel.answers;
  const auto same = [&](const std::string& word) {
    return without_quotes(word) == without_quotes(argument.text);
  };
  if (std::ranges::any_of(unknown, same))
    return {AskedState::unknown,
            "the kernel does not know it, or not this value, and hands it to user space"};
  if (const std::string* line = refusal_of(argument, answers))
    return {AskedState::not_in_effect, fmt::format("the kernel's log has \"{}\"", *line)};
  const Became known = judge_known(argument, report, answers);
  if (known.state != AskedState::known || !module_file(argument).empty()) return known;
  if (!tells_unknown(report.kernel.release))
    return {AskedState::not_told,
            fmt::format("Linux before {}.{} does not say what it does not know", first_major, first_minor)};
  if (!answers.log_is_whole)
    return {AskedState::not_told, "the beginning of the kernel's log was overwritten"};
  return known;
}

}  // namespace

std::vector<std::string> argument_words(std::string_view text) {
  std::vector<std::string> words;
  bool quoted = false;
  bool inside = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    const bool blank = !quoted && (c == ' ' || c == '\t' || c == '\n');
    if (!blank && !inside) words.emplace_back();
    if (!blank) words.back() += c;
    inside = !blank;
  }
  return words;
}

KernelQuestions questions_on(std::string_view arguments) {
  KernelQuestions questions;
  for (const std::string_view words :
       {unknown_line, offloaded_line, malformed_line, invalid_line, mitigations_line})
    questions.log.emplace_back(words);
  questions.files = {isolated_file, nohz_full_file, preempt_file};
  for (const Argument& argument : arguments_in(arguments)) {
    if (argument.key == "irqaffinity") questions.files.emplace_back(default_affinity_file);
    if (std::string path = module_file(argument); !path.empty()) questions.files.push_back(std::move(path));
  }
  return questions;
}

std::string isolated_by(std::string_view arguments) {
  std::string list;
  for (const Argument& argument : arguments_in(arguments)) {
    if (argument.key != "isolcpus") continue;
    const std::size_t digit = argument.value.find_first_of("0123456789");
    list = digit == std::string::npos ? "" : argument.value.substr(digit);
  }
  return list;
}

std::vector<ArgumentRow> argument_rows(std::string_view arguments, const Report& report) {
  std::vector<ArgumentRow> rows;
  const auto unknown =
      report.kernel.answers ? unknown_to(*report.kernel.answers) : std::vector<std::string>();
  for (const Argument& argument : arguments_in(arguments)) {
    Became became{AskedState::not_told, "the agent did not ask the kernel"};
    if (report.kernel.answers) became = judge(argument, report, unknown);
    rows.push_back({argument.text, became.state, became.why});
  }
  return rows;
}

std::string argument_problem(const std::vector<ArgumentRow>& rows) {
  for (const ArgumentRow& row : rows) {
    if (did_nothing(row.state))
      return fmt::format("the kernel argument {} did nothing: {}", row.argument, row.why);
  }
  return {};
}

}  // namespace loopgate
