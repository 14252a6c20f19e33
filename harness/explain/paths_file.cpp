#include "explain/paths_file.h"

#include <nlohmann/json.hpp>

#include "explain/path_report.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr int paths_format = 2;  // 1: whole iterations, where a part of each is timed, too

Json whose(const PathShares& shares) {
  return {{"user_space", shares.in_user_space},
          {"kernel", shares.in_kernel},
          {"interrupts", shares.in_interrupts},
          {"other_tasks", shares.of_other_tasks},
          {"idle_task", shares.of_idle_task}};
}

Json figure_json(const PathLength& length) {
  return {{"mean_ns", length.figure.mean_ns},
          {"clock_step_ns", length.figure.clock_step_ns},
          {"more_than_counted_ns", length.figure_more_ns()},
          {"marks_ns", length.marks_ns()},
          {"agrees", length.figure_agrees()}};
}

Json json_of(const PathLength& length, const std::string& programs_sha256) {
  return {{"cell", length.cell},
          {"kernel", length.kernel},
          {"programs_sha256", programs_sha256},
          {"iterations", length.iterations},
          {"window_ns", length.window_ns},
          {"idle_ns", length.idle_ns},
          {"instructions", length.instructions},
          {"whose", whose(length.shares)},
          {"timed_parts", length.timed_parts},
          {"outside_instructions", length.outside_instructions},
          {"outside_idle_ns", length.outside_idle_ns},
          {"figure", figure_json(length)}};
}

std::uint64_t sum_in(const PathLength& length, const std::string& function) {
  const auto found = length.functions.find(function);
  return found == length.functions.end() ? 0 : found->second;
}

Json path_of(const PathExplanation& explanation) {
  const PathLength& here = explanation.here;
  const PathLength* there = explanation.against ? &*explanation.against : nullptr;
  Json functions = Json::array();
  for (const PathDifference& each : path_differences(here, there)) {
    Json function = {{"name", each.function}, {"here", sum_in(here, each.function)}};
    if (there != nullptr) function["against"] = sum_in(*there, each.function);
    functions.push_back(std::move(function));
  }
  return {{"program", explanation.program},
          {"why", path_sentence(explanation)},
          {"here", json_of(here, explanation.programs_sha256)},
          {"against", there != nullptr ? json_of(*there, explanation.against_programs_sha256) : Json()},
          {"functions", std::move(functions)}};
}

Json file_of(Json paths) {
  return {{"format", paths_format}, {"time_base", "virtual"}, {"paths", std::move(paths)}};
}

// What a path is told from others by: its program and its cells.
Json key_of(const std::string& program, const std::string& cell, const std::string& against) {
  return {program, cell, against.empty() ? Json() : Json(against)};
}

Json key_of(const Json& path) {
  const auto at = [&](const char* pointer) { return path.value(Json::json_pointer(pointer), Json()); };
  return {at("/program"), at("/here/cell"), at("/against/cell")};
}

// The paths of an earlier file but for one.
Json others_in(const std::string& earlier, const Json& key) {
  Json kept = Json::array();
  const Json before = Json::parse(earlier, nullptr, false);
  if (!before.is_object() || before.value("format", Json()) != paths_format || !before.contains("paths") ||
      !before["paths"].is_array())
    return kept;
  for (const Json& path : before["paths"])
    if (path.is_object() && key_of(path) != key) kept.push_back(path);
  return kept;
}

}  // namespace

Json to_json(const PathExplanation& explanation) { return file_of(Json::array({path_of(explanation)})); }

Json with_path(const PathExplanation& explanation, const std::string& earlier) {
  Json path = path_of(explanation);
  Json paths = others_in(earlier, key_of(path));
  paths.push_back(std::move(path));
  return file_of(std::move(paths));
}

Json without_path(const PathRequest& request, const std::string& earlier) {
  Json paths = others_in(earlier, key_of(request.program, request.cell, request.against));
  return paths.empty() ? Json() : file_of(std::move(paths));
}

}  // namespace loopgate
