// The bare responder: waits for an edge on one line and answers on another, as a real-time program does it:
// one thread, SCHED_FIFO, locked and prefaulted memory, and nothing in the loop that allocates, locks or
// prints.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <map>

#include "target/gpio_chip.h"
#include "target/planted_delay.h"
#include "target/real_time.h"
#include "target/service.h"
#include "target/stamp_book.h"

namespace {

using namespace loopgate::target;

// The kernel keeps this many edges while the program is late; a stimulus is never sent while one is
// unanswered.
constexpr std::size_t events_kept = 64;

struct Options {
  std::string chip;
  unsigned stimulus = 0;
  unsigned response = 0;
  std::string policy = "fifo";
  int priority = 80;
  bool allow_degraded = false;
  std::string stamps;  // empty: none are left
  std::uint64_t stamps_records = 100'000;
  // For tests of the bench itself; 0: off.
  std::uint64_t delay_instructions = 0;
  std::uint64_t mute_after = 0;
  std::uint64_t die_after = 0;
};

struct Counts {
  std::uint64_t events = 0;
  std::uint64_t responses = 0;
  std::uint64_t overruns = 0;  // edges that the kernel had no room for: gaps in the line's sequence numbers
};

// The C++ bindings' calls allocate, so the loop has the C ones. False when the line failed.
bool answer_until_stopped(const Options& options, gpiod_line_request* input, gpiod_line_request* output,
                          gpiod_edge_event_buffer* buffer, StampBook* stamps, Counts* counts) {
  std::uint64_t expected = 1;
  while (stop_requested == 0) {
    const int got = gpiod_line_request_read_edge_events(input, buffer, events_kept);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    const std::int64_t woke_ns = stamps->now_ns();
    for (int i = 0; i < got; ++i) {
      gpiod_edge_event* event = gpiod_edge_event_buffer_get_event(buffer, static_cast<unsigned long>(i));
      const std::uint64_t number = gpiod_edge_event_get_line_seqno(event);
      counts->overruns += number - expected;
      expected = number + 1;
      ++counts->events;
      if (options.die_after != 0 && counts->events > options.die_after) std::abort();
      if (options.mute_after != 0 && counts->events > options.mute_after) continue;
      spend(options.delay_instructions);
      if (gpiod_line_request_set_value(output, options.response, GPIOD_LINE_VALUE_ACTIVE) != 0) return false;
      stamps->add(number, static_cast<std::int64_t>(gpiod_edge_event_get_timestamp_ns(event)), woke_ns);
      if (gpiod_line_request_set_value(output, options.response, GPIOD_LINE_VALUE_INACTIVE) != 0)
        return false;
      ++counts->responses;
    }
  }
  return true;
}

int complain(const std::string& what, int exit_status) {
  std::fprintf(stderr, "responder: %s\n", what.c_str());
  return exit_status;
}

std::string become_real_time(const Options& options) {
  static const std::map<std::string, int> policies = {
      {"fifo", SCHED_FIFO}, {"rr", SCHED_RR}, {"other", SCHED_OTHER}};
  const int policy = policies.at(options.policy);
  std::string refused = lock_memory();
  if (refused.empty()) refused = take_policy(policy, policy == SCHED_OTHER ? 0 : options.priority);
  return refused;
}

void print(const Counts& counts, const PageFaults& before, const PageFaults& after, bool degraded) {
  std::printf(
      "{\"events\":%llu,\"responses\":%llu,\"overruns\":%llu,\"minor_faults\":%ld,\"major_faults\":%ld,"
      "\"priority_read_back\":%d,\"degraded\":%s}\n",
      static_cast<unsigned long long>(counts.events), static_cast<unsigned long long>(counts.responses),
      static_cast<unsigned long long>(counts.overruns), after.minor - before.minor,
      after.major - before.major, priority_read_back(), degraded ? "true" : "false");
}

int respond(const Options& options, const std::string& path) {
  const LineRequest input =
      request_line(path, options.stimulus, "stimulus", LineUse::rising_edges, events_kept);
  const LineRequest output = request_line(path, options.response, "response", LineUse::output_low);
  const EventBuffer buffer(gpiod_edge_event_buffer_new(events_kept));
  if (!buffer) return complain("no memory for edge events", exit_broken);
  StampBook stamps;
  if (!options.stamps.empty()) {
    if (const std::string problem = stamps.open(options.stamps, options.stamps_records); !problem.empty())
      return complain(problem, exit_broken);
  }
  const std::string refused = become_real_time(options);
  if (!refused.empty() && !options.allow_degraded)
    return complain(refused + "; --allow-degraded measures without", exit_no_right);
  end_on_signals();
  if (!notify_ready()) return complain("READY=1 could not be sent to $NOTIFY_SOCKET", exit_broken);

  Counts counts;
  const PageFaults before = page_faults();
  const bool good = answer_until_stopped(options, input.get(), output.get(), buffer.get(), &stamps, &counts);
  const int error = errno;
  const PageFaults after = page_faults();
  print(counts, before, after, !refused.empty());
  return good ? exit_good : complain(std::string("the lines failed: ") + std::strerror(error), exit_broken);
}

// Tells first, in words, what the kernel's error number would only hint at.
std::string why_no_lines(const Options& options, const std::string& path) {
  const gpiod::chip chip(path);
  const std::string problem = why_not(chip, options.stimulus);
  return problem.empty() ? why_not(chip, options.response) : problem;
}

void describe(CLI::App* app, Options* options) {
  app->add_option("--chip", options->chip, "the GPIO chip's label, name or path")->required();
  app->add_option("--stimulus", options->stimulus, "the input line")->required();
  app->add_option("--response", options->response, "the output line")->required();
  app->add_option("--policy", options->policy, "scheduling policy")
      ->check(CLI::IsMember({"fifo", "rr", "other"}))
      ->capture_default_str();
  app->add_option("--priority", options->priority, "real-time priority")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  app->add_flag("--allow-degraded", options->allow_degraded,
                "go on without real-time priority or locked memory, and say so");
  app->add_option("--stamps", options->stamps, "leave each stimulus's times in this file");
  app->add_option("--stamps-records", options->stamps_records, "how many of them it has room for")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  CLI::Option_group* tests = app->add_option_group("For tests of the bench");
  tests->add_option("--delay-instructions", options->delay_instructions,
                    "run exactly so many (even) before each answer");
  tests->add_option("--mute-after", options->mute_after, "never answer after so many events");
  tests->add_option("--die-after", options->die_after, "abort after so many events");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Answers each rising edge of one line with a pulse on another. At its end it prints its counts as "
      "JSON.");
  Options options;
  describe(&app, &options);
  app.footer("Example: responder --chip gpiochip0 --stimulus 17 --response 27 --priority 80");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_good : exit_usage;
  }
  if (options.delay_instructions % 2 != 0) return complain("--delay-instructions must be even", exit_usage);
  try {  // libgpiod's C++ bindings report by exception
    const std::string path = find_gpio_chip(options.chip);
    if (path.empty()) return complain("no GPIO chip is labelled or named " + options.chip, exit_no_line);
    if (const std::string problem = why_no_lines(options, path); !problem.empty())
      return complain(problem, exit_no_line);
    return respond(options, path);
  } catch (const std::exception& error) {
    return complain(error.what(), exit_no_line);
  }
}
