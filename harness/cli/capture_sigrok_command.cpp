#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/text.h"
#include "capture/capture_run.h"
#include "capture/samplerate.h"
#include "cli/capture_options.h"
#include "cli/commands.h"
#include "cli/version.h"
#include "gate/comparison_table.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

struct SigrokCommand {
  CaptureRequest order;
  std::string file;
  std::string driver;
  std::string samplerate;
  int seconds = 10;
  std::string stimulus_edge = "rising";
  std::string response_edge = "rising";
  std::int64_t deadline_us = 1'000;
  std::int64_t abandon_ms = 1'000;
  std::string out;
};

std::string problem_of_samplerate(const std::string& text) {
  return samplerate_of(text) ? "" : "must be from 1 Hz to 1 GHz, such as 24M, 500k or 1000000";
}

Result<CaptureRequest> order_of(const SigrokCommand& command) {
  CaptureRequest order = command.order;
  order.stimulus_rises = command.stimulus_edge == "rising";
  order.response_rises = command.response_edge == "rising";
  order.pairing.deadline_ns = command.deadline_us * 1'000;
  order.pairing.abandon_ns = command.abandon_ms * 1'000'000;
  order.loopgate = loopgate_version();
  order.file = command.file;
  if (command.driver.empty()) return order;
  if (command.samplerate.empty())
    return fail(ErrorKind::usage, "a capture of now needs a sample rate",
                "name one with --samplerate, such as 24M");
  order.live =
      LiveCapture{command.driver, *samplerate_of(command.samplerate), std::chrono::seconds(command.seconds)};
  return order;
}

Result<int> capture(const SigrokCommand& command) {
  auto order = order_of(command);
  if (!order) return tl::unexpected(order.error());
  auto report = write_capture_run(*order, command.out);
  if (!report) return tl::unexpected(report.error());
  const PairingCounts& counts = report->counts;
  fmt::print(
      "{} samples at {} Hz: {} stimuli, {} answered ({} late), {} unanswered, {} while one was pending, {} "
      "cut off "
      "by the end; {} responses when nothing was asked\n\n",
      with_thousands(report->samples), with_thousands(report->samplerate_hz), with_thousands(counts.stimuli),
      with_thousands(counts.answered), with_thousands(counts.late), with_thousands(counts.unanswered),
      with_thousands(counts.while_pending), with_thousands(counts.cut_off), with_thousands(counts.spurious));
  if (!report->problem.empty())
    return fail(ErrorKind::data, report->problem, fmt::format("the cell in {} is INVALID", command.out));
  auto statistics = compute_run_statistics(command.out);
  if (!statistics) return tl::unexpected(statistics.error());
  fmt::print("{}", comparison_table(*statistics, nullptr));
  return exit_pass;
}

void add_pairing_options(CLI::App* sub, SigrokCommand* command) {
  const CLI::IsMember edges({"rising", "falling"});
  sub->add_option("--stimulus", command->order.channels.stimulus,
                  "channel that the stimulus is on, such as D0")
      ->required();
  sub->add_option("--response", command->order.channels.response, "channel that the response is on")
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
  sub->add_option("--abandon-ms", command->abandon_ms,
                  "a stimulus without a response until then is unanswered")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
      ->capture_default_str();
  sub->add_option("--warm-up", command->order.pairing.warm_up,
                  "stimuli at the beginning that are not counted")
      ->capture_default_str();
}

}  // namespace

void add_capture_sigrok(CLI::App* capture_command, int* exit_status) {
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
  add_measured_board_options(sub, &command->order.board);
  sub->add_option("--out", command->out, "folder of the run; must not exist")->required();
  sub->callback([command, exit_status] {
    if (command->file.empty() && command->driver.empty()) {
      *exit_status = told({ErrorKind::usage, "nothing is named that captured", "give --file or --driver"});
      return;
    }
    auto status = capture(*command);
    *exit_status = status ? *status : told(status.error());
  });
}

}  // namespace loopgate
