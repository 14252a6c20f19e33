#include "target/loopback/options.h"

#include <CLI/CLI.hpp>
#include <cmath>

#include "target/service.h"

namespace loopgate {
namespace {

void add_common(CLI::App* app, LoopbackOptions* options) {
  app->add_option("--chip", options->chip, "the GPIO chip's label, name or path")->required();
  app->add_option("--stimulus-out", options->stimulus_out,
                  "output line, which a jumper joins to the payload's stimulus")
      ->required();
  app->add_option("--edge", options->edge,
                  "the stimulus's: a falling one comes from a line that is high before")
      ->check(CLI::IsMember({"rising", "falling"}))
      ->capture_default_str();
  app->add_option("--response-in", options->response_in,
                  "input line, which a jumper joins to the payload's response")
      ->required();
  app->add_option("--verdict-in", options->verdict_in,
                  "input line, which a jumper joins to the payload's verdict");
  app->add_option("--cpu", options->cpu, "the CPU that it keeps to")->check(CLI::Range(0, 4095));
  app->add_option("--priority", options->priority, "real-time priority, above the payload's")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  app->add_flag("--allow-degraded", options->allow_degraded,
                "go on without real-time priority or locked memory, and say so");
}

void add_check(CLI::App* check, LoopbackOptions* options) {
  add_common(check, options);
  check->add_option("--stimulus", options->stimulus, "the payload's input line")->required();
  check->add_option("--response", options->response, "the payload's output line")->required();
  check->add_option("--verdict", options->verdict, "the payload's output line that says OK or NG");
  check->add_option("--pulses", options->pulses, "how many")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  check
      ->add_option("--edges", options->edges,
                   "this many more on each jumper, of which only the lost ones are counted")
      ->check(CLI::Range(0, 10'000'000))
      ->capture_default_str();
  check->add_option("--out", options->out, "where what was seen goes, whole (JSON)")->required();
  check->footer(
      "Example: loopback check --chip gpiochip0 --stimulus-out 23 --stimulus 17 --response 27 --response-in "
      "24 --out check.json");
}

void add_run(CLI::App* run, LoopbackOptions* options, std::vector<std::int64_t>* interval_us,
             double* frame_interval_us, double* deadline_us, double* response_timeout_ms) {
  PulseSettings& train = options->train;
  add_common(run, options);
  run->add_option("--seed", train.seed, "of the due times")->required();
  run->add_option("--interval-us", *interval_us, "shortest and longest between two due times")
      ->expected(2)
      ->required()
      ->check(CLI::Range(1, 1'000'000'000));
  run->add_option("--warm-up", train.warm_up, "stimuli that are marked and not counted")->required();
  run->add_option("--samples", train.counted, "stimuli that are counted")
      ->required()
      ->check(CLI::Range(1, 100'000'000));
  run->add_option("--self-checks", options->self_checks, "of the check's pulses, to stand first")
      ->required()
      ->check(CLI::Range(0, 100'000));
  run->add_option("--check", options->check_file, "what loopback check left");
  run->add_option("--deadline-us", *deadline_us, "a response after it is late")
      ->required()
      ->check(CLI::Range(0.001, 1e9));
  run->add_option("--response-timeout-ms", *response_timeout_ms, "no response until then: unanswered")
      ->required()
      ->check(CLI::Range(0.001, 1e6));
  run->add_option("--frames", train.frames, "edges of a stimulus: the frames of a decision")
      ->check(CLI::Range(1, 100));
  run->add_option("--frame-interval-us", *frame_interval_us, "from one of them to the next")
      ->check(CLI::Range(0.0, 1e9));
  run->add_flag("--back-to-back", train.back_to_back,
                "a stimulus falls due an interval after the response to the one before");
  run->add_option(
      "--records", options->records,
      "the payload's records of its frames: a decision is judged by the synthetic camera's parts, of "
      "the same seed");
  run->add_option("--truth", train.truth,
                  "what the payload's pictures show, instead: + OK, - NG, ? nobody knows");
  run->add_option("--samples-file", options->samples, "where the samples go (samples.lgs)")->required();
  run->add_option("--stamps", options->stamps, "where the program's own stamps go");
  run->add_option("--payload-cpu", options->payload_cpus,
                  "a CPU that the payload may run on; may be repeated");
  run->footer(
      "Example: loopback run --chip gpiochip0 --stimulus-out 23 --response-in 24 --seed 1 --interval-us 600 "
      "1400 --warm-up 100 --samples 10000 --self-checks 8 --check check.json --deadline-us 1000 "
      "--response-timeout-ms "
      "1000 --samples-file samples.lgs --cpu 0");
}

}  // namespace

bool read_options(int argc, char** argv, LoopbackOptions* options, int* exit_status) {
  CLI::App app(
      "The instrument on the board itself: sends stimuli through one jumper and takes the responses' times "
      "from "
      "another.");
  app.require_subcommand(1);
  CLI::App* check =
      app.add_subcommand("check", "checks that the jumpers are there, and measures their overhead");
  CLI::App* run = app.add_subcommand("run", "measures");
  std::vector<std::int64_t> interval_us;
  double frame_interval_us = 0, deadline_us = 0, response_timeout_ms = 0;
  add_check(check, options);
  add_run(run, options, &interval_us, &frame_interval_us, &deadline_us, &response_timeout_ms);
  try {
    app.parse(argc, argv);
    options->check = check->parsed();
    if (run->parsed()) {
      if (interval_us[1] < interval_us[0])
        throw CLI::ValidationError("--interval-us", "the longest is below the shortest");
      if (response_timeout_ms * 1e3 <= deadline_us)
        throw CLI::ValidationError("--response-timeout-ms", "must be longer than --deadline-us");
      if (options->self_checks > 0 && options->check_file.empty())
        throw CLI::ValidationError("--self-checks", "are the check's pulses: --check FILE is needed");
      if (options->verdict_in.has_value() == options->records.empty())
        throw CLI::ValidationError("--verdict-in", "and --records go together");
      if (!options->train.truth.empty() && options->records.empty())
        throw CLI::ValidationError("--truth", "is of decisions: --records and --verdict-in are needed");
      if (options->train.truth.find_first_not_of("+-?") != std::string::npos)
        throw CLI::ValidationError("--truth", "has +, - and ? alone");
      if (options->train.frames > 1 && (frame_interval_us <= 0 || options->train.back_to_back))
        throw CLI::ValidationError("--frames",
                                   "above 1 need --frame-interval-us, and don't go with --back-to-back");
    } else if (options->verdict.has_value() != options->verdict_in.has_value()) {
      throw CLI::ValidationError("--verdict", "and --verdict-in go together");
    }
  } catch (const CLI::ParseError& error) {
    *exit_status = app.exit(error) == 0 ? target::exit_good : target::exit_usage;
    return false;
  }
  if (options->check) return true;
  options->train.self_checks = 0;
  options->train.interval_min_ns = interval_us[0] * 1'000;
  options->train.interval_max_ns = interval_us[1] * 1'000;
  options->train.deadline_ns = std::llround(deadline_us * 1e3);
  options->train.response_timeout_ns = std::llround(response_timeout_ms * 1e6);
  options->train.frame_interval_ns = std::llround(frame_interval_us * 1e3);
  options->train.decisions = options->verdict_in.has_value();
  return true;
}

}  // namespace loopgate
