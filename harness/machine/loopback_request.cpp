#include "machine/loopback_request.h"

#include <fmt/format.h>

#include <algorithm>

namespace loopgate {
namespace {

constexpr const char* check_file = "/run/loopgate/check.json";
constexpr const char* samples_file = "/run/loopgate/samples.lgs";
constexpr const char* own_stamps_file = "/run/loopgate/loopback.lst";

// Pulses of the check; the self-checks are the first of them.
constexpr std::uint32_t pulses_at_least = 100;

// For starting, and for the last stimulus's answer.
constexpr std::int64_t spare_ms = 30'000;

std::vector<std::string> begin_of(const char* command, const Board& board) {
  return {loopback_program, command,
          "--chip",         board.gpio_chip,
          "--stimulus-out", std::to_string(board.lines.stimulus_out),
          "--response-in",  std::to_string(board.lines.response_in)};
}

}  // namespace

std::int64_t loopback_within_ms(const PulseSettings& pulses) {
  const std::int64_t stimuli = std::int64_t{pulses.warm_up} + pulses.counted;
  return (stimuli * pulses.interval_max_ns + pulses.abandon_ns) / 1'000'000 + spare_ms;
}

LoopbackRequest loopback_request(const Board& board, const PulseSettings& pulses) {
  const auto text = [](auto number) { return std::to_string(number); };
  LoopbackRequest order;
  if (!board.housekeeping_cpus.empty()) order.cpu = board.housekeeping_cpus.front();
  order.check_argv = begin_of("check", board);
  order.check_argv.insert(
      order.check_argv.end(),
      {"--stimulus", text(board.lines.stimulus), "--response", text(board.lines.response), "--pulses",
       text(std::max(pulses.self_checks, pulses_at_least)), "--out", check_file});
  order.argv = begin_of("run", board);
  order.argv.insert(order.argv.end(), {"--seed",
                                       text(pulses.seed),
                                       "--interval-us",
                                       text(pulses.interval_min_ns / 1'000),
                                       text(pulses.interval_max_ns / 1'000),
                                       "--warm-up",
                                       text(pulses.warm_up),
                                       "--samples",
                                       text(pulses.counted),
                                       "--self-checks",
                                       text(pulses.self_checks),
                                       "--check",
                                       check_file,
                                       "--deadline-us",
                                       fmt::format("{}", static_cast<double>(pulses.deadline_ns) / 1e3),
                                       "--abandon-ms",
                                       fmt::format("{}", static_cast<double>(pulses.abandon_ns) / 1e6),
                                       "--samples-file",
                                       samples_file,
                                       "--stamps",
                                       own_stamps_file});
  for (const int cpu : board.measured_cpus) order.argv.insert(order.argv.end(), {"--payload-cpu", text(cpu)});
  order.within_ms = loopback_within_ms(pulses);
  order.files = {check_file, samples_file, own_stamps_file, payload_stamps_file};
  return order;
}

}  // namespace loopgate
