#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/process.h"
#include "capture/bounds_run.h"
#include "cli/commands.h"
#include "config/catalog.h"
#include "gate/comparison_table.h"
#include "gate/gate_run.h"
#include "gate/verdict_text.h"
#include "record/derived_files.h"
#include "record/run_record.h"
#include "run/next_step.h"

namespace loopgate {
namespace {

using DrawnPages = std::vector<std::vector<std::filesystem::path>>;

struct GateCommand {
  std::string run;
  std::string policy;
  std::string baseline;
  std::string compare_order;
  std::string calibration;
  std::string renamed;                                       // --virtual
  std::vector<std::pair<std::string, std::string>> exports;  // form and file
  std::string kcidb_origin;
};

// What was measured in bounds, of one kernel: a latmon board's, or imported files.
Result<int> gate_measurement(const GateCommand& command, Answer* answer) {
  if (!command.baseline.empty())
    return fail(ErrorKind::usage,
                "a measurement in bounds is held against no baseline: its figures are intervals",
                "leave --baseline out; budgets judge it");
  if (!command.compare_order.empty())
    return fail(ErrorKind::usage, "a measurement in bounds is of one kernel, and has no order to compare",
                "leave --compare-order out");
  if (!command.calibration.empty())
    return fail(ErrorKind::usage,
                "a measurement in bounds is of one kernel's histogram, and is not calibrated",
                "leave --calibration out");
  if (!command.exports.empty())
    return fail(ErrorKind::usage, "a measurement in bounds is not exported: its figures are intervals",
                "leave --export out; verdict.json and junit.xml have the verdict");
  TRY(gated, gate_bounds(command.run, command.policy));
  answer->print("{}\npolicy {}: {}\n", bounds_text(gated.measured, &gated.verdict),
                printable(gated.verdict.policy_file), printable(gated.verdict.policy_title));
  answer->print("{}{}", passed_budgets_text(gated.verdict), problems_text(gated.verdict));
  for (const std::string& remark : gated.verdict.remarks) answer->print("{}\n", printable(remark));
  answer->print("{}\n{}\n",
                "One measurement is judged by its samples: another boot of this kernel is not in it.",
                name_of(gated.verdict.verdict));
  return exit_status(gated.verdict);
}

Result<ExportRequests> exports_of(const GateCommand& command) {
  ExportRequests requests;
  for (const auto& [form, file] : command.exports) {
    const auto* known =
        std::ranges::find(verdict_forms, form, [](const auto& each) { return std::string(each.first); });
    if (known == verdict_forms.end())
      return fail(ErrorKind::usage, fmt::format("--export {}: must be openmetrics or kcidb", form),
                  "name a form, then a file: --export openmetrics latency.om");
    requests.files.push_back({known->second, file});
  }
  if (!command.kcidb_origin.empty()) {
    if (std::ranges::none_of(requests.files,
                             [](const auto& each) { return each.form == VerdictForm::kcidb; }))
      return fail(ErrorKind::usage,
                  "--kcidb-origin names who reports to KCIDB, and nothing is exported for it",
                  "add --export kcidb FILE");
    requests.kcidb_origin = command.kcidb_origin;
  }
  TRY_STATUS(check_exports(requests, command.run,
                           {command.policy, command.baseline, command.compare_order, command.calibration}));
  return requests;
}

Result<int> judge(const GateCommand& command, Answer* answer) {
  if (!command.renamed.empty())
    return fail(ErrorKind::usage, "--virtual is now --compare-order", "give that option instead");
  TRY(exports, exports_of(command));
  if (holds_bounds(command.run)) return gate_measurement(command, answer);
  TRY_STATUS(check_is_run(command.run));
  tell_of_cells_beside(command.run);
  GateRequest request{command.run, command.policy, {}, {}};
  if (!command.baseline.empty()) request.baseline = command.baseline;
  if (!command.compare_order.empty()) request.compare_order = command.compare_order;
  if (!command.calibration.empty()) request.calibration = command.calibration;
  request.exports = std::move(exports);
  request.next_step = [&](const Comparison& comparison) {
    const auto run = read_run_record(command.run);
    return run ? next_step_of(program_name(), *run, command.run, comparison) : std::string();
  };
  TRY(result, gate_run(request));
  for (const std::string& each : lost_in_exports(request.exports, result.comparison))
    tell(stderr, fmt::format("loopgate: not in the export: {}\n", each));
  const Verdict& verdict = result.verdict;
  answer->print("{}", comparison_table(result.comparison, &verdict));
  if (verdict.order) answer->print("\n{}", ranking_text(*verdict.order));
  answer->print("\npolicy {}: {}\n", printable(verdict.policy_file), printable(verdict.policy_title));
  answer->print("{}{}{}", passed_budgets_text(verdict), problems_text(verdict), baseline_text(verdict));
  if (!verdict.guard_band.empty()) answer->print("{}\n", verdict.guard_band);
  if (!verdict.next_step.empty()) answer->print("{}\n", verdict.next_step);
  for (const std::string& remark : verdict.remarks) answer->print("{}\n", printable(remark));
  if (!verdict.error_rates.empty()) answer->print("{}\n", printable(verdict.error_rates));
  answer->print("{}\n", name_of(verdict.verdict));
  return status_with_unreadable(unreadable_cells(result.comparison), exit_status(verdict));
}

// One that another call wrote: who reads it next must not take it for this call's.
void tell_of_earlier_exports(const GateCommand& command) {
  std::error_code ignored;
  for (const auto& [form, file] : command.exports)
    if (std::filesystem::is_regular_file(file, ignored))
      tell(stderr,
           fmt::format("loopgate: {}: is there from before, and not of this call, which judged nothing\n",
                       printable(file)));
}

void tell_of_earlier_verdict(const std::string& run, const Error& error) {
  const bool kept = error.kind == ErrorKind::usage;
  tell(stderr, fmt::format("loopgate: {}: the earlier verdict and its report {}, since this call {}\n",
                           printable(run), kept ? "stay as they were" : "are removed",
                           kept ? "judged nothing" : "came to none"));
}

// From here, where that is shorter than from the root.
std::string shown_path(const std::filesystem::path& path) {
  std::error_code ignored;
  const std::filesystem::path near =
      path.is_absolute() ? path.lexically_proximate(std::filesystem::current_path(ignored)) : path;
  return near.empty() || near.string().starts_with("..") ? path.string() : near.string();
}

// They showed an earlier verdict. A page of a version that did not note its runs has none.
void tell_of_removed_pages(const std::string& run, const DrawnPages& pages) {
  tell(stderr,
       fmt::format("loopgate: {}: the pages that showed the earlier verdict are removed\n", printable(run)));
  for (const auto& runs : pages) {
    std::vector<std::string> argv = {program_name(), "report"};
    for (const auto& each : runs) argv.push_back(shown_path(each));
    if (!runs.empty()) tell(stderr, fmt::format("  -> draw again: {}\n", printable(quoted(argv))));
  }
}

int gate(GateCommand command, Answer* answer) {
  if (const auto catalog = Catalog::find()) command.policy = catalog->file(command.policy).string();
  const bool had_verdict = has_verdict(command.run);
  const DrawnPages pages = drawn_pages(command.run);
  const auto judged = judge(command, answer);
  if (judged) {
    if (!pages.empty() && drawn_pages(command.run).empty()) tell_of_removed_pages(command.run, pages);
    return *judged;
  }
  const int status = report_error(judged.error());
  if (had_verdict) tell_of_earlier_verdict(command.run, judged.error());
  if (judged.error().kind == ErrorKind::usage) tell_of_earlier_exports(command);
  return status;
}

}  // namespace

void add_gate(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<GateCommand>();
  CLI::App* sub =
      app->add_subcommand("gate", "the verdict: a run against a policy's budgets, and a baseline");
  sub->footer(
      "Example: loopgate gate runs/today --policy suites/irq-to-gpio/release.toml --baseline runs/yesterday\n"
      "Exit status: 0 PASS, 1 FAIL (the kernel), 2 usage, 3 INVALID (load, instrument or bench), 4 "
      "INCONCLUSIVE.");
  sub->add_option("run", command->run, "folder of the run, of a latmon measurement, or of imported files")
      ->required();
  sub->add_option("--policy", command->policy, "budgets (TOML)")->required();
  sub->add_option("--baseline", command->baseline, "an earlier run of the same board, suite and loads");
  sub->add_option(
      "--compare-order", command->compare_order,
      "of a run on a board: a run of the same suite in virtual time, to say whether the order of the "
      "kernels is the same (changes no verdict)");
  sub->add_option(
      "--calibration", command->calibration,
      "what `loopgate calibrate` left for this policy: how often this gate errs (changes no verdict)");
  sub->add_option(
         "--export", command->exports,
         "a form and a file, given once for each: openmetrics for Prometheus, kcidb (JSON of KCIDB's "
         "schema 5.3) for KernelCI")
      ->type_name("FORM FILE")
      ->allow_extra_args(false);
  sub->add_option("--kcidb-origin", command->kcidb_origin,
                  "who reports, as KCIDB knows it; loopgate where it is not given");
  sub->add_option("--virtual", command->renamed)->group("");
  sub->callback([command, end] { end->exit_status = gate(*command, &end->answer); });
}

}  // namespace loopgate
