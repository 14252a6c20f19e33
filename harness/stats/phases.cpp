// The stages that a probe in the kernel makes: phases_of() of stats/stages.h.
#include <algorithm>

#include "stats/instrument_clock.h"
#include "stats/stages.h"

namespace loopgate {
namespace {

// A record's times on the instrument's clock; what the clocks' error would put outside of the sample is put
// to its edge.
struct Times {
  Times(const Sample& sample, const ProbeRecord& record, std::int64_t offset_ns)
      : taken_ns(std::max(record.taken_ns + offset_ns, sample.stimulus_ns)),
        thread_woken_ns(std::max(record.thread_woken_ns + offset_ns, sample.stimulus_ns)),
        answer_ns(std::min(record.answer_ns + offset_ns, sample.response_ns)) {}
  std::int64_t taken_ns;
  std::int64_t thread_woken_ns;
  std::int64_t answer_ns;
};

// Of the seven phases; ftrace does not tell the payload's system calls from its own time.
StagedSample split(const Sample& sample, const ProbeRecord& record, std::int64_t offset_ns, bool is_trace) {
  const Times at(sample, record, offset_ns);
  const std::int64_t payload_woken_ns = record.payload_woken_ns + offset_ns;
  const std::int64_t read_ns = record.read_ns + offset_ns;
  const std::int64_t set_wait_ns =
      std::min<std::int64_t>(record.set_wait_ns, sample.response_ns - at.answer_ns);
  StagedSample staged{sample.index, sample.latency_ns(), {}};
  staged.ns = {
      at.taken_ns - sample.stimulus_ns,
      at.thread_woken_ns - at.taken_ns,
      record.thread_wait_ns,
      payload_woken_ns - at.thread_woken_ns - record.thread_wait_ns,
      record.read_wait_ns + record.answer_wait_ns + set_wait_ns,
      at.answer_ns - read_ns - record.answer_wait_ns,
      read_ns - payload_woken_ns - record.read_wait_ns + sample.response_ns - at.answer_ns - set_wait_ns};
  if (is_trace) {
    staged.ns[5] += staged.ns[6];
    staged.ns[6] = 0;
  }
  return staged;
}

// A board's stamp of the response may come after the payload went to sleep: an interrupt has to be taken for
// it, on another CPU.
bool fits(const Sample& sample, const ProbeRecord& record, TimeBase time_base, std::int64_t offset_ns) {
  return record.taken_ns + offset_ns + clock_error_ns >= sample.stimulus_ns &&
         record.answer_ns + offset_ns <= sample.response_ns + clock_error_ns &&
         (time_base == TimeBase::wall_clock ||
          record.set_ns + offset_ns + clock_error_ns >= sample.response_ns);
}

// The one that the record is of; nullptr where that does not count.
const Sample* sample_of(const SampleFile& file, const ProbeRecord& record, std::int64_t offset_ns) {
  const std::vector<Sample>& samples = file.samples;
  const auto found = std::ranges::find_if(samples, [&](const Sample& sample) {
    return sample.counted() && sample.answered() && fits(sample, record, file.header.time_base, offset_ns) &&
           record.taken_ns + offset_ns <= sample.response_ns;
  });
  return found == samples.end() ? nullptr : &*found;
}

std::optional<SampleInTrace> longest_traced(const SampleFile& samples, const ProbeFile& probe,
                                            std::int64_t offset_ns) {
  std::optional<SampleInTrace> longest;
  for (const ProbeRecord& record : probe.traced) {
    const Sample* sample = sample_of(samples, record, offset_ns);
    if (sample != nullptr && (!longest || sample->latency_ns() > longest->latency_ns))
      longest = {"", sample->index, sample->latency_ns()};
  }
  return longest;
}

ProbeReplaced replaced_of(const SampleFile& samples, const ProbeFile& probe, std::int64_t offset_ns) {
  ProbeReplaced replaced{probe.replacements.size()};
  for (const Sample& sample : samples.samples) {
    if (!sample.counted() || !sample.answered()) continue;
    const bool meanwhile = std::ranges::any_of(probe.replacements, [&](const ProbeReplacement& each) {
      return sample.stimulus_ns <= each.ended_ns + offset_ns &&
             sample.response_ns >= each.began_ns + offset_ns;
    });
    if (!meanwhile) continue;
    ++replaced.answers;
    replaced.max_ns = std::max(replaced.max_ns, sample.latency_ns());
  }
  return replaced;
}

}  // namespace

Result<Stages> phases_of(const SampleFile& samples, const ProbeFile& probe) {
  const ProbeHeader& header = probe.header;
  const TimeBase time_base = samples.header.time_base;
  if (time_base == TimeBase::virtual_time && header.counter_hz == 0)
    return fail(ErrorKind::data, "the probe's records were made on a machine whose counter is not known");
  const std::int64_t offset_ns = instrument_offset_ns(time_base, header);
  Stages stages;
  const bool is_trace = probe.transport() == ProbeTransport::ftrace;
  stages.names = probed_phase_names;
  if (is_trace) stages.names = traced_phase_names;
  stages.probe = {header.stimuli,
                  header.lost,
                  header.unfinished,
                  header.cost_ns,
                  probe.transport(),
                  replaced_of(samples, probe, offset_ns),
                  longest_traced(samples, probe, offset_ns)};
  auto record = probe.records.begin();
  for (const Sample& sample : samples.samples) {
    if (!sample.counted() || !sample.answered()) continue;
    while (record != probe.records.end() &&
           record->taken_ns + offset_ns + clock_error_ns < sample.stimulus_ns)
      ++record;
    if (record == probe.records.end() || record->taken_ns + offset_ns > sample.response_ns) {
      ++stages.left_out;
      continue;
    }
    const StagedSample staged = split(sample, *record, offset_ns, is_trace);
    if (!fits(sample, *record, time_base, offset_ns) ||
        std::ranges::any_of(staged.ns, [](std::int64_t ns) { return ns < 0; }))
      return fail(ErrorKind::data, "sample " + std::to_string(sample.index) +
                                       ": the probe's record of stimulus " + std::to_string(record->number) +
                                       " contradicts what the instrument saw");
    stages.samples.push_back(staged);
    ++record;
  }
  return stages;
}

}  // namespace loopgate
