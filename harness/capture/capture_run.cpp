#include "capture/capture_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/file.h"
#include "base/process.h"
#include "base/text.h"
#include "base/utc_time.h"
#include "capture/samplerate.h"
#include "record/outcome.h"
#include "record/run_record.h"
#include "record/samples_file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// So many stimuli while one is pending are noise, and would fill the memory.
constexpr std::size_t most_waiting = 1'000'000;
// The rate is too low to tell late from in time when fewer samples than this fit into the deadline.
constexpr std::int64_t least_samples_a_deadline = 10;

struct Seen {
  std::uint64_t samplerate_hz = 0;
  std::uint64_t samples = 0;
  EdgeMeter stimulus;
  EdgeMeter response;
  PairingCounts counts;
  std::uint64_t records = 0;
  std::int64_t interval_min_ns = 0;
  std::int64_t interval_max_ns = 0;
  std::int64_t least_ns = -1;  // of all latencies; -1: there is none
  std::uint64_t unanswered_warm_up = 0;

  std::int64_t time_of(std::uint64_t sample) const { return time_of_sample(sample, samplerate_hz); }
  std::int64_t resolution_ns() const {
    return static_cast<std::int64_t>((1'000'000'000 + samplerate_hz - 1) / samplerate_hz);
  }
};

class Pairer {
 public:
  Pairer(const CaptureRequest& request, std::uint64_t samplerate_hz, SampleWriter* writer)
      : pairing_(request.pairing),
        writer_(writer),
        seen_{samplerate_hz, 0, EdgeMeter(request.stimulus_rises), EdgeMeter(request.response_rises), {}} {}

  Status levels(std::uint64_t sample, Levels levels) {
    const bool stimulus = seen_.stimulus.level(sample, levels.stimulus);
    const bool response = seen_.response.level(sample, levels.response);
    if (!stimulus && !response) return {};
    const std::int64_t now = seen_.time_of(sample);
    if (stimulus) note_interval(now);
    pairing_.edges(now, stimulus, response);
    if (pairing_.waiting() > most_waiting)
      return fail(ErrorKind::data,
                  fmt::format("{} stimuli came while one was pending: the stimulus channel carries no pulses",
                              with_thousands(most_waiting)),
                  "check which channel carries what");
    return write_finished();
  }

  Status end(std::uint64_t samples) {
    seen_.samples = samples;
    pairing_.end(seen_.time_of(samples));
    return write_finished();
  }

  Seen seen() const {
    Seen seen = seen_;
    seen.counts = pairing_.counts();
    return seen;
  }

 private:
  void note_interval(std::int64_t now) {
    const std::int64_t interval = now - last_stimulus_ns_;
    if (last_stimulus_ns_ >= 0) {
      seen_.interval_min_ns =
          seen_.interval_max_ns == 0 ? interval : std::min(seen_.interval_min_ns, interval);
      seen_.interval_max_ns = std::max(seen_.interval_max_ns, interval);
    }
    last_stimulus_ns_ = now;
  }

  Status write_finished() {
    finished_.clear();
    pairing_.take_finished(&finished_);
    for (const Sample& sample : finished_) {
      if (auto done = writer_->append(sample); !done) return done;
      if (!sample.counted() && sample.unanswered()) ++seen_.unanswered_warm_up;
      if (sample.answered() && (seen_.least_ns < 0 || sample.latency_ns() < seen_.least_ns))
        seen_.least_ns = sample.latency_ns();
    }
    seen_.records += finished_.size();
    return {};
  }

  EdgePairing pairing_;
  SampleWriter* writer_;
  Seen seen_;
  std::int64_t last_stimulus_ns_ = -1;
  std::vector<Sample> finished_;
};

Result<Seen> pair_edges(const CaptureRequest& request, const fs::path& capture, const fs::path& samples) {
  auto reader = open_capture(capture, request.channels);
  if (!reader) return tl::unexpected(reader.error());
  SampleHeader header;
  header.time_base = TimeBase::wall_clock;
  header.deadline_ns = request.pairing.deadline_ns;
  auto writer = SampleWriter::create(samples, header);
  if (!writer) return tl::unexpected(writer.error());
  Pairer pairer(request, (*reader)->samplerate_hz(), &*writer);
  auto read =
      (*reader)->read([&](std::uint64_t sample, Levels levels) { return pairer.levels(sample, levels); });
  if (!read) return tl::unexpected(read.error());
  if (auto ended = pairer.end(*read); !ended) return tl::unexpected(ended.error());
  writer->set_planned(pairer.seen().records);
  if (auto closed = writer->close(); !closed) return tl::unexpected(closed.error());
  return pairer.seen();
}

Status check_edges(const CaptureRequest& request, const Seen& seen) {
  const auto none = [&](const std::string& channel, bool rises) {
    return fail(ErrorKind::data,
                fmt::format("channel {} has no {} edge in {} samples", channel, rises ? "rising" : "falling",
                            with_thousands(seen.samples)),
                "check the wire, the channel and the edge that counts, and that the payload ran");
  };
  if (seen.stimulus.edges() == 0) return none(request.channels.stimulus, request.stimulus_rises);
  if (seen.response.edges() == 0) return none(request.channels.response, request.response_rises);
  if (seen.records > request.pairing.warm_up) return {};
  return fail(ErrorKind::data,
              fmt::format("the capture has {} stimuli whose end it saw, and {} of them are warm-up",
                          with_thousands(seen.records), with_thousands(request.pairing.warm_up)),
              "capture for longer, or take fewer for warm-up");
}

// Why its figures can't be believed, although each file is whole; empty when they can.
std::string problem_of(const CaptureRequest& request, const Seen& seen) {
  if (seen.resolution_ns() * least_samples_a_deadline > request.pairing.deadline_ns)
    return fmt::format("a sample every {} ns is too coarse for a deadline of {} ns", seen.resolution_ns(),
                       request.pairing.deadline_ns);
  if (request.live && seen.samples < request.live->samples())
    return fmt::format("the analyser gave {} of {} samples: it lost some, or stopped",
                       with_thousands(seen.samples), with_thousands(request.live->samples()));
  // An answer may be to a stimulus that was given up, that rose while another was pending, or from before the
  // capture.
  if (seen.counts.spurious > seen.counts.unanswered + seen.counts.while_pending + 1)
    return fmt::format("{} responses came when nothing was asked", with_thousands(seen.counts.spurious));
  if (seen.unanswered_warm_up > 0)
    return fmt::format("{} of the {} warm-up stimuli had no answer, and no rule counts those",
                       with_thousands(seen.unanswered_warm_up), with_thousands(request.pairing.warm_up));
  return {};
}

// A payload that answers the edge at which the stimulus ends makes every figure longer by the pulse. Where
// that is the lesser part of the shortest one, it says nothing: most answers come after a short pulse.
std::string remark_on(const CaptureRequest& request, const Seen& seen) {
  const std::int64_t pulse_ns = seen.time_of(seen.stimulus.shortest_samples());
  if (pulse_ns == 0 || seen.least_ns < 0 || pulse_ns >= seen.least_ns || 2 * pulse_ns < seen.least_ns)
    return {};
  return fmt::format(
      "no response came within the stimulus's pulse of {} ns, and the quickest {} ns after its end: if the "
      "payload "
      "answers the {} edge, every figure is longer by the pulse; capture with --stimulus-edge {}, or have it "
      "answer the other edge (responder --edge {})",
      pulse_ns, seen.least_ns - pulse_ns, request.stimulus_rises ? "falling" : "rising",
      request.stimulus_rises ? "falling" : "rising", request.stimulus_rises ? "rising" : "falling");
}

// Nothing but its name is known of what somebody else had running.
InputFile named(const std::string& name, const std::string& title) { return {{name, ""}, title, ""}; }

RunRecord run_record(const CaptureRequest& request, const Seen& seen, const std::string& cell,
                     const std::string& capture_sha256) {
  const MeasuredBoard& board = request.board;
  RunRecord run;
  run.loopgate = request.loopgate.version;
  run.time_base = TimeBase::wall_clock;
  run.suite = named(board.suite, "edges that a logic analyser captured");
  run.board = {named(board.board, "named by who captured"), false};
  run.samples = seen.records - request.pairing.warm_up;
  run.warm_up = request.pairing.warm_up;
  run.deadline_ns = request.pairing.deadline_ns;
  run.response_timeout_ns = request.pairing.response_timeout_ns;
  run.interval_ns = {seen.interval_min_ns, seen.interval_max_ns};
  run.machine = CaptureMachineRecord{"sigrok", seen.resolution_ns(), capture_sha256};
  run.kernels.emplace_back().name = board.kernel;
  run.loads = {named(board.load, "")};
  run.cells = {{cell, board.kernel, board.load, 1, 0, ""}};
  run.circumstances.started = utc_now();
  run.circumstances.commit = request.loopgate.commit;
  return run;
}

Json channel_json(const std::string& name, bool rises, const EdgeMeter& meter, const Seen& seen) {
  const std::uint64_t shortest = meter.shortest_samples();
  return {{"channel", name},
          {"edge", rises ? "rising" : "falling"},
          {"edges", meter.edges()},
          {"shortest_pulse_ns", shortest == 0 ? Json() : Json(seen.time_of(shortest))},
          {"shortest_pulse_samples", shortest == 0 ? Json() : Json(shortest)}};
}

std::string capture_json(const CaptureRequest& request, const Seen& seen, const fs::path& file,
                         const std::string& sha256) {
  const Json document = {
      {"format", 1},
      {"time_base", name_of(TimeBase::wall_clock)},
      {"instrument", "sigrok"},
      {"file", request.live ? file.filename().string() : fs::absolute(file).string()},
      {"sha256", sha256},
      {"command",
       request.live ? Json(sigrok_command(*request.live, request.channels, file.filename())) : Json()},
      {"samplerate_hz", seen.samplerate_hz},
      {"resolution_ns", seen.resolution_ns()},
      {"samples", seen.samples},
      {"duration_ns", seen.time_of(seen.samples)},
      {"stimulus", channel_json(request.channels.stimulus, request.stimulus_rises, seen.stimulus, seen)},
      {"response", channel_json(request.channels.response, request.response_rises, seen.response, seen)},
      {"while_pending", seen.counts.while_pending},
      {"spurious_responses", seen.counts.spurious},
      {"cut_off_at_end", seen.counts.cut_off}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Outcome outcome_of(const CaptureRequest& request, const Seen& seen, const std::string& cell,
                   const std::string& samples_sha256, const std::string& problem) {
  Outcome outcome;
  outcome.cell = cell;
  outcome.suite = request.board.suite;
  outcome.board = request.board.board;
  outcome.kernel = request.board.kernel;
  outcome.load = request.board.load;
  outcome.time_base = TimeBase::wall_clock;
  outcome.kind = problem.empty() ? OutcomeKind::measured : OutcomeKind::invalid;
  outcome.reason = problem;
  outcome.artifacts[samples_artifact.name] = samples_sha256;
  outcome.records = seen.records;
  outcome.self_check_passed = problem.empty();  // the analyser was fine; it has no known delay to measure
  outcome.spurious_responses = seen.counts.spurious;
  return outcome;
}

// The outcome last: its presence means that the cell is finished.
Result<CaptureReport> write_run(const CaptureRequest& request, const fs::path& out, const std::string& cell,
                                const fs::path& capture) {
  const fs::path folder = out / "cells" / cell;
  const fs::path samples = folder / samples_artifact.name;
  TRY(seen, pair_edges(request, capture, samples));
  TRY_STATUS(check_edges(request, seen));
  TRY(capture_sha256, sha256_of_file(capture));
  TRY(samples_sha256, sha256_of_file(samples));
  const std::string problem = problem_of(request, seen);
  const RunRecord run = run_record(request, seen, cell, capture_sha256);
  TRY_STATUS(write_run_record(out, run));
  TRY_STATUS(
      write_file_atomically(folder / "capture.json", capture_json(request, seen, capture, capture_sha256)));
  const Outcome outcome = outcome_of(request, seen, cell, samples_sha256, problem);
  TRY_STATUS(write_outcome(folder, outcome, run, run.cells.front()));
  return CaptureReport{seen.samplerate_hz, seen.samples, seen.counts, problem, remark_on(request, seen)};
}

Status capture_into(const CaptureRequest& request, const fs::path& folder, const fs::path& file) {
  if (!request.live) return {};
  if (auto done = capture_live(*request.live, request.channels, file); !done) return done;
  return write_file_atomically(folder / "commands.txt",
                               quoted(sigrok_command(*request.live, request.channels, file)) + "\n");
}

}  // namespace

Result<CaptureReport> write_capture_run(const CaptureRequest& request, const fs::path& out) {
  std::error_code ignored;
  if (fs::exists(out, ignored))
    return fail(ErrorKind::usage, fmt::format("{} exists", out.string()), "name another folder with --out");
  if (request.pairing.response_timeout_ns <= request.pairing.deadline_ns)
    return fail(ErrorKind::usage, "the response timeout is not above the deadline");
  if (request.live) TRY_STATUS(check_length(*request.live));
  const std::string cell = request.board.kernel + "." + request.board.load;
  const fs::path folder = out / "cells" / cell;
  if (auto made = make_directories(folder); !made) return tl::unexpected(made.error());
  const fs::path file = request.live ? folder / "capture.sr" : request.file;
  if (auto captured = capture_into(request, folder, file); !captured) {
    fs::remove_all(out, ignored);
    return tl::unexpected(captured.error());
  }
  auto report = write_run(request, out, cell, file);
  if (report) return report;
  if (!request.live) {
    fs::remove_all(out, ignored);
    return report;
  }
  fs::remove(folder / "samples.lgs", ignored);
  Error error = report.error();
  error.next_step +=
      fmt::format("{}the capture is kept: {}", error.next_step.empty() ? "" : "; ", file.string());
  return tl::unexpected(error);
}

}  // namespace loopgate
