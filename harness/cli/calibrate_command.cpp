#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "base/file.h"
#include "base/place_to_write.h"
#include "calibrate/describe_calibration.h"
#include "calibrate/error_rates.h"
#include "calibrate/null_variants.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/own_files.h"
#include "cli/plan_options.h"
#include "cli/version.h"
#include "record/derived_files.h"
#include "run/cells_at_a_time.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct CalibrateCommand {
  VariantRequest variants;
  std::string policy;
  std::string out;
  RateRequest rates;
};

// From files to a session; `variants.plan` names what the policy judges then.
Result<Session> prepare(const Policy& policy, const Catalog& catalog, VariantRequest* variants) {
  TRY(request, with_judged(variants->plan, policy, catalog));
  variants->plan = std::move(request);
  TRY(plan, make_plan(variants->plan, catalog));
  TRY_STATUS(check_options(plan, variants->options));
  const PlanRequest first = variant_of(*variants, 1, plan.board.is_virtual());
  TRY(padded, make_plan(first, catalog));
  TRY(session, prepare_session(std::move(padded), catalog.root(), show_progress));
  TRY_STATUS(check_policy(policy, describe(session.describe(first, 1, variants->loopgate))));
  return session;
}

Result<std::vector<Comparison>> measure(Session* session, const VariantRequest& variants) {
  MeasureHooks hooks;
  hooks.notify = show_progress;
  hooks.on_late_error = [](const Error& error) { report_error(error); };
  if (!session->plan.board.is_virtual())
    hooks.on_cells_begin = [] { stop_when_interrupted(GoOn::by_the_same_command); };
  const Plan& plan = session->plan;
  Progress progress(stderr, ::isatty(STDERR_FILENO) != 0,
                    plan.cells.size() * static_cast<std::size_t>(variants.variants),
                    PulseTrain(pulses_of(plan, plan.cells.front())).counts().planned);
  return measure_variants(session, variants, hooks, &progress);
}

std::vector<std::string> names_of(const VariantRequest& variants) {
  std::vector<std::string> names;
  for (int variant = 1; variant <= variants.variants; ++variant)
    names.push_back(folder_of(variants, variant).string());
  return names;
}

// A draw takes milliseconds, and all of them minutes.
std::function<void(std::uint64_t)> told_of(std::uint64_t draws) {
  static constexpr std::chrono::seconds now_and_then{5};
  show_progress(fmt::format("{} draws", draws));
  return [draws, last = std::chrono::steady_clock::now()](std::uint64_t judged) mutable {
    const auto now = std::chrono::steady_clock::now();
    if (now - last < now_and_then) return;
    last = now;
    show_progress(fmt::format("{} of {} draws judged", judged, draws));
  };
}

Result<int> calibrate(CalibrateCommand command, Answer* answer) {
  const auto remove = [&] { return remove_calibration(command.out); };
  TRY(catalog, Catalog::find());
  TRY(policy, read_policy(catalog.file(command.policy)));
  TRY_STATUS(check_can_calibrate(policy));
  TRY_STATUS(check_folder_place(command.out, "--out"));
  TRY_STATUS(use_own_files(catalog, &command.variants.plan));
  VariantRequest& variants = command.variants;
  variants.folder = fs::absolute(command.out);
  variants.loopgate = loopgate_version();
  variants.options.stop = interrupted();
  TRY(session, without_earlier(prepare(policy, catalog, &variants), remove));
  TRY_STATUS(remove());
  TRY(measured, measure(&session, variants));
  TRY(pool, pool_variants(measured, names_of(variants)));
  TRY(run, read_run_record(folder_of(variants, 1)));
  Calibration calibration = describe_calibration(run, policy, measured.size());
  command.rates.on_draw = told_of(command.rates.draws);
  command.rates.seed = variants.plan.seed;
  command.rates.jobs = jobs_for(session.plan, variants.options);
  TRY_STATUS(compute_rates(pool, policy, command.rates, &calibration));
  TRY_STATUS(write_file_atomically(variants.folder / calibration_file, to_json(calibration)));
  answer->print("{}", calibration_table(calibration));
  return exit_pass;
}

}  // namespace

void add_calibrate(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<CalibrateCommand>();
  CLI::App* sub =
      app->add_subcommand("calibrate", "how often a policy errs: null changes and planted regressions");
  sub->footer(
      "Example: loopgate calibrate irq-to-gpio --policy suites/irq-to-gpio/release.toml --out "
      "runs/calibration\n"
      "The same command goes on with what was interrupted; with another policy it computes the rates alone.\n"
      "Exit status: 0 measured, 1 a kernel failed, 2 usage, 3 a cell is INVALID.");
  add_plan_options(sub, &command->variants.plan);
  sub->remove_option(sub->get_option("--repetition"));
  sub->remove_option(sub->get_option("--shard"));
  sub->add_option("--policy", command->policy, "whose errors are measured (TOML)")->required();
  sub->add_option(
         "--variants", command->variants.variants,
         "null variants, each a whole run of another command line and seed; on a board each as many boots")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  sub->add_option("--draws", command->rates.draws,
                  "how often a run and its baseline are drawn from all of them")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  sub->add_option(
         "--draw-replicates", command->rates.replicates,
         "replicates of a drawn run, to see what more of them would find (default: as many as a variant has)")
      ->check(CLI::Range(1, 1'000'000));
  sub->add_option("--jobs", command->variants.options.jobs,
                  "cells at a time on virtual time, and draws at a time; neither changes a figure (default: "
                  "as many as this machine has CPUs and memory for)")
      ->check(CLI::Range(1, 256));
  sub->add_option("--out", command->out, "folder of the calibration")->required();
  sub->callback([command, end] {
    end_when_interrupted(GoOn::by_the_same_command);
    auto status = calibrate(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
