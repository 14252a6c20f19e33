#include "explain/path_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "base/text.h"

namespace loopgate {
namespace {

constexpr std::size_t functions_shown = 10;
constexpr std::size_t functions_said = 3;
constexpr std::size_t tasks_shown = 5;
constexpr int path_name_width = 42;
constexpr int path_column_width = 20;

// In tenths, so that what is printed is what is compared with 0.
std::int64_t tenths(double value) { return std::llround(value * 10); }

// 3120.5 -> "3,120.5", 90 -> "90"
std::string number(double value) {
  const std::int64_t rounded = std::abs(tenths(value));
  std::string text = with_thousands(static_cast<std::uint64_t>(rounded / 10));
  if (rounded % 10 != 0) text += fmt::format(".{}", rounded % 10);
  return text;
}

std::string signed_number(double value) {
  return (tenths(value) > 0 ? "+" : tenths(value) < 0 ? "-" : "") + number(value);
}

// By its kernel, where that tells the two apart.
std::string name_of(const PathLength& length, const PathExplanation& explanation) {
  const bool other_kernel = !explanation.against || explanation.against->kernel != explanation.here.kernel;
  return other_kernel && explanation.here.kernel != length.cell ? length.kernel : length.cell;
}

std::string row(const std::string& name, double here, std::optional<double> there) {
  std::string text = fmt::format("  {:<{}}{:>{}}", name, path_name_width, number(here), path_column_width);
  if (there)
    text += fmt::format("{:>{}}{:>{}}", number(*there), path_column_width, signed_number(here - *there),
                        path_column_width);
  return text + "\n";
}

std::string heads(const PathExplanation& explanation) {
  std::string text =
      fmt::format("  {:<{}}{:>{}}", "", path_name_width, explanation.here.cell, path_column_width);
  if (explanation.against)
    text += fmt::format("{:>{}}{:>{}}", explanation.against->cell, path_column_width, "difference",
                        path_column_width);
  return text + "\n";
}

// Rows of both paths, per iteration.
class Rows {
 public:
  explicit Rows(const PathExplanation& explanation) : explanation_(explanation) {}

  std::string of(const std::string& name, double here, double there) const {
    return row(name, here, explanation_.against ? std::optional(there) : std::nullopt);
  }
  // `take` gives a sum over a path.
  template <class Take>
  std::string of(const std::string& name, const Take& take) const {
    return of(name, each(explanation_.here, take),
              explanation_.against ? each(*explanation_.against, take) : 0);
  }

 private:
  template <class Take>
  static double each(const PathLength& length, const Take& take) {
    return length.each(static_cast<double>(take(length)));
  }

  const PathExplanation& explanation_;
};

std::string functions_table(const PathExplanation& explanation, const Rows& rows) {
  const auto all = path_differences(explanation.here, explanation.against ? &*explanation.against : nullptr);
  std::string text = explanation.against ? "\n  functions, largest difference first\n"
                                         : "\n  functions, most instructions first\n";
  const std::size_t shown = std::min(all.size(), functions_shown);
  double rest_here = explanation.here.instructions_each();
  double rest_there = explanation.against ? explanation.against->instructions_each() : 0;
  for (std::size_t i = 0; i < shown; ++i) {
    text += rows.of(all[i].function, all[i].here, all[i].there);
    rest_here -= all[i].here;
    rest_there -= all[i].there;
  }
  if (all.size() > shown)
    text += rows.of(fmt::format("the other {} functions", all.size() - shown), rest_here, rest_there);
  return text +
         rows.of("instructions, their sum", [](const PathLength& length) { return length.instructions; });
}

// Those with the most instructions in either path, and all others in one row.
std::string other_tasks(const PathExplanation& explanation, const Rows& rows) {
  std::map<std::string, std::uint64_t> either;
  const auto add = [&](const PathLength& length) {
    for (const auto& [task, count] : length.shares.of_other_tasks) either[task] += count;
  };
  add(explanation.here);
  if (explanation.against) add(*explanation.against);
  std::vector<std::pair<std::string, std::uint64_t>> sorted(either.begin(), either.end());
  std::ranges::stable_sort(sorted, std::ranges::greater(), [](const auto& each) { return each.second; });
  std::string text;
  const auto count_of = [](const PathLength& length, const std::string& task) {
    const auto found = length.shares.of_other_tasks.find(task);
    return found == length.shares.of_other_tasks.end() ? 0 : found->second;
  };
  const std::size_t shown = std::min(sorted.size(), tasks_shown);
  for (std::size_t i = 0; i < shown; ++i)
    text += rows.of("another task: " + sorted[i].first,
                    [&](const PathLength& length) { return count_of(length, sorted[i].first); });
  if (sorted.size() == shown) return text;
  return text + rows.of(fmt::format("{} more tasks", sorted.size() - shown), [&](const PathLength& length) {
    std::uint64_t sum = 0;
    for (std::size_t i = shown; i < sorted.size(); ++i) sum += count_of(length, sorted[i].first);
    return sum;
  });
}

std::string shares_table(const PathExplanation& explanation, const Rows& rows) {
  const std::string& program = explanation.program;
  return "\n  whose they are\n" +
         rows.of(program + ", in user space",
                 [](const PathLength& length) { return length.shares.in_user_space; }) +
         rows.of(program + ", in the kernel",
                 [](const PathLength& length) { return length.shares.in_kernel; }) +
         rows.of("interrupts", [](const PathLength& length) { return length.shares.in_interrupts; }) +
         other_tasks(explanation, rows) +
         rows.of("the idle task", [](const PathLength& length) { return length.shares.of_idle_task; }) +
         rows.of("besides, ns without an instruction",
                 [](const PathLength& length) { return length.idle_ns; });
}

// What the program says of itself beside what was counted, and what it did between its timed parts.
std::string figure_table(const PathExplanation& explanation, const Rows& rows) {
  const PathLength& here = explanation.here;
  const PathLength none;
  const PathLength& there = explanation.against ? *explanation.against : none;
  std::string text = "\n  the program's own figure\n" +
                     rows.of("mean, ns an iteration", here.figure.mean_ns, there.figure.mean_ns);
  if (here.timed_parts == 0) return text;
  text += rows.of("prepares and cleans up, not in the figure",
                  [](const PathLength& length) { return length.outside_instructions; });
  if (here.outside_idle_ns != 0 || there.outside_idle_ns != 0)
    text += rows.of("there, ns without an instruction",
                    [](const PathLength& length) { return length.outside_idle_ns; });
  return text;
}

// Finer than a tenth: what whole iterations have more is one instruction in all of them.
std::string fine_number(double value) { return fmt::format("{:.12g}", std::round(value * 1e4) / 1e4); }

std::string figure_line(const PathLength& length) {
  const double more = length.figure_more_ns();
  const std::string apart =
      fmt::format("{} ns an iteration {}", fine_number(std::abs(more)), more < 0 ? "less" : "more");
  const std::string mark = fine_number(length.marks_ns());
  const std::string steps = with_thousands(static_cast<std::uint64_t>(length.figure.clock_step_ns));
  if (length.figure_agrees())
    return fmt::format(
        "  {}: the figure is what was counted, and {}: {} more for its mark, the rest by its clock's steps "
        "of {} ns",
        length.cell, apart, mark, steps);
  return fmt::format(
      "  {}: the figure is NOT what was counted, but {}: its mark makes {}, and its clock has steps of {} "
      "ns\n"
      "  -> an interrupt between a mark and its clock does that: measure with more iterations",
      length.cell, apart, mark, steps);
}

std::string figure_lines(const PathExplanation& explanation) {
  std::string text = "\n" + figure_line(explanation.here);
  if (explanation.against) text += "\n" + figure_line(*explanation.against);
  return text;
}

std::string iterations_line(const PathExplanation& explanation) {
  const auto of = [](const PathLength& length) {
    return fmt::format("{} iterations in {} ns of virtual time", with_thousands(length.iterations),
                       with_thousands(static_cast<std::uint64_t>(length.window_ns)));
  };
  std::string text =
      "\n  Instructions an iteration, 1 ns each, whoever executed them, in what the program times and no "
      "more:\n  " +
      explanation.here.cell + " made " + of(explanation.here);
  if (explanation.against) text += ", " + explanation.against->cell + " " + of(*explanation.against);
  return text + ".\n  Caches, TLBs and mitigations of a real CPU are not in it." + figure_lines(explanation);
}

// Nothing where it is as long as what was counted.
std::string other_figure(const PathLength& length) {
  if (length.figure_agrees()) return {};
  return fmt::format("; NOT the figure of {}, which is {} ns an iteration", length.cell,
                     number(length.figure.mean_ns));
}

}  // namespace

std::string path_sentence(const PathExplanation& explanation) {
  const PathLength& here = explanation.here;
  const PathLength* there = explanation.against ? &*explanation.against : nullptr;
  std::string text = fmt::format("{}: {} {} instructions an iteration", explanation.program,
                                 name_of(here, explanation), number(here.instructions_each()));
  if (there != nullptr)
    text += fmt::format(", {} {}: {}", name_of(*there, explanation), number(there->instructions_each()),
                        signed_number(here.instructions_each() - there->instructions_each()));
  std::vector<std::string> said;
  for (const PathDifference& each : path_differences(here, there)) {
    if (said.size() == functions_said || tenths(each.more()) == 0) break;
    said.push_back(each.function + " " + (there != nullptr ? signed_number(each.more()) : number(each.here)));
  }
  if (!said.empty()) text += fmt::format(", of which {}", fmt::join(said, ", "));
  if (here.idle_ns != 0 || (there != nullptr && there->idle_ns != 0)) {
    text += fmt::format("; besides {} ns idle", number(here.idle_ns_each()));
    if (there != nullptr) text += fmt::format(" and {}", number(there->idle_ns_each()));
  }
  return text + other_figure(here) + (there != nullptr ? other_figure(*there) : "");
}

std::string to_text(const PathExplanation& explanation) {
  const Rows rows(explanation);
  return path_sentence(explanation) + "\n\n" + heads(explanation) + functions_table(explanation, rows) +
         shares_table(explanation, rows) + figure_table(explanation, rows) + iterations_line(explanation);
}

}  // namespace loopgate
