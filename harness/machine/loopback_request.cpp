#include "machine/loopback_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/records.h"
#include "record/artifacts.h"

namespace loopgate {
namespace {

// Pulses of the check; the self-checks are the first of them.
constexpr std::uint32_t pulses_at_least = 100;

// An edge on each jumper takes some 0.2 ms, and an emulator beside other work several; each lost one takes a
// second, and after 30 of them it is over.
constexpr std::int64_t check_timeout_ms = 20'000, lost_edges_ms = 35'000, edge_ms = 10;

// For starting, and for the last stimulus's answer.
constexpr std::int64_t spare_ms = 30'000;

constexpr std::uint64_t most_frames = 1'000'000;

void add_decisions(const Board& board, const PulseSettings& pulses, LoopbackRequest* request) {
  const std::string verdict_in = std::to_string(board.lines.verdict_in);
  request->check_argv.insert(request->check_argv.end(),
                             {"--verdict", std::to_string(board.lines.verdict), "--verdict-in", verdict_in});
  request->argv.insert(request->argv.end(),
                       {"--verdict-in", verdict_in, "--records", target_path(frames_artifact)});
  // In one word: it may begin with what an option begins with.
  if (!pulses.truth.empty()) request->argv.push_back("--truth=" + pulses.truth);
  if (pulses.frames > 1)
    request->argv.insert(request->argv.end(),
                         {"--frames", std::to_string(pulses.frames), "--frame-interval-us",
                          fmt::format("{}", static_cast<double>(pulses.frame_interval_ns) / 1e3)});
}

std::vector<std::string> begin_of(const char* command, const Board& board, const PulseSettings& pulses) {
  std::vector<std::string> argv = {loopback_program, command,
                                   "--chip",         board.gpio_chip,
                                   "--stimulus-out", std::to_string(board.lines.stimulus_out),
                                   "--response-in",  std::to_string(board.lines.response_in)};
  if (pulses.falls) argv.insert(argv.end(), {"--edge", "falling"});
  return argv;
}

}  // namespace

std::int64_t loopback_check_timeout_ms(std::uint32_t edges) {
  return check_timeout_ms + (edges == 0 ? 0 : lost_edges_ms + std::int64_t{edges} * edge_ms);
}

std::int64_t loopback_timeout_ms(const PulseSettings& pulses) {
  const std::int64_t stimuli = std::int64_t{pulses.warm_up} + pulses.counted;
  // Back to back, each waits for the response to the one before.
  const std::int64_t each_ns =
      pulses.interval_max_ns + (pulses.back_to_back ? pulses.response_timeout_ns : 0);
  return (stimuli * each_ns + pulses.response_timeout_ns) / 1'000'000 + spare_ms;
}

LoopbackRequest loopback_request(const Board& board, const PulseSettings& pulses) {
  const auto text = [](auto number) { return std::to_string(number); };
  const std::string check_file = target_path(check_artifact);
  const std::string samples_file = target_path(samples_artifact);
  const std::string own_stamps_file = target_path(loopback_stamps_artifact);
  LoopbackRequest request;
  if (!board.housekeeping_cpus.empty()) request.cpu = board.housekeeping_cpus.front();
  request.check_argv = begin_of("check", board, pulses);
  request.check_argv.insert(
      request.check_argv.end(),
      {"--stimulus", text(board.lines.stimulus), "--response", text(board.lines.response), "--pulses",
       text(std::max(pulses.self_checks, pulses_at_least)), "--out", check_file});
  if (board.check_edges > 0)
    request.check_argv.insert(request.check_argv.end(), {"--edges", text(board.check_edges)});
  request.argv = begin_of("run", board, pulses);
  request.argv.insert(request.argv.end(),
                      {"--seed",
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
                       "--response-timeout-ms",
                       fmt::format("{}", static_cast<double>(pulses.response_timeout_ns) / 1e6),
                       "--samples-file",
                       samples_file,
                       "--stamps",
                       own_stamps_file});
  if (pulses.back_to_back) request.argv.emplace_back("--back-to-back");
  if (pulses.decisions) add_decisions(board, pulses, &request);
  for (const int cpu : board.measured_cpus)
    request.argv.insert(request.argv.end(), {"--payload-cpu", text(cpu)});
  request.timeout_ms = loopback_timeout_ms(pulses);
  request.files = {check_file, samples_file, own_stamps_file, target_path(stamps_artifact)};
  return request;
}

std::uint64_t records_size_on_board(const PulseSettings& pulses) {
  const std::uint64_t frames = (std::uint64_t{pulses.warm_up} + pulses.counted) * pulses.frames;
  return sizeof(RecordsHeader) + std::min(frames, most_frames) * sizeof(FrameRecord);
}

}  // namespace loopgate
