// Where each sample's time went: the payload's own times, put on the instrument's clock, between the stimulus
// and the response that the instrument saw. The stages of a sample add up to its latency. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/frames_file.h"
#include "record/probe_file.h"
#include "record/run_record.h"
#include "record/samples_file.h"
#include "record/stamps_file.h"

namespace loopgate {

// `scene`: from the first frame of a decision to its last, 0 where one frame makes a decision. `kernel`: from
// the edge to the program's reading it. `output`: from the decision to the pin.
inline constexpr std::array<const char*, 7> stage_names = {"scene", "kernel", "capture", "preprocess",
                                                           "infer", "decide", "output"};

// From the stimulus to the kernel's hard interrupt, from there to the program's having it, and from there to
// the pin, as the kernel stamped that in turn.
inline constexpr std::array<const char*, 3> path_names = {"to interrupt", "to program", "to pin"};

// As `explain` names them, of the time from the stimulus to the response. Where a thread waits, something
// else runs.
inline constexpr std::array<const char*, 7> probed_phase_names = {
    "irqs disabled",          "hardirq", "irq thread wakeup latency", "irq thread",
    "payload wakeup latency", "payload", "payload's system calls"};

// The same as far as the kernel's own tracing tells them: `before the handler` is the first and the beginning
// of the second, `payload` the last two.
inline constexpr std::array<const char*, 6> traced_phase_names = {"before the handler",        "hardirq",
                                                                  "irq thread wakeup latency", "irq thread",
                                                                  "payload wakeup latency",    "payload"};

struct StagedSample {
  std::uint32_t index = 0;
  std::int64_t latency_ns = 0;
  std::array<std::int64_t, stage_names.size()> ns{};  // as many as there are names
};

// One whose events trace.dat holds.
struct SampleInTrace {
  std::string cell;  // empty until it is known
  std::uint32_t index = 0;
  std::int64_t latency_ns = 0;
};

// The probe was replaced while it measured, and these answers came meanwhile.
struct ProbeReplaced {
  std::uint64_t times = 0;
  std::uint64_t answers = 0;
  std::int64_t max_ns = 0;  // of them; 0 where there are none
};

// What a probe in the kernel came to, where one made the stages.
struct ProbeCounts {
  std::uint64_t stimuli = 0;
  std::uint64_t lost = 0;        // events that found no room
  std::uint64_t unfinished = 0;  // stimuli whose way was not seen to its end
  std::int64_t cost_ns = -1;  // of a stimulus, by the kernel's own count: the largest cell's; -1: not counted
  ProbeTransport transport = ProbeTransport::ring_buffer;
  ProbeReplaced replaced = {};
  std::optional<SampleInTrace> traced = {};  // the longest of them, by the instrument

  bool complete() const { return lost == 0 && unfinished == 0; }  // as far as the probe itself knows
};

struct Stages {
  std::span<const char* const> names = stage_names;
  std::vector<StagedSample> samples;  // counted, answered, with a record
  std::uint64_t left_out =
      0;  // counted and answered, but for another frame, beyond the records' room, or lost
  std::optional<ProbeCounts> probe = {};
};

// A data error when a record is missing or contradicts what the instrument saw: another decision than the
// pin's, a stage below 0 ns, or a response after the program was done with the pins.
Result<Stages> stages_of(const SampleFile& samples, const FramesFile& frames, const SceneShape& scene);

// The path of each sample, from the stamps that a payload left where the loopback program measured: both are
// times of the board's one clock. A data error when a stamp is missing or contradicts what was measured.
Result<Stages> path_of(const SampleFile& samples, const StampsFile& stamps);

// The phases of each sample, from the probe in the kernel. One without a record is left out, and counted. A
// data error when a record contradicts what the instrument saw.
Result<Stages> phases_of(const SampleFile& samples, const ProbeFile& probe);

// Figures of one stage over all samples.
struct StageFigures {
  double mean = 0;
  std::optional<std::int64_t> p50, p99;  // nothing where so few samples do not resolve it
  std::int64_t max = 0;
};

struct StageSummary {
  std::span<const char* const> names = stage_names;
  std::uint64_t count = 0;
  std::uint64_t left_out = 0;
  std::array<StageFigures, stage_names.size()> figures{};
  StagedSample median;  // of the latencies, by nearest rank
  StagedSample worst;
  std::optional<ProbeCounts> probe = {};
};

// Nothing when there are no samples.
std::optional<StageSummary> summarize(const Stages& stages);

}  // namespace loopgate
