#include "run/asked_of_kernel.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "run/command_line.h"
#include "run/kernel_arguments.h"
#include "run/thread_rules.h"

namespace loopgate {
namespace {

constexpr const char* by_kernel = "kernel";
constexpr const char* of_argument = "argument";
constexpr const char* of_option = "option";
constexpr const char* at_the_end = " when measuring was over";
constexpr std::size_t threads_named = 6;

void add_release(const KernelFiles& files, const Report& report, std::vector<AskedFor>* rows) {
  if (files.release.empty()) return;
  const std::string& running = report.kernel.release;
  rows->push_back({by_kernel, "image", "Linux " + files.release,
                   running.empty() ? AskedState::not_told : as_asked(running == files.release), running});
}

// What its sources do not have. Of those that Kconfig took, the build has made sure.
void add_options(const KernelFiles& files, std::vector<AskedFor>* rows) {
  for (const std::string& option : files.build.unknown_options)
    rows->push_back({by_kernel, of_option, option, AskedState::not_in_effect,
                     "no Kconfig file of the sources has such an option"});
}

// Whoever loads them stops the boot at one that cannot be, on the virtual bench and on a board.
void add_modules(const Kernel& kernel, const Report& report, std::vector<AskedFor>* rows) {
  const bool has_booted = !report.kernel.release.empty();
  for (const std::string& module : modules_to_load(kernel.source))
    rows->push_back({by_kernel, "module", module, has_booted ? AskedState::in_effect : AskedState::not_told,
                     has_booted ? "the kernel booted, and it stops at a module that is not loaded" : ""});
}

// The kernel may know an argument that the boot loader dropped.
void add_arguments(const Kernel& kernel, const Report& report, std::vector<AskedFor>* rows) {
  for (const ArgumentRow& row : argument_rows(kernel.arguments, report)) {
    if (dropped_argument(row.argument, report.kernel.command_line).empty()) {
      rows->push_back({by_kernel, of_argument, row.argument, row.state, row.why});
    } else {
      rows->push_back({by_kernel, of_argument, row.argument, AskedState::not_in_effect,
                       "the running kernel's command line does not have it"});
    }
  }
}

// What was seen of it before measuring and when it was over; each is null where it was not looked at.
struct Seen {
  const std::string* before = nullptr;
  bool before_ok = false;
  const std::string* after = nullptr;
  bool after_ok = false;
};

AskedFor row_of(const char* kind, std::string asked, const Seen& seen) {
  AskedFor row{by_kernel, kind, std::move(asked)};
  if (seen.after != nullptr && !seen.after_ok) {
    row.became = AskedState::not_in_effect;
    row.read_back = *seen.after + at_the_end;
  } else if (seen.before != nullptr) {
    row.became = as_asked(seen.before_ok);
    row.read_back = *seen.before;
  }
  return row;
}

const TuningRow* of_file(const std::vector<TuningRow>& rows, const std::string& path) {
  const auto found =
      std::ranges::find_if(rows, [&](const TuningRow& row) { return !row.pid && row.what == path; });
  return found == rows.end() ? nullptr : &*found;
}

void add_files(const Kernel& kernel, const Report& report, std::vector<AskedFor>* rows) {
  for (const FileTuning& file : kernel.files) {
    Seen seen;
    if (const TuningRow* row = of_file(report.tuning, file.path)) {
      seen.before = &row->read_back;
      seen.before_ok = row->ok;
    }
    if (const TuningRow* row = of_file(report.tuning_end, file.path)) {
      seen.after = &row->read_back;
      seen.after_ok = row->ok;
    }
    rows->push_back(row_of("tuning", fmt::format("{} = {}", file.path, file.value), seen));
  }
}

std::string names_of(const std::vector<TuningRow>& threads) {
  std::vector<std::string> names;
  for (const TuningRow& thread : threads) names.push_back(subject_of(thread));
  if (names.size() <= threads_named) return fmt::format("{}", fmt::join(names, ", "));
  names.resize(threads_named);
  return fmt::format("{} and {} more", fmt::join(names, ", "), threads.size() - threads_named);
}

const char* why_missing(const ThreadTuning& rule) {
  if (rule.of_payload) return "no such thread: it comes with a payload";
  return rule.required ? "no such thread" : "no such thread, and none is required";
}

// Of one rule for threads.
AskedFor thread_row(const Kernel& kernel, const ThreadTuning& rule, const Report& report) {
  AskedFor row{by_kernel, "tuning", fmt::format("threads {}: {}", rule.name, wanted_by(rule))};
  const std::vector<TuningRow> before = threads_of(kernel, rule, report.tuning);
  const std::vector<TuningRow> after = threads_of(kernel, rule, report.tuning_end);
  for (const auto& [threads, when] : {std::pair{&before, ""}, std::pair{&after, at_the_end}}) {
    const auto bad = std::ranges::find(*threads, false, &TuningRow::ok);
    if (bad == threads->end()) continue;
    row.became = AskedState::not_in_effect;
    row.read_back = fmt::format("{}: {}{}", subject_of(*bad), bad->read_back, when);
    return row;
  }
  const std::vector<TuningRow>& found = before.empty() ? after : before;
  if (!found.empty()) {
    row.became = AskedState::in_effect;
    row.read_back = names_of(found);
  } else if (report.timing.ready) {
    row.became = AskedState::not_in_effect;
    row.read_back = why_missing(rule);
  }
  return row;
}

const CheckRow* of_check(const std::vector<CheckRow>& rows, const std::string& name) {
  const auto found = std::ranges::find(rows, name, &CheckRow::name);
  return found == rows.end() ? nullptr : &*found;
}

const ConfigCheck* of_check(const std::vector<ConfigCheck>& rows, const std::string& name) {
  const auto found = std::ranges::find(rows, name, &ConfigCheck::name);
  return found == rows.end() ? nullptr : &*found;
}

AskedFor check_row(const KernelCheck& check, const KernelFiles& files, const Report& report) {
  Seen seen;
  const auto note = [](const auto* row, const std::string** text, bool* ok) {
    if (row == nullptr) return;
    *text = &row->seen;
    *ok = row->passed;
  };
  if (check.file.empty()) {
    note(of_check(files.config_checks, check.name), &seen.before, &seen.before_ok);
  } else {
    note(of_check(report.checks, check.name), &seen.before, &seen.before_ok);
    note(of_check(report.checks_end, check.name), &seen.after, &seen.after_ok);
  }
  const std::string where = check.file.empty() ? check.config : check.file;
  const std::string wanted = check.contains.empty() ? "is " + check.equals : "contains " + check.contains;
  return row_of("check", fmt::format("{}: {} {}", check.name, where, wanted), seen);
}

std::string why_unconfirmed(const AskedFor& row) {
  switch (row.became) {
    case AskedState::not_told:
      return "the kernel does not say whether it knows it" +
             (row.read_back.empty() ? "" : ": " + row.read_back);
    case AskedState::known:
      return row.read_back.empty() ? "the kernel knows it, and nothing shows what it did with it"
                                   : "the kernel knows it, and " + row.read_back;
    default:
      return "it did nothing: " + row.read_back;
  }
}

}  // namespace

std::vector<UnconfirmedArgument> unconfirmed_arguments(const std::vector<AskedFor>& rows) {
  std::vector<UnconfirmedArgument> arguments;
  for (const AskedFor& row : rows)
    if (row.by == by_kernel && (row.kind == of_argument || row.kind == of_option) &&
        row.became != AskedState::in_effect)
      arguments.push_back({row.asked, why_unconfirmed(row)});
  return arguments;
}

std::vector<AskedFor> asked_of_kernel(const Kernel& kernel, const KernelFiles& files, const Report& report) {
  std::vector<AskedFor> rows;
  add_release(files, report, &rows);
  add_options(files, &rows);
  add_modules(kernel, report, &rows);
  add_arguments(kernel, report, &rows);
  add_files(kernel, report, &rows);
  for (const ThreadTuning& rule : kernel.threads) rows.push_back(thread_row(kernel, rule, report));
  for (const KernelCheck& check : kernel.checks) rows.push_back(check_row(check, files, report));
  return rows;
}

}  // namespace loopgate
