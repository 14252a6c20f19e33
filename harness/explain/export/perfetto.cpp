#include "explain/export/perfetto.h"

#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "explain/export/frame_events.h"

namespace loopgate {
namespace {

constexpr int process = 1;  // one for all tracks, whatever the guest's processes are
constexpr std::uint32_t cpu_track = 1;
constexpr std::uint32_t phase_track = 2;
constexpr std::uint32_t first_task_track = 3;

// Microseconds are the format's unit. Three decimals keep each nanosecond.
std::string microseconds(std::int64_t ns) { return fmt::format("{}.{:03}", ns / 1000, ns % 1000); }

class EventList {
 public:
  explicit EventList(const ExplainedSample& sample) : sample_(sample) {}

  std::string text() {
    name_tracks();
    add_runs(
        cpu_track, "task", [](const Span& span) { return span.task; },
        [this](std::uint32_t task) { return task_label(sample_, task); });
    add_runs(
        phase_track, "phase", [](const Span& span) { return static_cast<std::uint32_t>(span.phase); },
        [](std::uint32_t phase) { return std::string(phase_names[phase]); });
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
    add(fmt::format(R"("ph":"M","name":"process_name","tid":{},"args":{{"name":{}}})", cpu_track,
                    json_string(fmt::format("{}, sample {} (virtual time)", sample_.cell, sample_.sample))));
    name_track(cpu_track, "CPU 0");
    name_track(phase_track, "phases");
    std::vector<bool> runs(sample_.tasks.size());
    for (const Span& span : sample_.spans) {
      if (span.task < runs.size() && span.end_ns > span.begin_ns) runs[span.task] = true;
    }
    for (std::uint32_t task = 0; task < runs.size(); ++task) {
      if (runs[task]) name_track(first_task_track + task, task_label(sample_, task));
    }
  }

  std::string absolute(std::int64_t at_ns) const { return microseconds(sample_.stimulus_ns + at_ns); }

  // One event for each row of spans that are alike.
  template <class Key, class Label>
  void add_runs(std::uint32_t track, const char* category, const Key& key, const Label& label) {
    for (std::size_t i = 0; i < sample_.spans.size();) {
      const Span& first = sample_.spans[i];
      const std::int64_t begin_ns = first.begin_ns;
      std::int64_t end_ns = begin_ns;
      for (; i < sample_.spans.size() && key(sample_.spans[i]) == key(first); ++i)
        end_ns = sample_.spans[i].end_ns;
      if (end_ns == begin_ns) continue;
      add(fmt::format(R"("ph":"X","cat":"{}","name":{},"ts":{},"dur":{},"tid":{})", category,
                      json_string(label(key(first))), absolute(begin_ns), microseconds(end_ns - begin_ns),
                      track));
    }
  }

  void add_chains() {
    for (const FrameEvent& event : frame_events(sample_)) {
      if (event.frame.kind == Frame::Kind::task) continue;  // the track says it
      const std::string name = event.opens ? fmt::format(R"(,"cat":"call","name":{})",
                                                         json_string(frame_label(sample_, event.frame)))
                                           : std::string();
      add(fmt::format(R"("ph":"{}"{},"ts":{},"tid":{})", event.opens ? 'B' : 'E', name, absolute(event.at_ns),
                      first_task_track + event.task));
    }
  }

  const ExplainedSample& sample_;
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
