// The agent: PID 1 of the bench's image, or a program that carries one job out from files.
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <thread>

#include "protocol/agents_last_word.h"
#include "protocol/instrument_event.h"
#include "target/agent/boot.h"
#include "target/agent/channel_map.h"
#include "target/agent/control_pins.h"
#include "target/agent/events.h"
#include "target/agent/job_runner.h"
#include "target/agent/kernel_facts.h"
#include "target/agent/symbols.h"
#include "target/agent/text_file.h"
#include "target/deadline.h"
#include "target/output.h"

namespace {

using namespace loopgate;

constexpr std::chrono::seconds boot_within{30};

// While measuring: above the load, below everything that is measured.
constexpr int small_priority = 1;
// Before: above any task that never sleeps, which would otherwise silence the agent, and a silent agent is
// taken for a hung kernel.
constexpr int high_priority = 98;
// After: SCHED_DEADLINE, which not even a SCHED_FIFO task of priority 99 keeps away. The rest is for those
// who wake the agent, and so that a killed task can end.
constexpr target::Reservation waking{std::chrono::microseconds(100), std::chrono::milliseconds(100)};
constexpr target::Reservation ending{std::chrono::milliseconds(80), std::chrono::milliseconds(100)};

// The agent's children start plain.
void take_priority(int priority, pid_t thread = 0) {
  sched_param parameters{};
  parameters.sched_priority = priority;
  ::sched_setscheduler(thread, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameters);
}

// SCHED_FIFO where the kernel has not so much of the CPU left to reserve.
void take_reservation(const target::Reservation& reservation, int priority_else, pid_t thread = 0) {
  if (target::take_deadline(thread, reservation, target::children_start_plain) != 0)
    take_priority(priority_else, thread);
}

// A thread that sleeps above everything until the bench says stop, and then takes the agent up.
void rise_at(int stop_fd) {
  std::thread([stop_fd, agent = ::gettid()] {
    take_reservation(waking, high_priority + 1);
    pollfd watched{stop_fd, POLLIN, 0};
    while (::poll(&watched, 1, -1) < 0 && errno == EINTR) {
    }
    take_reservation(ending, high_priority, agent);
  }).detach();
}

Report report_of_failure(std::string part, std::string what) {
  Report report;
  report.kernel = read_kernel_facts({});
  report.failure = Failure{std::move(part), "", std::move(what)};
  return report;
}

// `channel`: where the payload's files are; null where they are on the board already.
Report run_text(const Result<std::string>& text, const ChannelMap* channel, int stop_fd,
                const std::function<void()>& on_ready,
                const std::function<void(const std::string&)>& on_line = {}) {
  if (!text) return report_of_failure("job", text.error().what);
  auto job = parse_job(*text);
  if (!job) return report_of_failure("job", job.error().what);
  if (channel != nullptr) {
    if (auto unpacked = channel->unpack(job->payload.files); !unpacked)
      return report_of_failure("payload", unpacked.error().what);
  }
  auto events = Events::open(stop_fd);
  if (!events) return report_of_failure("agent", events.error().what);
  // A program may be of any priority and never sleep. Without a payload to disturb, the agent wakes for its
  // end alone, or to end it.
  const auto stays_high = [&on_ready] {
    on_ready();
    take_priority(high_priority);
  };
  const bool programs_alone = !job->has_payload() && !job->programs.empty();
  const std::function<void()> ready = programs_alone ? stays_high : on_ready;
  if (channel != nullptr) {
    rise_at(stop_fd);  // now that it inherits the blocked signals
    // Also the thread that brings the bench's word; first, since the first rule that matches a thread holds.
    job->threads.insert(job->threads.begin(), {"irq/*-control", SCHED_DEADLINE, 0, false});
  }
  return JobRunner(*job, *events, ready, on_line).run();
}

// ---- As PID 1 ----

struct Bench {
  ChannelMap channel;
  ControlPins pins;

  void tell(AgentState state) {
    channel.set_state(state);
    if (!pins.pulse()) log_line("the control line to the bench can't be set", true);
  }
  void hand_in(const Report& report) {
    if (auto written = channel.write_report(to_json(report)); !written) {
      log_line(written.error().what, true);
      (void)channel.write_report(to_json(report_of_failure("agent", written.error().what)));
    }
    if (report.failure) log_line(report.failure->what, true);
    tell(report.failure ? AgentState::failed : AgentState::reported);
  }
  void hand_in_symbols_or_say_why() {
    const Status done = hand_in_symbols(&channel);
    if (!done) return hand_in(report_of_failure("agent", done.error().what));
    tell(AgentState::reported);
  }
};

Result<unsigned> line_number(const std::string& command_line, const char* key) {
  const auto text = kernel_argument(command_line, key);
  unsigned number = 0;
  if (text) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error == std::errc() && end == text->data() + text->size()) return number;
  }
  return fail(ErrorKind::usage, std::string("the kernel's command line has no ") + key + "=NUMBER");
}

Result<ControlPins> open_control_pins() {
  const auto command_line = read_text("/proc/cmdline");
  if (!command_line) return tl::unexpected(command_line.error());
  const auto chip = kernel_argument(*command_line, "loopgate.chip");
  if (!chip) return fail(ErrorKind::usage, "the kernel's command line has no loopgate.chip=LABEL");
  const auto line_in = line_number(*command_line, "loopgate.control_in");
  if (!line_in) return tl::unexpected(line_in.error());
  const auto line_out = line_number(*command_line, "loopgate.control_out");
  if (!line_out) return tl::unexpected(line_out.error());
  return ControlPins::open(*chip, *line_in, *line_out);
}

// The bench can't be told by the line, so the machine ends at once: nobody has to wait for a time limit.
[[noreturn]] void give_up(Result<ChannelMap>* channel, const Error& error) {
  log_line(agents_last_word(error.what), true);
  if (*channel) {
    (void)(*channel)->write_report(to_json(report_of_failure("agent", error.what)));
    (*channel)->set_state(AgentState::failed);
  }
  ::reboot(RB_POWER_OFF);
  for (;;) ::pause();
}

[[noreturn]] void run_as_init() {
  prepare_as_init();
  take_priority(small_priority);
  log_line("the agent started", false);
  const Status loaded = load_modules();
  auto channel = ChannelMap::open();
  if (!loaded) give_up(&channel, loaded.error());
  if (!channel) give_up(&channel, channel.error());
  auto pins = open_control_pins();
  if (!pins) give_up(&channel, pins.error());
  Bench bench{std::move(*channel), std::move(*pins)};
  const auto booted = bring_loopback_up().and_then([] { return wait_until_boot_is_over(boot_within); });
  if (booted) {
    bench.tell(AgentState::booted);
    // The machine may be saved in the line above, and restored later with another job: nothing was read from
    // it yet.
    take_priority(high_priority);
    const auto job = bench.channel.read_job();
    if (job && asks_for_symbols(*job)) {
      bench.hand_in_symbols_or_say_why();
    } else {
      bench.hand_in(run_text(job, &bench.channel, bench.pins.stop_fd(), [&] {
        take_priority(small_priority);
        bench.tell(AgentState::ready);
      }));
    }
  } else {
    bench.hand_in(report_of_failure("agent", booted.error().what));
  }
  for (;;) ::pause();
}

// ---- As a program ----

struct ProgramOptions {
  std::string job;
  std::string report;
  unsigned seconds = 0;
  bool events = false;
};

// A line for whoever listens on standard output. When nobody does any more, all is brought to an end.
void pass_on(const std::string& line) {
  if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) ::raise(SIGTERM);
}

std::string ready_event() {
  InstrumentEvent event;
  event.kind = InstrumentEvent::Kind::ready;
  return to_line(event);
}

std::string end_event(const Report& report) {
  InstrumentEvent event;
  event.kind = report.failure ? InstrumentEvent::Kind::failed : InstrumentEvent::Kind::reported;
  if (report.failure) event.what = report.failure->part + ": " + report.failure->what;
  return to_line(event);
}

int run_from_files(const ProgramOptions& options) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);  // orphans of the load come here, to be ended with it
  ::signal(SIGPIPE, SIG_IGN);
  take_priority(small_priority);
  // A timer that is never set never ends the wait.
  const Descriptor timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
  const auto on_ready = [&] {
    std::fputs("ready: the load runs and the payload waits\n", stderr);
    if (options.events) pass_on(ready_event());
    itimerspec once{};
    once.it_value.tv_sec = static_cast<time_t>(options.seconds);
    ::timerfd_settime(timer.get(), 0, &once, nullptr);
  };
  const Report report = run_text(read_text(options.job), nullptr, timer.get(), on_ready,
                                 options.events ? pass_on : std::function<void(const std::string&)>());
  if (!target::write_whole(options.report, to_json(report) + '\n')) {
    std::fprintf(stderr, "%s: cannot be written: %s\n", options.report.c_str(), std::strerror(errno));
    return 1;
  }
  if (options.events) pass_on(end_event(report));
  if (!report.failure) return 0;
  std::fprintf(stderr, "%s\n", report.failure->what.c_str());
  return 1;
}

int carry_out(int argc, char** argv) {
  CLI::App app(
      "Carries one job of the bench out: tunes the kernel, runs the load and the payload, and reports.");
  ProgramOptions options;
  app.add_option("--job", options.job, "the job (JSON)")->required();
  app.add_option("--report", options.report, "where the report goes (JSON)")->required();
  app.add_option("--seconds", options.seconds,
                 "how long to run once all is ready; 0: until SIGTERM or SIGINT, or the instrument's end");
  app.add_flag("--events", options.events,
               "say on standard output how far it is, a JSON object a line: ready, what the job's instrument "
               "says, and reported or failed");
  app.footer("Example: loopgate-agent --job job.json --report report.json --seconds 60");
  CLI11_PARSE(app, argc, argv);
  return run_from_files(options);
}

}  // namespace

int main(int argc, char** argv) {
  return target::run_main("agent", [&] {
    if (::getpid() == 1) run_as_init();
    return carry_out(argc, argv);
  });
}
