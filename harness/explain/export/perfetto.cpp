#include "explain/export/perfetto.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "explain/export/frame_events.h"
#include "explain/sample/breakdown.h"

namespace loopgate {
namespace {

constexpr int process = 1;  // one for all tracks, whatever the guest's processes are
constexpr std::uint32_t first_cpu_track = 1;

// Microseconds are the format's unit. Three decimals keep each nanosecond.
std::string microseconds(std::int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

class EventList {
 public:
  explicit EventList(const ExplainedSample& sample)
      : sample_(sample),
        on_cpus_(sample.lanes.empty() ? sample.spans : sample.lanes),
        cpus_(cpus_of(on_cpus_)),
        phase_track_(first_cpu_track + static_cast<std::uint32_t>(cpus_.size())),
        first_task_track_(phase_track_ + 1) {}

  std::string text() {
    name_tracks();
    add_runs(
        on_cpus_, "task", [this](const Span& span) { return std::pair(track_of(span.cpu), span.task); },
        [this](const Span& span) { return task_label(sample_, span.task); });
    add_runs(
        sample_.spans, "phase", [this](const Span& span) { return std::pair(phase_track_, span.phase); },
        [](const Span& span) { return std::string(phase_names[static_cast<std::size_t>(span.phase)]); });
    add_chains();
    return std::move(text_);
  }

 private:
  void add(const std::string& event) {
    if (!text_.empty()) text_ += ",";
    text_ += "\n{" + event + fmt::format(",\"pid\":{}}}", process);
  }

  void name_track(std::uint32_t track, const std::string& name) {
    add(fmt::format(R"("ph":"M","name":"thread_name","tid":{},"args":{{"name":{}}})", track,
                    json_string(name)));
    add(fmt::format(R"("ph":"M","name":"thread_sort_index","tid":{0},"args":{{"sort_index":{0}}})", track));
  }

  void name_tracks() {
    add(fmt::format(R"("ph":"M","name":"process_name","tid":{},"args":{{"name":{}}})", first_cpu_track,
                    json_string(fmt::format("{}, sample {} (virtual time)", sample_.cell, sample_.sample))));
    for (const std::uint16_t cpu : cpus_) name_track(track_of(cpu), fmt::format("CPU {}", cpu));
    name_track(phase_track_, "phases");
    std::vector<bool> runs(sample_.tasks.size());
    for (const Span& span : sample_.spans) {
      if (span.task < runs.size() && span.end_ns > span.begin_ns) runs[span.task] = true;
    }
    for (std::uint32_t task = 0; task < runs.size(); ++task) {
      if (runs[task]) name_track(first_task_track_ + task, task_label(sample_, task));
    }
  }

  std::uint32_t track_of(std::uint16_t cpu) const {
    const auto place = std::ranges::lower_bound(cpus_, cpu) - cpus_.begin();
    return first_cpu_track + static_cast<std::uint32_t>(place);
  }

  std::string absolute(std::int64_t at_ns) const { return microseconds(sample_.stimulus_ns + at_ns); }

  // One event for each row of spans that are alike: of one key, which is a track and what is on it.
  template <class Key, class Label>
  void add_runs(const std::vector<Span>& spans, const char* category, const Key& key, const Label& label) {
    for (std::size_t i = 0; i < spans.size();) {
      const Span& first = spans[i];
      const std::int64_t begin_ns = first.begin_ns;
      std::int64_t end_ns = begin_ns;
      for (; i < spans.size() && key(spans[i]) == key(first); ++i) end_ns = spans[i].end_ns;
      if (end_ns == begin_ns) continue;
      add(fmt::format(R"("ph":"X","cat":"{}","name":{},"ts":{},"dur":{},"tid":{})", category,
                      json_string(label(first)), absolute(begin_ns), microseconds(end_ns - begin_ns),
                      key(first).first));
    }
  }

  void add_chains() {
    for (const FrameEvent& event : frame_events(sample_)) {
      if (event.frame.kind == Frame::Kind::task) continue;  // the track says it
      const std::string name = event.opens ? fmt::format(R"(,"cat":"call","name":{})",
                                                         json_string(frame_label(sample_, event.frame)))
                                           : std::string();
      add(fmt::format(R"("ph":"{}"{},"ts":{},"tid":{})", event.opens ? 'B' : 'E', name, absolute(event.at_ns),
                      first_task_track_ + event.task));
    }
  }

  const ExplainedSample& sample_;
  const std::vector<Span>& on_cpus_;
  std::vector<std::uint16_t> cpus_;
  std::uint32_t phase_track_;
  std::uint32_t first_task_track_;
  std::string text_;
};

}  // namespace

std::string to_perfetto(const ExplainedSample& sample) {
  return fmt::format(
      "{{\"displayTimeUnit\":\"ns\",\"otherData\":{{\"time_base\":\"virtual\",\"why\":{}}},\n"
      "\"traceEvents\":[{}]}}\n",
      json_string(sample.why), EventList(sample).text());
}

}  // namespace loopgate
