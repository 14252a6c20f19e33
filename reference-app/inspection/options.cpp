#include "inspection/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <utility>

#include "engine/engines.h"
#include "formats/picture_of.h"
#include "task/labels.h"

namespace loopgate::inspection {

namespace {

// The options as parsed, before they are checked as a whole.
struct Raw {
  Options options;
  std::vector<std::string> swaps;
  std::string labels, mean, deviation;
};

void describe_pins(CLI::App* app, PinOptions* pins) {
  CLI::Option_group* group = app->add_option_group("Pins");
  group->add_option("--chip", pins->chip, "the GPIO chip's label, name or path");
  group->add_option("--arrival", pins->arrival, "input line: an edge is a part (--edge)");
  group->add_option("--edge", pins->edge, "of the arrival's line: the edge that is a part")
      ->check(CLI::IsMember({target::rising_edge, target::falling_edge}))
      ->capture_default_str();
  group->add_option("--valid", pins->valid, "output line: pulses when the verdict is valid");
  group->add_option("--verdict", pins->verdict, "output line: high is OK, low is NG");
  group
      ->add_option("--arrival-name", pins->arrival_name,
                   "the line's consumer; the irq thread is named after it")
      ->capture_default_str();
  group->add_option("--valid-name", pins->valid_name, "the line's consumer")->capture_default_str();
  group->add_option("--verdict-name", pins->verdict_name, "the line's consumer")->capture_default_str();
}

void describe_work(CLI::App* app, Raw* raw) {
  Options& options = raw->options;
  app->add_option("--camera", options.camera.camera,
                  "synthetic, v4l2:/dev/videoN, or a folder or a tar archive of PNG and PGM pictures")
      ->capture_default_str();
  app->add_option("--camera-seed", options.camera.seed,
                  "selects the synthetic camera's parts, or the picture that comes first (1)")
      ->capture_default_str();
  app->add_option("--camera-timeout-ms", options.camera.timeout_ms, "time limit of a V4L2 camera for a frame")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
  app->add_option("--model", options.model,
                  "an int8 model, .onnx or .tflite; FILE.sha256 is checked if it exists")
      ->required();
  app->add_option("--engine", options.how.engine, "the inference engine")
      ->check(CLI::IsMember(built_engines()))
      ->capture_default_str();
  app->add_option("--fuse", options.loop.fuse, "this many frames show one part and make one decision")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app->add_option(
         "--swap", raw->swaps,
         "FRAMES:FILE, replace the model with FILE (and FILE.sha256) after this many frames; may be repeated")
      ->allow_extra_args(false);
  app->add_option("--warm-up", options.warm_up, "this many inferences before READY")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  CLI::Option* records = app->add_option("--records", options.records.file,
                                         "write one record per frame into this file, which is mapped");
  app->add_option("--records-offset", options.records.offset, "offset in that file, a multiple of 64")
      ->capture_default_str()
      ->needs(records);
  app->add_option("--records-size", options.records.size, "size in bytes of the area in that file")
      ->needs(records);
}

void describe_model(CLI::App* app, Raw* raw) {
  TaskOptions& task = raw->options.how.task;
  CLI::Option_group* group =
      app->add_option_group("What the model's output means, and how it wants its pictures");
  group->add_option("--labels", raw->labels, "a file with the names of the classes, one a line");
  CLI::Option* classes =
      group->add_option("--ok-classes", task.ok_classes, "the classes that are OK, by label or number")
          ->delimiter(',');
  CLI::Option* above =
      group->add_option("--ok-above", task.ok_above, "of a model with one value: above this it is OK");
  CLI::Option* below =
      group->add_option("--ok-below", task.ok_below, "of a model with one value: below this it is OK");
  CLI::Option* times =
      group->add_flag("--raw", task.raw, "no classifier: every part is OK, to measure times alone");
  above->excludes(below);
  classes->excludes(above)->excludes(below);
  times->excludes(classes)->excludes(above)->excludes(below);
  group->add_option("--mean", raw->mean, "of the pixels, white being 1: one number, or one for each channel");
  group->add_option("--std", raw->deviation, "likewise; a pixel's value is (pixel - mean) / std");
}

void describe_scheduling(CLI::App* app, Options* options) {
  RealTimeOptions& real_time = options->real_time;
  CLI::Option_group* group = app->add_option_group("Scheduling");
  group->add_option("--policy", real_time.policy, "scheduling policy of the loop")
      ->check(CLI::IsMember({"fifo", "deadline", "other"}))
      ->capture_default_str();
  group->add_option("--priority", real_time.priority, "of fifo")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  group->add_option("--runtime-us", real_time.runtime_us, "of deadline")->capture_default_str();
  group->add_option("--deadline-us", real_time.deadline_us, "of deadline")->capture_default_str();
  group->add_option("--period-us", real_time.period_us, "of deadline")->capture_default_str();
  group->add_option("--cpu", real_time.cpu, "pin the loop to this CPU");
  CLI::Option* preprocess =
      group
          ->add_option("--preprocess", options->preprocess,
                       "the thread that waits for the parts and prepares their pictures: the loop's "
                       "(same-thread), or one of the same policy (own-thread), which prepares the next one "
                       "while the network works")
          ->check(CLI::IsMember({same_thread, own_thread}))
          ->capture_default_str();
  group->add_option("--preprocess-cpu", options->preprocess_cpu, "pin own-thread to this CPU")
      ->needs(preprocess);
  group->add_flag("--allow-degraded", options->allow_degraded,
                  "run without real-time priority or locked memory, and report it");
}

void describe_pictures(CLI::App* app, Options* options) {
  CLI::Option_group* group = app->add_option_group("Without pins");
  CLI::Option* images = group->add_option(
      "--images", options->images, "decide the pictures of this folder, and of the folders in it, then exit");
  group->add_flag("--json", options->json, "print JSON")->needs(images);
  // There is no loop then: what is said of it would be ignored.
  for (const char* of_the_loop : {"--chip",
                                  "--arrival",
                                  "--edge",
                                  "--valid",
                                  "--verdict",
                                  "--arrival-name",
                                  "--valid-name",
                                  "--verdict-name",
                                  "--camera",
                                  "--camera-seed",
                                  "--camera-timeout-ms",
                                  "--fuse",
                                  "--swap",
                                  "--warm-up",
                                  "--records",
                                  "--records-offset",
                                  "--records-size",
                                  "--policy",
                                  "--priority",
                                  "--runtime-us",
                                  "--deadline-us",
                                  "--period-us",
                                  "--cpu",
                                  "--preprocess",
                                  "--preprocess-cpu",
                                  "--allow-degraded"})
    images->excludes(app->get_option(of_the_loop));
}

std::optional<SwapRequest> swap_of(const std::string& text) {
  SwapRequest request;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, request.after_frames);
  if (error != std::errc() || rest == end || *rest != ':' || rest + 1 == end) return {};
  request.file.assign(rest + 1, end);
  return request;
}

std::string read_swaps(Raw* raw) {
  for (const std::string& text : raw->swaps) {
    const std::optional<SwapRequest> request = swap_of(text);
    if (!request) return "--swap " + text + " is not FRAMES:FILE";
    raw->options.swaps.push_back(*request);
  }
  std::ranges::stable_sort(raw->options.swaps, {}, &SwapRequest::after_frames);
  return {};
}

std::string take_labels(Raw* raw) {
  if (raw->labels.empty()) return {};
  Result<std::vector<std::string>> labels = read_labels(raw->labels);
  if (!labels) return labels.error().what;
  raw->options.how.task.labels = std::move(*labels);
  return {};
}

std::string take_normalisation(Raw* raw) {
  if (raw->mean.empty() && raw->deviation.empty()) return {};
  const auto mean = channel_values(raw->mean.empty() ? "0" : raw->mean);
  const auto deviation = channel_values(raw->deviation.empty() ? "1" : raw->deviation);
  if (!mean) return "--mean " + raw->mean + " is not one number or three, such as 0.485,0.456,0.406";
  if (!deviation || std::ranges::any_of(*deviation, [](float value) { return value <= 0; }))
    return "--std " + raw->deviation + " is not one number or three above 0, such as 0.229,0.224,0.225";
  raw->options.how.normalisation = {*mean, *deviation};
  return {};
}

// Checks that CLI11 cannot make. Empty, or one sentence.
std::string why_not(const CLI::App& app, Raw* raw) {
  Options& options = raw->options;
  for (const auto read : {read_swaps, take_labels, take_normalisation})
    if (std::string why = read(raw); !why.empty()) return why;
  if (!options.records.file.empty() && app.count("--records-size") == 0)
    return "--records needs --records-size";
  for (const char* of_deadline : {"--runtime-us", "--deadline-us", "--period-us"})
    if (app.count(of_deadline) > 0 && options.real_time.policy != "deadline")
      return std::string(of_deadline) + " is for --policy deadline";
  if (app.count("--priority") > 0 && options.real_time.policy != "fifo")
    return "--priority is for --policy fifo";
  if (options.preprocess_cpu && options.preprocess != own_thread)
    return "--preprocess-cpu is for --preprocess own-thread";
  if (!options.images.empty()) return {};
  for (const char* needed : {"--chip", "--arrival", "--valid", "--verdict"})
    if (app.count(needed) == 0)
      return std::string(needed) + " is required (or --images, which needs no pins)";
  return {};
}

}  // namespace

std::optional<Options> read_options(int argc, char** argv, int* exit_status,
                                    const std::function<void(CLI::App*)>& add_options) {
  CLI::App app(
      "Inspects parts: an edge on a pin is a part; its picture is taken, a network decides, and two pins say "
      "OK or NG. At its end "
      "(SIGTERM) it prints what it did as JSON. SIGHUP loads the model again.");
  Raw raw;
  raw.options.how.engine = built_engines().front();
  describe_work(&app, &raw);
  describe_model(&app, &raw);
  describe_pins(&app, &raw.options.pins);
  describe_scheduling(&app, &raw.options);
  describe_pictures(&app, &raw.options);
  if (add_options) add_options(&app);
  app.footer("Example: inspect --chip gpiochip0 --arrival 17 --valid 27 --verdict 22 --model scratch.onnx");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    *exit_status = app.exit(error) == 0 ? target::exit_good : target::exit_usage;
    return {};
  }
  if (const std::string why = why_not(app, &raw); !why.empty()) {
    std::fprintf(stderr, "inspect: %s\n", why.c_str());
    *exit_status = target::exit_usage;
    return {};
  }
  raw.options.camera.fuse = raw.options.loop.fuse;
  return raw.options;
}

}  // namespace loopgate::inspection
