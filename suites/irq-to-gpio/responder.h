// The bare responder without its main(): waits for an edge on one line and answers on another, as a real-time
// program does it: one thread, SCHED_FIFO, locked and prefaulted memory, and nothing in the loop that
// allocates, locks or prints. A template, so that tests of the bench can build a responder with planted
// faults (fixtures/planted/faulty_responder.cpp); with NoFault, the hooks compile to nothing.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include "target/gpio_chip.h"
#include "target/output.h"
#include "target/real_time.h"
#include "target/service.h"
#include "target/stamp_book.h"

namespace loopgate::responder {

using namespace loopgate::target;

// The kernel keeps this many edges while the program is late; a stimulus is never sent while one is
// unanswered.
constexpr std::size_t events_kept = 64;

// What the responder that is measured does wrong.
struct NoFault {
  void add_options(CLI::App* /*app*/) {}
  // Whether this event, counted from 1, is answered.
  static constexpr bool answers(std::uint64_t /*event*/) { return true; }
  static constexpr void before_answer() {}
};

struct Options {
  std::string chip;
  unsigned stimulus = 0;
  std::string edge = rising_edge;
  unsigned response = 0;
  std::string policy = "fifo";
  int priority = 80;
  bool allow_degraded = false;
  std::string stamps;  // empty: no stamps are recorded
  std::uint64_t stamps_records = 100'000;
};

struct Counts {
  std::uint64_t events = 0;
  std::uint64_t responses = 0;
  std::uint64_t overruns = 0;  // edges that the kernel had no room for: gaps in the line's sequence numbers
};

struct Lines {
  gpiod_line_request* input;
  gpiod_line_request* output;
  gpiod_edge_event_buffer* buffer;
  unsigned response;
};

// Uses libgpiod's C functions, because its C++ bindings allocate. False when a line failed.
template <class Fault>
bool answer_until_stopped(const Lines& lines, const Fault& fault, StampBook* stamps, Counts* counts) {
  std::uint64_t expected = 1;
  while (stop_requested == 0) {
    const int got = gpiod_line_request_read_edge_events(lines.input, lines.buffer, events_kept);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    const std::int64_t woke_ns = stamps->now_ns();
    for (int i = 0; i < got; ++i) {
      gpiod_edge_event* event =
          gpiod_edge_event_buffer_get_event(lines.buffer, static_cast<unsigned long>(i));
      const std::uint64_t number = gpiod_edge_event_get_line_seqno(event);
      counts->overruns += number - expected;
      expected = number + 1;
      ++counts->events;
      if (!fault.answers(counts->events)) continue;
      fault.before_answer();
      if (gpiod_line_request_set_value(lines.output, lines.response, GPIOD_LINE_VALUE_ACTIVE) != 0)
        return false;
      stamps->add(number, static_cast<std::int64_t>(gpiod_edge_event_get_timestamp_ns(event)), woke_ns);
      if (gpiod_line_request_set_value(lines.output, lines.response, GPIOD_LINE_VALUE_INACTIVE) != 0)
        return false;
      ++counts->responses;
    }
  }
  return true;
}

inline int report_failure(const std::string& what, int exit_status) {
  std::fprintf(stderr, "responder: %s\n", what.c_str());
  return exit_status;
}

inline std::string become_real_time(const Options& options) {
  static const std::map<std::string, int> policies = {
      {"fifo", SCHED_FIFO}, {"rr", SCHED_RR}, {"other", SCHED_OTHER}};
  const int policy = policies.at(options.policy);
  std::string refused = lock_memory();
  if (refused.empty()) refused = take_policy(policy, policy == SCHED_OTHER ? 0 : options.priority);
  return refused;
}

inline void print(const Counts& counts, const PageFaults& before, const PageFaults& after, bool degraded) {
  std::printf(
      "{\"events\":%llu,\"responses\":%llu,\"overruns\":%llu,\"minor_faults\":%ld,\"major_faults\":%ld,"
      "\"priority_read_back\":%d,\"degraded\":%s}\n",
      static_cast<unsigned long long>(counts.events), static_cast<unsigned long long>(counts.responses),
      static_cast<unsigned long long>(counts.overruns), after.minor - before.minor,
      after.major - before.major, priority_read_back(), degraded ? "true" : "false");
}

template <class Fault>
int respond(const Options& options, const Fault& fault, const std::string& path) {
  const LineRequest input = request_line(path, options.stimulus, "stimulus", LineUse::rising_edges,
                                         events_kept, options.edge == falling_edge);
  const LineRequest output = request_line(path, options.response, "response", LineUse::output_low);
  const EventBuffer buffer(gpiod_edge_event_buffer_new(events_kept));
  if (!buffer) return report_failure("no memory for edge events", exit_broken);
  StampBook stamps;
  if (!options.stamps.empty()) {
    if (const std::string problem = stamps.open(options.stamps, options.stamps_records); !problem.empty())
      return report_failure(problem, exit_broken);
  }
  const std::string refused = become_real_time(options);
  if (!refused.empty() && !options.allow_degraded)
    return report_failure(refused + "; --allow-degraded measures without", exit_no_right);
  end_on_signals();
  if (!notify_ready()) return report_failure("READY=1 could not be sent to $NOTIFY_SOCKET", exit_broken);

  Counts counts;
  const PageFaults before = page_faults();
  const bool good = answer_until_stopped({input.get(), output.get(), buffer.get(), options.response}, fault,
                                         &stamps, &counts);
  const int error = errno;
  const PageFaults after = page_faults();
  print(counts, before, after, !refused.empty());
  return good ? exit_good
              : report_failure(std::string("a line failed: ") + std::strerror(error), exit_broken);
}

// Explains in words what the kernel's error number would only hint at; empty when both lines are free.
inline std::string line_problem(const Options& options, const std::string& path) {
  const gpiod::chip chip(path);
  const std::string problem = why_not(chip, options.stimulus);
  return problem.empty() ? why_not(chip, options.response) : problem;
}

inline void add_options(CLI::App* app, Options* options) {
  app->add_option("--chip", options->chip, "the GPIO chip's label, name or path")->required();
  app->add_option("--stimulus", options->stimulus, "the input line")->required();
  app->add_option("--edge", options->edge, "the stimulus's edge that is answered")
      ->check(CLI::IsMember({rising_edge, falling_edge}))
      ->capture_default_str();
  app->add_option("--response", options->response, "the output line")->required();
  app->add_option("--policy", options->policy, "scheduling policy")
      ->check(CLI::IsMember({"fifo", "rr", "other"}))
      ->capture_default_str();
  app->add_option("--priority", options->priority, "real-time priority")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  app->add_flag("--allow-degraded", options->allow_degraded,
                "run without real-time priority or locked memory, and report it");
  app->add_option("--stamps", options->stamps, "record each stimulus's times in this file");
  app->add_option("--stamps-records", options->stamps_records, "the file's capacity in records")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
}

template <class Fault>
int carry_out(int argc, char** argv, Fault fault) {
  CLI::App app(
      "Answers each edge on one line with a pulse on another. On exit it prints its counts as JSON.");
  Options options;
  add_options(&app, &options);
  fault.add_options(&app);
  app.footer("Example: responder --chip gpiochip0 --stimulus 17 --response 27 --priority 80");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_good : exit_usage;
  }
  try {  // libgpiod's C++ bindings report errors by exception
    const std::string path = find_gpio_chip(options.chip);
    if (path.empty())
      return report_failure("no GPIO chip is labelled or named " + options.chip, exit_no_line);
    if (const std::string problem = line_problem(options, path); !problem.empty())
      return report_failure(problem, exit_no_line);
    return respond(options, fault, path);
  } catch (const std::exception& error) {
    return report_failure(error.what(), exit_no_line);
  }
}

template <class Fault>
int run(int argc, char** argv, const Fault& fault) {
  return run_main("responder", [&] { return carry_out(argc, argv, fault); });
}

}  // namespace loopgate::responder
