#include "cli/own_model_options.h"

#include <CLI/Option.hpp>
#include <CLI/TypeTools.hpp>
#include <CLI/Validators.hpp>
#include <cmath>

namespace loopgate {
namespace {

// CLI11 takes "nan" for a number: nothing is above it, so that every part would be NG.
const CLI::Validator finite(
    [](const std::string& text) {
      double value = 0;
      return std::string(CLI::detail::lexical_cast(text, value) && std::isfinite(value) ? ""
                                                                                        : "must be a number");
    },
    "NUMBER");

}  // namespace

void add_own_model_options(CLI::App* command, OwnModel* own) {
  CLI::Option_group* group =
      command->add_option_group("Your own model and pictures, in a suite that runs a model");
  CLI::Option* model =
      group->add_option("--model", own->model, "an int8 model, .tflite or .onnx, instead of the suite's");
  group->add_option("--labels", own->labels, "the names of its classes, one a line")->needs(model);
  CLI::Option* classes =
      group->add_option("--ok-classes", own->ok_classes, "its classes that are OK, by label or number")
          ->delimiter(',')
          ->needs(model);
  CLI::Option* above =
      group->add_option("--ok-above", own->ok_above, "of a model with one value: above this it is OK")
          ->check(finite)
          ->needs(model);
  CLI::Option* below =
      group->add_option("--ok-below", own->ok_below, "of a model with one value: below this it is OK")
          ->check(finite)
          ->needs(model);
  CLI::Option* raw =
      group->add_flag("--raw", own->raw, "no classifier: every part is OK, to measure times alone")
          ->needs(model);
  above->excludes(below);
  classes->excludes(above)->excludes(below);
  raw->excludes(classes)->excludes(above)->excludes(below);
  group->add_option("--mean", own->mean, "of its pixels, white being 1: one number, or three")->needs(model);
  group->add_option("--std", own->deviation, "likewise")->needs(model);
  group->add_option("--engine", own->engine, "what runs it: xnnpack (default) or integer")
      ->check(CLI::IsMember({"xnnpack", "integer"}))
      ->needs(model);
  CLI::Option* images = group->add_option(
      "--images", own->images, "a folder of pictures (.png, .pgm) as frames; folders in it are their labels");
  group
      ->add_option("--image-labels", own->image_labels,
                   "NAME,LABEL of the pictures, one a line, instead of folders")
      ->needs(images)
      ->excludes(raw);
  CLI::Option* preprocess =
      group
          ->add_option("--preprocess", own->preprocess,
                       "the thread that prepares the pictures: the loop's (same-thread, the default) or one "
                       "of its own (own-thread), which prepares the next while the network works")
          ->check(CLI::IsMember({"same-thread", "own-thread"}));
  group
      ->add_option("--preprocess-cpu", own->preprocess_cpu,
                   "the CPU of own-thread, one of the board's measured_cpus (default: any of them)")
      ->check(CLI::Range(0, 1023))
      ->needs(preprocess);
  group
      ->add_option("--deadline-us", own->deadline_us,
                   "a decision after it is late; longer than the suite's, it stretches the suite's beat")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{10'000'000}));
}

}  // namespace loopgate
