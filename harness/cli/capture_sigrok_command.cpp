#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/place_to_write.h"
#include "base/text.h"
#include "base/units.h"
#include "capture/capture_run.h"
#include "capture/samplerate.h"
#include "cli/capture_options.h"
#include "cli/commands.h"
#include "cli/one_of.h"
#include "cli/version.h"
#include "gate/comparison_table.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

struct SigrokCommand {
  CaptureRequest request;
  std::string file;
  std::string driver;
  std::string samplerate;
  int seconds = 10;
  std::string stimulus_edge = "rising";
  std::string response_edge = "rising";
  std::int64_t deadline_us = 1'000;
  std::int64_t response_timeout_ms = 1'000;
  std::string renamed;  // --abandon-ms
  std::string out;
};

std::string problem_of_samplerate(const std::string& text) {
  return samplerate_of(text) ? "" : "must be from 1 Hz to 1 GHz, such as 24M, 500k or 1000000";
}

Result<CaptureRequest> request_of(const SigrokCommand& command) {
  CaptureRequest request = command.request;
  request.stimulus_rises = command.stimulus_edge == "rising";
  request.response_rises = command.response_edge == "rising";
  request.pairing.deadline_ns = command.deadline_us * 1'000;
  request.pairing.response_timeout_ns = command.response_timeout_ms * 1'000'000;
  request.loopgate = loopgate_version();
  request.file = command.file;
  if (command.driver.empty()) return request;
  if (command.samplerate.empty())
    return fail(ErrorKind::usage, "a capture of now needs a sample rate",
                "name one with --samplerate, such as 24M");
  request.live =
      LiveCapture{command.driver, *samplerate_of(command.samplerate), std::chrono::seconds(command.seconds)};
  return request;
}

Result<int> capture(const SigrokCommand& command, Answer* answer) {
  if (!command.renamed.empty()) return fail(ErrorKind::usage, "--abandon-ms is now --response-timeout-ms");
  TRY_STATUS(check_folder_place(command.out, "--out"));
  auto request = request_of(command);
  if (!request) return tl::unexpected(request.error());
  auto report = write_capture_run(*request, command.out);
  if (!report) return tl::unexpected(report.error());
  const PairingCounts& counts = report->counts;
  answer->print(
      "{} at {} Hz: {}, {} answered ({} late), {} unanswered, {} while one was pending, {} "
      "cut off "
      "by the end; {} when nothing was asked\n\n",
      counted_text(report->samples, {"sample", "samples"}), with_thousands(report->samplerate_hz),
      stimuli_text(counts.stimuli), with_thousands(counts.answered), with_thousands(counts.late),
      with_thousands(counts.unanswered), with_thousands(counts.while_pending), with_thousands(counts.cut_off),
      counted_text(counts.spurious, {"response", "responses"}));
  if (!report->problem.empty())
    return fail(ErrorKind::data, report->problem, fmt::format("the cell in {} is INVALID", command.out));
  if (!report->remark.empty()) answer->print("Note: {}\n\n", report->remark);
  auto statistics = compute_run_statistics(command.out);
  if (!statistics) return tl::unexpected(statistics.error());
  answer->print("{}", comparison_table(*statistics, nullptr));
  return status_with_unreadable(unreadable_cells(*statistics), exit_pass);
}

void add_pairing_options(CLI::App* sub, SigrokCommand* command) {
  const CLI::Validator edges = one_of({"rising", "falling"});
  sub->add_option("--stimulus", command->request.channels.stimulus,
                  "channel that the stimulus is on, such as D0")
      ->required();
  sub->add_option("--response", command->request.channels.response, "channel that the response is on")
      ->required();
  sub->add_option("--stimulus-edge", command->stimulus_edge, "edge that counts")
      ->check(edges)
      ->capture_default_str();
  sub->add_option("--response-edge", command->response_edge, "edge that counts")
      ->check(edges)
      ->capture_default_str();
  sub->add_option("--deadline-us", command->deadline_us, "a response after it is late")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}))
      ->capture_default_str();
  sub->add_option("--response-timeout-ms", command->response_timeout_ms,
                  "a stimulus without a response by then is unanswered")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
      ->capture_default_str();
  sub->add_option("--abandon-ms", command->renamed)->group("");
  sub->add_option("--warm-up", command->request.pairing.warm_up,
                  "stimuli at the beginning that are not counted")
      ->capture_default_str();
}

}  // namespace

void add_capture_sigrok(CLI::App* capture_command, CommandEnd* end) {
  auto command = std::make_shared<SigrokCommand>();
  CLI::App* sub = capture_command->add_subcommand(
      "sigrok",
      "edges from a logic analyser, live through sigrok-cli or from its .sr or .csv file: a run of one cell");
  sub->footer(
      "Example: loopgate capture sigrok --driver fx2lafw --samplerate 24M --seconds 60 --stimulus D0 "
      "--response D1\n"
      "  --board rpi-4b --kernel preempt-rt --load mixed --out runs/analyser && loopgate report "
      "runs/analyser\n"
      "Example: loopgate capture sigrok --file monday.sr --stimulus D0 --response D1 --board rpi-4b --kernel "
      "preempt-rt\n"
      "  --load mixed --out runs/monday\n"
      "A file from another machine: sigrok-cli --driver fx2lafw --config samplerate=24000000 --channels "
      "D0,D1\n"
      "  --time 60000 --output-file monday.sr. Not straight to CSV: sigrok-cli 0.7.2 loses samples of a "
      "running device\n"
      "  there; make it from the .sr file.");
  auto* file = sub->add_option("--file", command->file, "a capture that is there: .sr or .csv");
  auto* driver =
      sub->add_option("--driver", command->driver, "capture now: the analyser, as sigrok-cli names it");
  file->excludes(driver);
  sub->add_option("--samplerate", command->samplerate, "with --driver: samples a second, such as 24M")
      ->check(CLI::Validator(problem_of_samplerate, "HZ"))
      ->needs(driver);
  sub->add_option("--seconds", command->seconds, "with --driver: how long")
      ->check(CLI::Range(1, 86'400))
      ->needs(driver)
      ->capture_default_str();
  add_pairing_options(sub, command.get());
  add_measured_board_options(sub, &command->request.board);
  sub->add_option("--out", command->out, "folder of the run; must not exist")->required();
  sub->callback([command, end] {
    if (command->file.empty() && command->driver.empty()) {
      end->exit_status =
          report_error({ErrorKind::usage, "nothing is named that captured", "give --file or --driver"});
      return;
    }
    auto status = capture(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
