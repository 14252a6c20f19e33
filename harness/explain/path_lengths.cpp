#include "explain/path_lengths.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace loopgate {
namespace {

constexpr std::uint64_t user_space = 0;

// What the tasks of the program's process do is the program's, and what those of its name do: its children.
bool is_of_program(const TraceTask& task, const TraceTask& program) {
  return task.process == program.process || std::string_view(task.name) == program.name;
}

std::string name_of(const TracedPathPart& part, const TracedPathPart::Count& count, Symbols* symbols) {
  if (count.address == user_space) return fmt::format("user space of {}", part.task.name);
  return std::string(name_in_source(symbols->names()[symbols->function_at(count.address)]));
}

std::uint64_t& share_of(const TracedPathPart& part, const TracedPathPart::Count& count,
                        const TraceTask& program, PathShares* shares) {
  if (part.interrupt) return shares->in_interrupts;
  if (part.task.pid == 0) return shares->of_idle_task;
  if (!is_of_program(part.task, program)) return shares->of_other_tasks[part.task.name];
  return count.address == user_space ? shares->in_user_space : shares->in_kernel;
}

constexpr const char* mark_as_we_do =
    "the marks stand in the program as suites/primitives/timed.h has them: once around each iteration's part";

Status check_parts(const PathWindow& window, std::uint64_t iterations) {
  if (window.misplaced_marks != 0)
    return fail(ErrorKind::data,
                fmt::format("in the path {} marks of timed parts are out of place: a part began within "
                            "another, ended before it had begun, or was to begin at no time",
                            window.misplaced_marks),
                mark_as_we_do);
  if (window.timed_parts == 0 || window.timed_parts == iterations) return {};
  return fail(ErrorKind::data,
              fmt::format("the path has {} timed parts, and the program says {} iterations",
                          window.timed_parts, iterations),
              mark_as_we_do);
}

}  // namespace

std::string_view name_in_source(std::string_view function) {
  constexpr std::array<std::string_view, 5> added = {".isra.", ".constprop.", ".part.", ".cold", ".llvm."};
  std::size_t end = function.size();
  for (const std::string_view ending : added) end = std::min(end, function.find(ending));
  return end == 0 ? function : function.substr(0, end);
}

bool PathLength::figure_agrees() const {
  constexpr double rounding = 1e-9;  // of a mean that Google Benchmark had in seconds and prints in ns
  const auto step_ns = static_cast<double>(figure.clock_step_ns);
  const double steps_ns = timed_parts != 0 ? step_ns : each(step_ns);
  return std::abs(figure_more_ns() - marks_ns()) <= steps_ns + rounding * figure.mean_ns;
}

Result<PathLength> path_length(const PathWindow& window, std::uint64_t iterations, Symbols* symbols) {
  if (window.unknown_ns != 0)
    return fail(ErrorKind::data,
                fmt::format("in the path {} ns passed without an instruction while the CPU did not wait",
                            window.unknown_ns));
  TRY_STATUS(check_parts(window, iterations));
  PathLength length;
  length.iterations = iterations;
  length.timed_parts = window.timed_parts;
  length.outside_instructions = window.outside_instructions;
  length.outside_idle_ns = window.outside_idle_ns;
  length.window_ns = window.end_ns - window.begin_ns -
                     static_cast<std::int64_t>(window.outside_instructions) - window.outside_idle_ns;
  length.idle_ns = window.idle_ns;
  for (const TracedPathPart& part : window.parts) {
    for (const TracedPathPart::Count& count : part.counts) {
      length.instructions += count.instructions;
      length.functions[name_of(part, count, symbols)] += count.instructions;
      share_of(part, count, window.task, &length.shares) += count.instructions;
    }
  }
  return length;
}

std::vector<PathDifference> path_differences(const PathLength& here, const PathLength* there) {
  std::map<std::string, PathDifference> by_name;
  for (const auto& [name, count] : here.functions) by_name[name].here = here.each(static_cast<double>(count));
  if (there != nullptr) {
    for (const auto& [name, count] : there->functions)
      by_name[name].there = there->each(static_cast<double>(count));
  }
  std::vector<PathDifference> sorted;
  for (auto& [name, difference] : by_name) {
    difference.function = name;
    sorted.push_back(std::move(difference));
  }
  std::ranges::stable_sort(sorted, std::ranges::greater(),
                           [](const PathDifference& each) { return std::abs(each.more()); });
  return sorted;
}

}  // namespace loopgate
