#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "base/place_to_write.h"
#include "capture/latmon_file.h"
#include "cli/capture_options.h"
#include "cli/commands.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct LatmonCommand {
  LatmonSettings settings;
  MeasuredBoard board;
  int seconds = 60;
  int silence_s = 10;
  std::string out;
};

Result<int> capture(const LatmonCommand& command, Answer* answer) {
  std::error_code ignored;
  if (fs::exists(command.out, ignored))
    return fail(ErrorKind::usage, fmt::format("{} exists", command.out), "name another folder with --out");
  TRY_STATUS(check_folder_place(command.out, "--out"));
  auto measurement = measure_with_latmon(command.settings, [](const LatmonRecord& record) {
    show_progress(fmt::format("{} samples: min {:.3f} us, max {:.3f} us, {} overruns", record.samples,
                              record.min_ns / 1000.0, record.max_ns / 1000.0, record.overruns));
  });
  if (!measurement) return tl::unexpected(measurement.error());
  const auto summary = summarize(measurement->data);
  if (!summary)
    return fail(
        ErrorKind::infrastructure, fmt::format("latmon at {} measured nothing", measurement->peer),
        "check the wires (its pulse to the stimulus, the response to its ack) and that the payload runs and "
        "answers falling edges (responder --edge falling); it warms up for about a second first");
  if (auto made = make_directories(command.out); !made) return tl::unexpected(made.error());
  const fs::path file = fs::path(command.out) / "latmon.json";
  if (auto done = write_file_atomically(file, to_json(command.board, *measurement, *summary)); !done)
    return tl::unexpected(done.error());
  answer->print("{}{}\n", to_text(*measurement, *summary), file.string());
  if (measurement->why_incomplete.empty()) return exit_pass;
  return fail(ErrorKind::infrastructure, measurement->why_incomplete,
              "what came until then is in the file, which says so; measure again");
}

}  // namespace

void add_capture_latmon(CLI::App* capture_command, CommandEnd* end) {
  auto command = std::make_shared<LatmonCommand>();
  CLI::App* sub = capture_command->add_subcommand("latmon",
                                                  "histogram from a Zephyr board that runs latmon; this "
                                                  "program takes the part of latmus: OUT/latmon.json");
  sub->footer(
      "latmon listens and this program connects. Its pulse falls to stimulate, and it waits for a line that "
      "rises. On the board:\n"
      "  responder --chip gpiochip0 --stimulus 17 --edge falling --response 27 --priority 80\n"
      "A payload that answers rising edges answers the end of the pulse: nothing, or a figure longer by the "
      "pulse.\n"
      "latmon keeps no single samples: quantiles are bounds. Zephyr's sample waits 1 ms "
      "for an\n"
      "answer and ends when there is none.\n"
      "Example: loopgate capture latmon --host 192.168.1.58 --period-us 1000 --cells 200 --seconds 60 "
      "--board rpi-4b\n"
      "  --kernel preempt-rt --load mixed --out runs/latmon\n"
      "Example: loopgate capture latmon --host broadcast … finds a latmon that got its address by DHCP");
  LatmonSettings& settings = command->settings;
  sub->add_option("--host", settings.host, "latmon's address, or broadcast: the one that announces itself")
      ->required();
  sub->add_option("--port", settings.port, "TCP port (and UDP port of its announcement)")
      ->capture_default_str();
  sub->add_option("--period-us", settings.request.period_us, "time between stimuli")
      ->check(CLI::Range(1U, latmon_longest_period_us))
      ->capture_default_str();
  sub->add_option("--cells", settings.request.cells, "histogram cells of 1 us; 0: no histogram")
      ->check(CLI::Range(0U, latmon_most_cells))
      ->capture_default_str();
  sub->add_option("--seconds", command->seconds, "how long, after its warm-up")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  sub->add_option("--silence-s", command->silence_s, "how long it may say nothing")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  add_measured_board_options(sub, &command->board);
  sub->add_option("--out", command->out, "folder for latmon.json; must not exist")->required();
  sub->callback([command, end] {
    command->settings.duration = std::chrono::seconds(command->seconds);
    command->settings.silence_limit = std::chrono::seconds(command->silence_s);
    auto status = capture(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
