#include "explain/marked_programs.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>

#include "programs/measuring/measuring_program.h"

namespace loopgate {
namespace {

constexpr std::size_t task_name_max = 15;  // TASK_COMM_LEN, without its end
constexpr double iterations_max = 1e15;    // below 2^53: whole numbers are exact

// As the kernel names a task after its program.
std::string task_name_of(const ProgramRecord& program) {
  if (program.argv.empty()) return {};
  const std::string& path = program.argv.front();
  return path.substr(path.rfind('/') + 1).substr(0, task_name_max);
}

// One that found that the target lacks something ended before its marks.
bool ran(const ProgramRecord& program) {
  return program.began_ns && program.ended_ns && program.result.verdict != ProgramVerdict::not_applicable;
}

// Windows are of the machine's clock, programs of the guest's, which began later: by the same time for all.
bool fit_in_time(const std::vector<const ProgramRecord*>& programs,
                 const std::vector<const PathWindow*>& windows) {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < programs.size(); ++i) {
    least = std::max(least, windows[i]->end_ns - programs[i]->ended_ns.value_or(0));
    most = std::min(most, windows[i]->begin_ns - programs[i]->began_ns.value_or(0));
  }
  return least <= most;
}

tl::unexpected<Error> has_no_marks(const ProgramRecord& program) {
  return fail(
      ErrorKind::usage,
      fmt::format("{} has no marks around what it measures, so its path can't be counted", program.name),
      "a program of ours marks it by target/path_marks.h, as those of suites/primitives do");
}

Status check_finished(const ProgramRecord& program, const PathWindow& window) {
  if (window.finished) return {};
  return fail(ErrorKind::usage,
              fmt::format("{} did not come from its begin mark to its end mark", program.name),
              "see what it left in programs/" + program.name + ".json");
}

}  // namespace

Result<const PathWindow*> window_of(const std::vector<ProgramRecord>& programs, std::size_t wanted,
                                    const std::vector<PathWindow>& windows) {
  const ProgramRecord& program = programs.at(wanted);
  const std::string task = task_name_of(program);
  std::vector<const PathWindow*> theirs;
  for (const PathWindow& window : windows)
    if (window.task.name == task) theirs.push_back(&window);
  std::vector<const ProgramRecord*> alike;  // the same program, with other arguments
  for (const ProgramRecord& each : programs)
    if (ran(each) && task_name_of(each) == task) alike.push_back(&each);
  const auto found = std::ranges::find(alike, &program);
  if (theirs.empty() || found == alike.end()) return has_no_marks(program);
  if (theirs.size() != alike.size() || !fit_in_time(alike, theirs))
    return fail(
        ErrorKind::data,
        fmt::format("{} ran {} times and went through its marks {} times: which path is {}'s is not sure",
                    task, alike.size(), theirs.size(), program.name),
        "measure it alone, by --program");
  const PathWindow* window = theirs[static_cast<std::size_t>(found - alike.begin())];
  TRY_STATUS(check_finished(program, *window));
  return window;
}

Result<std::uint64_t> iterations_of(const ProgramRecord& program) {
  const MeasuringProgram* adapter = find_measuring_program(program.adapter);
  if (adapter == nullptr || !adapter->form().marks_path) return has_no_marks(program);
  const auto& figures = program.result.figures;
  const auto found = std::ranges::find(figures, "iterations", &ProgramFigure::name);
  if (found != figures.end() && found->value >= 1 && found->value <= iterations_max)
    return static_cast<std::uint64_t>(found->value);
  if (!program.result.reason.empty())
    return fail(ErrorKind::usage, fmt::format("{} is {}: {}", program.name, name_of(program.result.verdict),
                                              program.result.reason));
  return fail(ErrorKind::usage, program.name + " does not say how many iterations it made");
}

Result<PathFigure> figure_of(const ProgramRecord& program) {
  const auto& figures = program.result.figures;
  const auto found = std::ranges::find(figures, "mean", &ProgramFigure::name);
  if (found == figures.end() || !program.result.histogram)
    return fail(ErrorKind::data, program.name + " left no mean that its path could be held against",
                "measure it again: its adapter tells a mean and a histogram");
  return PathFigure{found->value, program.result.histogram->resolution_ns};
}

}  // namespace loopgate
