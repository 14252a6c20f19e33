// The probe's user part, which follows each stimulus of a payload that is ready until it is told to end: by a
// kernel part of its own (kernel_probe.cpp) or by the kernel's own tracing (trace_stimuli.cpp).
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "target/output.h"
#include "target/probe/kernel_probe.h"
#include "target/probe/line_interrupt.h"
#include "target/probe/trace_stimuli.h"
#include "target/service.h"

namespace {

using namespace loopgate;

struct Options {
  int payload = 0;
  std::string line = "stimulus";
  std::string transport = "ring";
  std::string out;
  std::size_t records = 1'000'000;
  std::string trace;
  std::size_t buffer_kb = 4096;
  std::size_t pages = 64;
  std::size_t warm_up = 0;
  std::vector<std::uint64_t> replace_after;
};

int complain(const std::string& what, int exit_status) {
  std::fprintf(stderr, "probe: %s\n", what.c_str());
  return exit_status;
}

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int probe(const Options& options) {
  const auto irq = irq_named(text_of("/proc/interrupts"), options.line);
  const auto thread = irq ? irq_thread(*irq) : std::nullopt;
  if (!thread)
    return complain("no interrupt in /proc/interrupts is the line " + options.line +
                        "'s alone and has a thread -> have the payload request its line under that name, or "
                        "measure without --probe",
                    target::exit_no_line);
  const ProbeTransport transport =
      options.transport == "ring" ? ProbeTransport::ring_buffer : ProbeTransport::perf_buffer;
  if (options.transport != "ftrace")
    return follow_in_the_kernel(
        {options.payload, *irq, *thread, transport, options.records, options.replace_after, options.out});
  return trace_stimuli({options.payload, *irq, *thread, options.records, options.buffer_kb, options.pages,
                        options.warm_up, options.out, options.trace});
}

int carry_out(int argc, char** argv) {
  CLI::App app(
      "Follows each stimulus through the kernel, from the interrupt of a GPIO line to the system call that "
      "answers. Ends on SIGINT, leaves its records in a file and prints its counts as JSON.");
  Options options;
  app.add_option("--payload", options.payload, "the process that answers")->required();
  app.add_option("--line", options.line, "the handler's name in /proc/interrupts")->capture_default_str();
  app.add_option("--transport", options.transport,
                 "what carries the events: a ring or a perf buffer of BPF, or the kernel's own trace")
      ->check(CLI::IsMember({"ring", "perf", "ftrace"}))
      ->capture_default_str();
  app.add_option("--records", options.records, "that are kept at most")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  app.add_option("--out", options.out, "the file of records")->required();
  app.add_option("--replace-after", options.replace_after,
                 "BPF: once so many stimuli came, a new copy of the kernel part takes over; may be given "
                 "several times")
      ->check(CLI::Range(1, 100'000'000));
  CLI::Option* trace = app.add_option("--trace", options.trace, "ftrace: the trace of the longest stimuli");
  app.add_option("--buffer-kb", options.buffer_kb, "ftrace: of each CPU")
      ->check(CLI::Range(64, 1 << 20))
      ->capture_default_str();
  app.add_option("--pages", options.pages, "ftrace: of the trace that are kept of a stimulus at most")
      ->check(CLI::Range(2, 4096))
      ->capture_default_str();
  app.add_option("--warm-up", options.warm_up, "ftrace: so many stimuli do not count, and are in no trace")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  app.footer("Example: probe --payload 123 --out /run/loopgate/probe.lgp");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? target::exit_good : target::exit_usage;
  }
  if (options.transport == "ftrace" && trace->count() == 0)
    return complain("--transport ftrace needs --trace FILE", target::exit_usage);
  return probe(options);
}

}  // namespace

int main(int argc, char** argv) {
  return loopgate::target::run_main("probe", [&] { return carry_out(argc, argv); });
}
