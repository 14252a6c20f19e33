#include "gate/kcidb.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/json.h"
#include "base/utc_time.h"
#include "gate/comparison_table.h"
#include "gate/kcidb_builds.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t excerpt_max = 4'096;  // bytes; log_excerpt ends at 16,384, and what is mended grows

struct Report {
  const Verdict& verdict;
  const Comparison& comparison;
  const RunRecord& run;
  const std::string& origin;
  std::string of_all;  // tests of other runs, machines and judgements have other ids
};

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// A part of a path: "above 50 us" is above_50_us, and nothing is none.
std::string node(std::string text) {
  std::ranges::replace_if(text, [](char c) { return !is_word(c); }, '_');
  return text.empty() ? text : "." + text;
}

std::string path_of(const Report& report, const std::string& load) {
  const bool several = report.comparison.has_programs_alone() && report.comparison.programs.size() > 1;
  return "loopgate" + node(name_of(report.comparison.time_base)) +
         node(several ? "programs" : report.comparison.self_measured_by) +
         node(report.comparison.suite.name) + node(load);
}

bool never_ran(const GroupEvidence* group) {
  return group != nullptr && group->replicates.empty() && !group->invalid.empty() &&
         std::ranges::all_of(group->invalid,
                             [](const UnmeasuredCell& cell) { return cell.outcome == "missing"; });
}

const char* status_of(VerdictKind verdict, bool nothing_ran) {
  switch (verdict) {
    case VerdictKind::pass:
      return "PASS";
    case VerdictKind::fail:
      return "FAIL";
    case VerdictKind::not_gated:
      return "DONE";
    case VerdictKind::inconclusive:
      return "ERROR";
    case VerdictKind::invalid:
      return nothing_ran ? "MISS" : "ERROR";
  }
  return "ERROR";
}

// Times in seconds, as the schema's examples have them. Only of what was decided.
Json number_of(const Check& check) {
  const bool decided = check.verdict == VerdictKind::pass || check.verdict == VerdictKind::fail;
  if (!decided || !check.seen || !std::isfinite(*check.seen)) return nullptr;
  if (check.unit == "ns") return {{"value", *check.seen / 1e9}, {"unit", "s"}, {"prefix", "metric"}};
  if (check.unit == "stimuli") return {{"value", *check.seen}, {"unit", "stimuli"}};
  if (check.unit == "per_hour") return {{"value", *check.seen}, {"unit", "1/h"}};
  return {{"value", *check.seen}};
}

Json environment_of(const Report& report) {
  const Comparison& comparison = report.comparison;
  return {
      {"comment", fmt::format("board {}, {}", printable(comparison.board.name), time_base_text(comparison))},
      {"misc",
       {{"board", printable(comparison.board.name)},
        {"board_sha256", comparison.board.sha256},
        {"time_base", name_of(comparison.time_base)},
        // On virtual time QEMU is the board.
        {"emulator", comparison.emulator || comparison.time_base == TimeBase::virtual_time}}}};
}

Json test_of(const Report& report, const std::string& kernel, const std::string& load, const std::string& id,
             const std::string& path, const char* status) {
  Json test = {{"id", report.origin + ":" + sha256_of(report.of_all + id).substr(0, 32)},
               {"origin", report.origin},
               {"build_id", kcidb_build_id(report.run, kernel, report.origin)},
               {"path", path},
               {"status", status},
               {"environment", environment_of(report)}};
  const std::string& started = report.run.circumstances.started;
  if (unix_seconds(started)) test["start_time"] = started;
  test["misc"] = {{"kernel", printable(kernel)},
                  {"load", printable(load)},
                  {"policy", printable(report.verdict.policy_title)},
                  {"policy_sha256", report.verdict.policy_sha256},
                  {"loopgate", report.run.loopgate}};
  return test;
}

Json test_of(const Report& report, const GroupVerdict& group) {
  const GroupEvidence* evidence = find_group(report.comparison, group.kernel, group.load);
  Json test = test_of(report, group.kernel, group.load, fmt::format("group {} {}", group.kernel, group.load),
                      path_of(report, group.load), status_of(group.verdict, never_ran(evidence)));
  test["comment"] = fmt::format("{}: kernel {} under load {}", name_of(group.verdict),
                                printable(group.kernel), printable(group.load));
  test["misc"]["verdict"] = name_of(group.verdict);
  return test;
}

// `ordinal`: two checks may demand the same.
Json test_of(const Report& report, const Check& check, std::size_t ordinal) {
  const GroupEvidence* evidence = find_group(report.comparison, check.kernel, check.load);
  const bool left_out = !check.left_out.empty() && check.verdict == VerdictKind::not_gated;
  const std::string path = path_of(report, check.load) + node(check.program) + node(check.rule) +
                           node(check.quantity) + node(check.against);
  Json test = test_of(report, check.kernel, check.load, fmt::format("check {}", ordinal), path,
                      left_out ? "SKIP" : status_of(check.verdict, never_ran(evidence)));
  test["comment"] = printable(fmt::format("{}: {}", name_of(check.verdict), demand_text(check)));
  if (!check.why.empty()) test["log_excerpt"] = printable(check.why.substr(0, excerpt_max));
  if (Json number = number_of(check); !number.is_null()) test["number"] = std::move(number);
  test["misc"]["verdict"] = name_of(check.verdict);
  return test;
}

// Of the run and all that was found of it; where policy and baseline stand is no part of that.
std::string digest_of(const Verdict& verdict, const RunRecord& run) {
  Verdict judged = verdict;
  judged.policy_file.clear();
  if (judged.baseline) judged.baseline = judged.baseline_sha256;
  return sha256_of(to_json(run)) + sha256_of(to_json(judged));
}

}  // namespace

bool is_kcidb_origin(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string to_kcidb(const Verdict& verdict, const Comparison& comparison, const RunRecord& run,
                     const std::string& origin) {
  const Report report{verdict, comparison, run, origin, digest_of(verdict, run)};
  Json tests = Json::array();
  for (const GroupVerdict& group : verdict.groups) tests.push_back(test_of(report, group));
  for (std::size_t i = 0; i < verdict.checks.size(); ++i)
    tests.push_back(test_of(report, verdict.checks[i], i));
  KcidbBuilds kernels = kcidb_builds(run, origin);
  const Json json = {{"version", {{"major", 5}, {"minor", 3}}},
                     {"checkouts", std::move(kernels.checkouts)},
                     {"builds", std::move(kernels.builds)},
                     {"tests", std::move(tests)}};
  return json.dump(2) + "\n";
}

}  // namespace loopgate
