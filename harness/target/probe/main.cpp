// The probe's user part: loads the kernel part beside a payload that is ready, keeps what it sends, and
// leaves it when it is told to end. By ftrace there is no kernel part: trace_stimuli.cpp.
#include <poll.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "target/output.h"
#include "target/probe/collector.h"
#include "target/probe/findings.h"
#include "target/probe/kernel_session.h"
#include "target/probe/line_interrupt.h"
#include "target/probe/trace_stimuli.h"
#include "target/service.h"

namespace {

using namespace loopgate;

// The kernel counts what the functions take over the first stimuli alone, which are the warm-up's: counting
// costs time itself.
constexpr std::uint64_t costed_stimuli = 32;
constexpr int look_while_costed_ms = 10;
constexpr int look_ms = 100;

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
};

int complain(const std::string& what, int exit_status) {
  std::fprintf(stderr, "probe: %s\n", what.c_str());
  return exit_status;
}

std::string text_of(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Outermost first, without what belongs to the switch and to the probe itself.
std::vector<std::string> stack_of(const ProbeHolder& holder, KernelSession* session) {
  std::vector<std::string> names;
  const auto frames = holder.stack_bytes < 0 ? 0 : static_cast<std::size_t>(holder.stack_bytes) / 8;
  for (std::size_t i = 0; i < frames && i < probe_frames; ++i) {
    std::string name = session->name_of(holder.stack[i] - 1);  // in the call, not behind it
    if (name == "__schedule") names.clear();
    names.insert(names.begin(), std::move(name));
  }
  return names;
}

void note_costs(KernelSession* session, Findings* findings) {
  findings->costs = session->end_costs();
  findings->costed = findings->costs.empty() ? 0 : session->shared().stimuli;
}

bool collect(KernelSession* session, Collector* collector, Findings* findings) {
  bool costed = false;
  while (target::stop_requested == 0) {
    ::poll(nullptr, 0, costed ? look_ms : look_while_costed_ms);
    if (!costed && session->shared().stimuli >= costed_stimuli) {
      note_costs(session, findings);
      costed = true;
    }
    if (!session->fetch()) return false;
    session->shared().slow_ns = collector->slow_ns();
  }
  if (!costed) note_costs(session, findings);
  session->detach();
  return session->fetch();
}

void count(KernelSession* session, const Collector& collector, Findings* findings) {
  const ProbeShared& shared = session->shared();
  findings->events = collector.events();
  findings->damaged = collector.damaged();
  findings->stimuli = shared.stimuli;
  findings->unfinished = shared.unfinished;
  findings->lost = shared.lost + collector.beyond();
  for (const LongWait& wait : collector.long_waits())
    findings->waits.push_back({wait, stack_of(wait.holder, session)});
}

int load_kernel_part(const Options& options, int irq, pid_t thread) {
  Findings findings;
  findings.transport =
      options.transport == "ring" ? ProbeTransport::ring_buffer : ProbeTransport::perf_buffer;
  findings.irq = irq;
  Collector collector(options.records);
  auto session =
      KernelSession::start({thread, options.payload, findings.transport},
                           [&](const void* data, std::size_t size) { collector.take(data, size); });
  if (!session) return complain(sentence_of(session.error()), target::exit_not_applicable);
  target::end_on_signals();
  if (!target::notify_ready()) return complain("READY=1 could not be sent", target::exit_broken);
  if (!collect(&*session, &collector, &findings))
    return complain("the kernel's events cannot be fetched any more", target::exit_broken);
  count(&*session, collector, &findings);
  const ClockPair clocks = read_clock_pair();
  const std::vector<ProbeRecord> records = collector.take_records();
  findings.damaged = collector.damaged();
  if (!target::write_whole(options.out, file_of(findings, clocks, records)))
    return complain(options.out + " cannot be written: " + std::strerror(errno), target::exit_broken);
  std::printf("%s\n", to_json(findings).c_str());
  return target::exit_good;
}

int probe(const Options& options) {
  const auto irq = irq_named(text_of("/proc/interrupts"), options.line);
  const auto thread = irq ? irq_thread(*irq) : std::nullopt;
  if (!thread)
    return complain("no interrupt in /proc/interrupts is the line " + options.line +
                        "'s alone and has a thread -> have the payload request its line under that name, or "
                        "measure without --probe",
                    target::exit_no_line);
  if (options.transport != "ftrace") return load_kernel_part(options, *irq, *thread);
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
