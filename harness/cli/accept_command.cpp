#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "accept/begin.h"
#include "accept/finish.h"
#include "accept/open.h"
#include "accept/operator_page.h"
#include "accept/verify_acceptance.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/place_to_write.h"
#include "base/temporary_folder.h"
#include "base/units.h"
#include "bundle/sign.h"
#include "cli/acceptance_text.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/measuring.h"
#include "cli/own_files.h"
#include "cli/version.h"
#include "config/catalog.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct AcceptCommand {
  AcceptRequest request;
  RunOptions options;
  std::string sign;
};

fs::path bundle_of(const AcceptCommand& command) { return command.request.out / acceptance_bundle_name; }

// Before anything is measured.
Status check_can_sign(const AcceptCommand& command) {
  TRY(ignored, plan_signing(bundle_of(command), command.sign));
  return {};
}

// A signature that is there and holds is kept: a second `--resume --sign KEY` has nothing to do.
// Gives the signature's file; "" where it is not to be signed.
Result<fs::path> sign_once(const AcceptCommand& command, const std::string& sha256) {
  if (command.sign.empty()) return fs::path();
  TRY(is_there, signature_that_holds(bundle_of(command), command.sign));
  if (is_there) return *is_there;
  TRY(signing, plan_signing(bundle_of(command), command.sign));
  TRY_STATUS(sign_these_bytes(bundle_of(command), sha256, signing));
  return signing.signature;
}

// `sha256`: of the bundle that was written or verified just now.
Result<int> end_with(const AcceptCommand& command, const nlohmann::json& document,
                     const std::vector<AcceptedRun>& runs, const std::string& sha256, BundleIs bundle_is,
                     Answer* answer) {
  TRY(statement, write_statement(command.request.out, document));
  TRY(signature, sign_once(command, sha256));
  print_acceptance(document, runs, answer);
  answer->print("\n{}", end_page(bundle_of(command), bundle_is, statement, signature));
  answer->print("{}\n", name_of(verdict_of(runs)));
  return status_of_runs(runs);
}

// The line that was given is the one that it was begun with, or what it asks for would be ignored.
Status check_asked(const AcceptCommand& command, const VerifiedAcceptance& verified) {
  TRY(asked, read_asked(command.request));
  std::vector<std::string> policies;
  for (const AcceptedRun& each : verified.runs) policies.push_back(each.policy_sha256);
  return check_same(command.request.out, verified.record, policies, asked);
}

// It was through before, and what comes after its bundle may be missing.
Result<int> end_again(const AcceptCommand& command, Answer* answer) {
  if (!command.request.resume)
    return fail(
        ErrorKind::usage,
        fmt::format("--out {}: holds an acceptance that is through", command.request.out.string()),
        "name another folder; --after " + bundle_of(command).string() + " says that it comes after this one");
  TRY(scratch, temporary_folder());
  TRY(opened, open_bundle(bundle_of(command), scratch, loopgate_version(), {}));
  TRY(verified, verify_acceptance(opened));
  TRY_STATUS(check_asked(command, verified));
  return end_with(command, verified.document, verified.runs, verified.unpacked.sha256,
                  BundleIs::there_already, answer);
}

struct MeasuredSteps {
  bool stopped = false;
  std::vector<std::string> unsound;  // runs after which the bench was not found sound
};

Result<MeasuredSteps> measure_steps(const AcceptCommand& command, PlannedAcceptance* planned) {
  MeasuredSteps all;
  if (!planned->measures) return all;
  for (std::size_t i = 0; i < planned->steps.size(); ++i) {
    AcceptanceStep& step = planned->steps[i];
    show_progress(fmt::format("run {} of {}: {}", i + 1, planned->steps.size(), step.planned.name));
    const fs::path folder = run_folder_of(command.request.out, step.planned);
    std::error_code ignored;
    TRY(measured, measure_at_terminal(&step.session,
                                      {step.request, command.options, folder, fs::exists(folder, ignored)}));
    if (interrupted()->load()) {
      all.stopped = true;
      return all;
    }
    if (!measured.bench_sound) all.unsound.push_back(step.planned.name);
  }
  return all;
}

Result<int> measure_all(const AcceptCommand& command, PlannedAcceptance planned, Answer* answer) {
  const fs::path& out = command.request.out;
  TRY(measured, measure_steps(command, &planned));
  const std::string again = "go on with the same command and --resume";
  const std::vector<std::string> broken = broken_cells(out, planned.plan);
  const bool is_short = !(broken.empty() && measured.unsound.empty()) && !command.request.conclude;
  if (measured.stopped || is_short) TRY_STATUS(end_attempt(out, &planned.record));
  if (measured.stopped)
    return fail(ErrorKind::infrastructure, fmt::format("{}: was interrupted", out.string()), again);
  if (!broken.empty() && !command.request.conclude)
    return fail(ErrorKind::infrastructure,
                fmt::format("{} gave no figures, and not by the kernel's fault, the first: {}",
                            counted_text(broken.size(), {"cell", "cells"}), broken.front()),
                "see to that, then " + again +
                    ", which is noted as a deviation; or with --conclude in its place: nothing is measured "
                    "again, and the acceptance is packed as INVALID");
  if (!measured.unsound.empty() && !command.request.conclude)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: the bench was not found sound after the last cell of {}", out.string(),
                            fmt::join(measured.unsound, ", ")),
                "see to that, then " + again +
                    ", which looks at the bench again; or with --conclude in its place: it is packed as it "
                    "is, with that as a deviation");
  TRY(finished, finish_acceptance(out, std::move(planned.record), planned.plan));
  TRY(sha256, sha256_of_file(bundle_of(command)));
  return end_with(command, finished.document, finished.runs, sha256, BundleIs::written_now, answer);
}

Result<int> accept(AcceptCommand command, Answer* answer) {
  AcceptRequest& request = command.request;
  TRY_STATUS(check_folder_place(request.out, "--out"));
  TRY(catalog, Catalog::find());
  request.plan_file = catalog.file(request.plan_file);
  request.loopgate = loopgate_version();
  std::error_code ignored;
  if (fs::exists(bundle_of(command), ignored)) return end_again(command, answer);
  if (!command.sign.empty()) TRY_STATUS(check_can_sign(command));
  const auto resolve = [&](PlanRequest* plan) { return use_own_files(catalog, plan); };
  TRY(planned, plan_acceptance(request, resolve, show_progress));
  for (const AcceptanceStep& step : planned.steps)
    TRY_STATUS(check_options(step.session.plan, command.options));
  TRY(lock, open_acceptance(request, &planned));
  show_progress(start_page(planned, request.out));
  return measure_all(command, std::move(planned), answer);
}

void add_options(CLI::App* sub, AcceptCommand* command) {
  AcceptRequest& request = command->request;
  Told& told = request.told;
  sub->add_option("plan", request.plan_file, "plan file (TOML): runs, policies, what was agreed to")
      ->required();
  sub->add_option("--customer", told.customer, "for whom it is")->required();
  sub->add_option("--site", told.site, "where it is measured")->required();
  sub->add_option("--tester", told.tester, "who is at the machine")->required();
  sub->add_option("--serial", told.serial, "the board's serial number, as the tester reads it");
  sub->add_option("--firmware", told.firmware, "the board's firmware, as the tester reads it");
  sub->add_option(
      "--nonce", request.nonce,
      "drawn by the customer: the seeds are derived from it and the kernel images, so that nobody "
      "chooses them; without it, that is a deviation");
  sub->add_option("--board", request.board, "another board than the plan file's, which is a deviation");
  sub->add_option("--after", request.after, "the bundle of the acceptance that this one comes after");
  sub->add_option("--out", request.out, "folder of the acceptance; must not exist")->required();
  sub->add_flag("--resume", request.resume, "go on with an interrupted one: finished cells are kept");
  sub->add_flag(
      "--conclude", request.conclude,
      "pack it although cells gave no figures: it is INVALID then; or although the bench was not found "
      "sound after a run, which is a deviation. Of an interrupted one, without "
      "--resume, what is there is packed, and nothing is measured again");
  sub->add_option("--sign", command->sign,
                  "signs the bundle with this secret key of minisign or OpenSSH; the program asks for its "
                  "passphrase");
  sub->add_option("--jobs", command->options.jobs,
                  "cells at a time on virtual time, where this changes no figure (default: as many as this "
                  "machine has CPUs and memory for)")
      ->check(CLI::Range(1, 256));
  add_path_option(sub, &request.own_folders);
  sub->add_option("--lab", request.lab, "where this bench's boards are, for a board that is reached over SSH")
      ->capture_default_str();
}

}  // namespace

void add_accept(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<AcceptCommand>();
  CLI::App* sub =
      app->add_subcommand("accept", "an acceptance: all runs of a plan file, judged and in one bundle");
  sub->footer(
      "Example: loopgate accept suites/irq-to-gpio/acceptance.toml --customer \"ACME\" --site \"Hall 3\" "
      "--tester "
      "\"N. N.\" --nonce 6f1c09d4a2e8 --out acceptance\n"
      "Exit status: that of the verdict, as of gate; 3 also where it is not through, and is to be gone on "
      "with.");
  add_options(sub, command.get());
  sub->callback([command, end] {
    end_when_interrupted(GoOn::with_resume);
    const auto status = accept(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
