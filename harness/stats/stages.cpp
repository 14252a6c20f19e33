#include "stats/stages.h"

#include <algorithm>
#include <limits>
#include <map>

#include "stats/instrument_clock.h"
#include "stats/summary.h"

namespace loopgate {
namespace {

constexpr auto said_ok = static_cast<std::uint32_t>(Decision::ok);

StagedSample split(const Sample& sample, const FrameRecord& frame, std::int64_t offset_ns,
                   std::int64_t scene_ns) {
  StagedSample staged{sample.index, sample.latency_ns(), {}};
  staged.ns = {scene_ns,
               frame.woke_ns + offset_ns - sample.stimulus_ns - scene_ns,
               frame.captured_ns - frame.woke_ns,
               frame.preprocessed_ns - frame.captured_ns,
               frame.inferred_ns - frame.preprocessed_ns,
               frame.decided_ns - frame.inferred_ns,
               sample.response_ns - offset_ns - frame.decided_ns};
  return staged;
}

// A board's stamp of the response may come after the program is done with the pins: an interrupt has to be
// taken for it, on another CPU.
std::string problem_of(const StagedSample& staged, const Sample& sample, const FrameRecord& frame,
                       std::int64_t offset_ns, TimeBase time_base) {
  for (std::size_t i = 0; i < stage_names.size(); ++i) {
    if (staged.ns[i] < 0)
      return std::string("stage ") + stage_names[i] + " took " + std::to_string(staged.ns[i]) + " ns";
  }
  if (time_base == TimeBase::virtual_time && sample.response_ns > frame.done_ns + offset_ns + clock_error_ns)
    return "the response came after the program was done with the pins";
  return {};
}

}  // namespace

Result<Stages> stages_of(const SampleFile& samples, const FramesFile& frames, const SceneShape& scene) {
  std::map<std::uint64_t, const FrameRecord*> by_frame;
  for (const FrameRecord& frame : frames.frames)
    if (frame.decision != 0) by_frame.emplace(frame.frame, &frame);  // the first: a second one came too late
  const TimeBase time_base = samples.header.time_base;
  if (time_base == TimeBase::virtual_time && frames.header.counter_hz == 0)
    return fail(ErrorKind::data, "the payload's records were made on a machine whose counter is not known");
  const std::int64_t offset_ns = instrument_offset_ns(time_base, frames.header);
  const std::int64_t scene_ns = scene.frame_interval_ns * (std::int64_t{scene.frames} - 1);
  Stages stages;
  std::uint64_t sent = 0;
  for (const Sample& sample : samples.samples) {
    if (!sample.sent() || (sample.flags & sample_self_check) != 0) continue;
    ++sent;
    if (!sample.counted() || !sample.answered()) continue;
    const std::uint64_t frame = sent * scene.frames;
    const auto found = by_frame.find(frame);
    if ((sample.flags & sample_wrong_frame) != 0 || frame > frames.header.capacity) {
      ++stages.left_out;
      continue;
    }
    if (found == by_frame.end())
      return fail(ErrorKind::data, "sample " + std::to_string(sample.index) +
                                       ": the payload left no record of frame " + std::to_string(frame));
    if ((found->second->decision == said_ok) != ((sample.flags & sample_ok) != 0))
      return fail(ErrorKind::data, "sample " + std::to_string(sample.index) +
                                       ": the payload recorded another decision than the verdict pin showed");
    const StagedSample staged = split(sample, *found->second, offset_ns, scene_ns);
    if (const std::string problem = problem_of(staged, sample, *found->second, offset_ns, time_base);
        !problem.empty())
      return fail(ErrorKind::data, "sample " + std::to_string(sample.index) +
                                       ": the payload's times contradict the instrument's: " + problem);
    stages.samples.push_back(staged);
  }
  return stages;
}

namespace {

bool is_sent(const Sample& sample) { return sample.sent() && (sample.flags & sample_self_check) == 0; }

// When the stimulus after this one was sent: an edge from then on is another's.
std::int64_t next_sent_ns(const SampleFile& samples, std::size_t index) {
  for (std::size_t i = index + 1; i < samples.samples.size(); ++i)
    if (is_sent(samples.samples[i])) return samples.samples[i].stimulus_ns;
  return std::numeric_limits<std::int64_t>::max();
}

// Finds the payload's stamp of each stimulus. A stimulus that never came to it has none, and the payload
// counts on without it: those after it have a smaller number in the payload's count than in ours.
class StampFinder {
 public:
  explicit StampFinder(const StampsFile& stamps) : stamps_(stamps) {}

  std::uint64_t sent() const { return sent_; }
  bool has_room() const { return next_ < stamps_.header.capacity; }

  // Null where the payload left none of it.
  const Stamp* of_answered() {
    ++sent_;
    if (next_ >= stamps_.stamps.size() || stamps_.stamps[next_].number != number()) {
      ++next_;
      return nullptr;
    }
    return &stamps_.stamps[next_++];
  }
  // It was answered too late to count, or the kernel had no room for its edge, or that never came.
  void unanswered(std::int64_t next_sent_ns) {
    ++sent_;
    const Stamp* next = next_ < stamps_.stamps.size() ? &stamps_.stamps[next_] : nullptr;
    if (!has_room() || (next != nullptr && next->number == number() && next->first_ns < next_sent_ns)) {
      ++next_;
    } else if (next == nullptr || next->number == number()) {
      ++never_came_;
    }
  }

 private:
  std::uint64_t number() const { return sent_ - never_came_; }

  const StampsFile& stamps_;
  std::size_t next_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t never_came_ = 0;
};

}  // namespace

Result<Stages> path_of(const SampleFile& samples, const StampsFile& stamps) {
  const auto bad = [](const Sample& sample, const std::string& why) {
    return fail(ErrorKind::data, "sample " + std::to_string(sample.index) + ": " + why);
  };
  Stages stages;
  stages.names = path_names;
  StampFinder finder(stamps);
  for (std::size_t index = 0; index < samples.samples.size(); ++index) {
    const Sample& sample = samples.samples[index];
    if (!is_sent(sample)) continue;
    if (!sample.answered()) {
      finder.unanswered(next_sent_ns(samples, index));
      continue;
    }
    const bool has_room = finder.has_room();
    const Stamp* found = finder.of_answered();
    if (!has_room) {
      if (sample.counted()) ++stages.left_out;
      continue;
    }
    if (found == nullptr)
      return bad(sample, "the payload left no stamp of stimulus " + std::to_string(finder.sent()));
    const Stamp& stamp = *found;
    StagedSample staged{sample.index, sample.latency_ns(), {}};
    staged.ns[0] = stamp.first_ns - sample.stimulus_ns;
    staged.ns[1] = stamp.second_ns - stamp.first_ns;
    staged.ns[2] = sample.response_ns - stamp.second_ns;
    for (std::size_t i = 0; i < path_names.size(); ++i) {
      if (staged.ns[i] < 0)
        return bad(sample, std::string("the payload's stamps contradict the instrument's: ") + path_names[i] +
                               " took " + std::to_string(staged.ns[i]) + " ns");
    }
    if (sample.counted()) stages.samples.push_back(staged);
  }
  if (stamps.stamps.size() > finder.sent())
    return fail(ErrorKind::data, "the payload left stamps of " + std::to_string(stamps.stamps.size()) +
                                     " stimuli, and " + std::to_string(finder.sent()) + " were sent");
  return stages;
}

std::optional<StageSummary> summarize(const Stages& stages) {
  if (stages.samples.empty()) return std::nullopt;
  StageSummary summary;
  summary.names = stages.names;
  summary.count = stages.samples.size();
  summary.left_out = stages.left_out;
  summary.probe = stages.probe;
  for (std::size_t i = 0; i < stages.names.size(); ++i) {
    std::vector<std::int64_t> values;
    values.reserve(stages.samples.size());
    for (const StagedSample& sample : stages.samples) values.push_back(sample.ns[i]);
    std::sort(values.begin(), values.end());
    const LatencyFigures figures = *figures_of(values);
    summary.figures[i] = {figures.mean, figures.quantile[0], figures.quantile[2], figures.max};
  }
  std::vector<StagedSample> sorted = stages.samples;
  std::sort(sorted.begin(), sorted.end(), [](const StagedSample& a, const StagedSample& b) {
    return std::pair(a.latency_ns, a.index) < std::pair(b.latency_ns, b.index);
  });
  summary.median = sorted[nearest_rank(sorted.size(), quantiles[0].per_million) - 1];
  summary.worst = sorted.back();
  return summary;
}

}  // namespace loopgate
