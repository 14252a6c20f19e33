// What a kernel's primitives cost, as programs of Google Benchmark: one of them a run, in a fixed number of
// iterations. Google Benchmark's JSON goes to standard output, the histogram of single iterations to a file
// of its own; harness/programs/measuring/google_benchmark_program.cpp reads the two together.
#include <benchmark/benchmark.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include "partner.h"
#include "primitive.h"
#include "target/output.h"
#include "target/real_time.h"

namespace loopgate::primitives {

void refuse(const char* call, int exit_status) {
  throw Refused(exit_status, std::string(call) + ": " + std::strerror(errno));
}

void break_off(const char* what, int error) {
  std::fprintf(stderr, "primitives: broken off: %s%s%s\n", what, error != 0 ? ": " : "",
               error != 0 ? std::strerror(error) : "");
  std::_Exit(target::exit_broken);
}

namespace {

struct Options {
  Settings settings;
  std::string primitive, histogram;
};

std::vector<Entry> all_entries() {
  std::vector<Entry> all;
  for (const auto theme : {calls, switches, wake_ups, locks, timers, signals, memory, processes, gpio})
    for (const Entry& each : theme()) all.push_back(each);
  return all;
}

std::string names_of(const std::vector<Entry>& entries) {
  std::string text = "Primitives:\n";
  for (const Entry& each : entries) text += std::string("  ") + each.name + ": " + each.what + "\n";
  return text +
         "Example: primitives switch-pipe --iterations 1000 --policy fifo --priority 80 "
         "--benchmark_format=json --histogram switch-pipe.json";
}

void add_options(CLI::App* app, Options* options) {
  Settings& settings = options->settings;
  app->add_option("primitive", options->primitive, "which one")->required();
  app->add_option("--iterations", settings.iterations, "how many")
      ->required()
      ->check(CLI::Range(1, 1'000'000));
  app->add_option("--policy", settings.policy, "scheduling policy")
      ->check(CLI::IsMember({"other", "fifo", "rr", "deadline"}))
      ->capture_default_str();
  app->add_option("--priority", settings.priority, "of fifo and rr; partners have up to two more")
      ->check(CLI::Range(0, 97))
      ->capture_default_str();
  app->add_option("--chip", settings.chip, "the GPIO chip's label, name or path");
  app->add_option("--line", settings.line, "its line, which becomes an output");
  app->add_option("--histogram", options->histogram, "where the histogram of single iterations goes")
      ->required();
  app->footer(names_of(all_entries()) + "\nGoogle Benchmark's own options, too: --benchmark_...");
}

SingleTimesFile file_of(const Options& options, const Entry& entry, const Measured& measured) {
  SingleTimesFile file = measured.singles.histogram();
  file.primitive = entry.name;
  file.times = entry.times_part ? times_parts : times_whole_ones;
  file.policy = options.settings.policy;
  file.idle = entry.traits.slack && options.settings.policy == "other";
  file.loop_ns = measured.loop_ns;
  return file;
}

void say_in_context(const Options& options) {
  benchmark::AddCustomContext("policy", options.settings.policy);
  benchmark::AddCustomContext("priority", std::to_string(target::priority_read_back()));
}

// What the options cannot be together; empty where they can.
std::string why_not(const Options& options, const Entry& entry) {
  const Settings& settings = options.settings;
  const bool has_priority = settings.policy == "fifo" || settings.policy == "rr";
  if (has_priority != (settings.priority > 0))
    return "a --priority goes with fifo and rr, and only with them";
  if (entry.traits.real_time && !has_priority)
    return std::string(entry.name) + " needs --policy fifo or rr: with others nobody knows who runs next";
  if (settings.policy == "deadline" && !entry.traits.deadline)
    return std::string(entry.name) + " has no --policy deadline";
  return {};
}

int carry_out(const Options& options, const Entry& entry) {
  if (entry.traits.locks_memory) {
    if (const std::string refused = target::lock_memory(); !refused.empty())
      throw Refused(target::exit_no_right, refused);
  }
  take_cpu_and_policy(options.settings);
  say_in_context(options);
  Measured measured{SingleTimes(options.settings.iterations)};
  std::optional<Refused> refused;
  const auto body = [&](benchmark::State& state) {
    try {
      entry.run(options.settings, state, &measured);
    } catch (const Refused& why) {
      refused = why;
      state.SkipWithError(why.what());
    }
  };
  benchmark::RegisterBenchmark(entry.name, body)->Iterations(options.settings.iterations)->UseManualTime();
  if (benchmark::RunSpecifiedBenchmarks() != 1) throw Refused(target::exit_usage, "it was filtered out");
  if (refused) throw *refused;
  if (target::write_whole(options.histogram, to_json(file_of(options, entry, measured))))
    return target::exit_good;
  throw Refused(target::exit_broken, options.histogram + " cannot be written: " + std::strerror(errno));
}

int fail(const std::string& what, int exit_status) {
  std::fprintf(stderr, "primitives: %s\n", what.c_str());
  return exit_status;
}

int run(int argc, char** argv) {
  CLI::App app("Measures one of a kernel's primitives.");
  Options options;
  add_options(&app, &options);
  if (argc > 1 && std::strcmp(argv[1], "--help") != 0) benchmark::Initialize(&argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? target::exit_good : target::exit_usage;
  }
  const std::vector<Entry> entries = all_entries();
  const auto found = std::ranges::find(entries, options.primitive, [](const Entry& one) { return one.name; });
  if (found == entries.end())
    return fail("there is no primitive " + options.primitive + ": see --help", target::exit_usage);
  if (const std::string problem = why_not(options, *found); !problem.empty())
    return fail(problem, target::exit_usage);
  try {
    return carry_out(options, *found);
  } catch (const Refused& refused) {
    return fail(refused.what(), refused.exit_status);
  } catch (const std::exception& error) {
    return fail(error.what(), target::exit_broken);
  }
}

}  // namespace
}  // namespace loopgate::primitives

int main(int argc, char** argv) {
  return loopgate::target::run_main("primitives", [&] { return loopgate::primitives::run(argc, argv); });
}
