#include "cli/plan_options.h"

#include <CLI/Option.hpp>
#include <CLI/Validators.hpp>

#include "cli/own_files.h"

namespace loopgate {

namespace {

void add_counts(CLI::App* command, PlanRequest* request) {
  command
      ->add_option("--samples", request->samples,
                   "counted stimuli of each kernel under each load, which the virtual bench spreads over its "
                   "replicates; with --repeat, and on a board, of each replicate (default: the suite's)")
      ->check(CLI::Range(1, 100'000'000));
  command
      ->add_option("--repeat", request->repeat,
                   "replicates of each kernel under each load, each with a schedule of its own, on a board a "
                   "boot of its own (default: the suite's on the virtual bench, 1 on a board)")
      ->check(CLI::Range(1, replicates_max));
  command
      ->add_option("--repetition", request->repetition,
                   "only this replicate, such as one that is to be looked at again")
      ->check(CLI::Range(1, replicates_max));
}

// With what, and which of it here.
void add_circumstances(CLI::App* command, PlanRequest* request) {
  command
      ->add_option(
          "--lab", request->lab,
          "where this bench's boards are and how they are switched, for a board that is reached over SSH")
      ->capture_default_str();
  command->add_option(
      "--inputs", request->inputs,
      "a run's folder or its run.json, whose kernels, base image and target programs this one must have by "
      "their digests (default: what the cache has, or the newest)");
  command->add_option(
      "--shard", request->shard,
      "only this part of the cells, such as 2/8, the second of eight: `loopgate merge` puts together what "
      "several machines have measured (default: all)");
  command->add_option(
      "--probe", request->probe,
      "a probe in the kernel that follows each stimulus to its answer and gives its phases: ebpf "
      "(events by a BPF ring buffer), ebpf-perf (by a perf buffer) or ftrace (the kernel's own trace, of "
      "which "
      "trace.dat keeps the longest answers); ebpf:replaced=3 has its kernel part replaced so often while it "
      "measures; it costs each answer some time (default: none)");
  command->add_option("--seed", request->seed, "seed of the schedules: equal seeds give equal due times")
      ->check([](const std::string& text) {
        return std::string(text.starts_with('-') ? "must be 0 or more" : "");
      })
      ->capture_default_str();
}

}  // namespace

void add_plan_options(CLI::App* command, PlanRequest* request) {
  command->add_option("suite", request->suite, "what is measured: a folder in suites/")->required();
  add_path_option(command, &request->own_folders);
  command->add_option("--board", request->board,
                      "machine under test: a file in boards/ (default: the suite's)");
  command->add_option(
      "--kernel", request->kernels,
      "candidate, may be given several times: a file in fixtures/kernels/ or a .toml of your own "
      "(default: the suite's)");
  command->add_option("--load", request->loads,
                      "stress, may be given several times: a file in fixtures/loads/ (default: the suite's)");
  command->add_option("--program", request->programs,
                      "of a suite whose programs measure by themselves, may be given several times (default: "
                      "all)");
  add_counts(command, request);
  add_circumstances(command, request);
}

}  // namespace loopgate
