#include "explain/export/speedscope.h"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <utility>

#include "explain/export/frame_events.h"
#include "explain/sample/breakdown.h"

namespace loopgate {
namespace {

// Speedscope's frames are one list, numbered in the order of their first appearance.
class FrameList {
 public:
  explicit FrameList(const ExplainedSample& sample) : sample_(sample) {}

  std::size_t number_of(const Frame& frame) {
    const auto [found, is_new] = numbers_.insert({{frame.kind, frame.index}, numbers_.size()});
    if (is_new)
      fmt::format_to(std::back_inserter(text_), "{}\n{{\"name\":{}}}", found->second == 0 ? "" : ",",
                     json_string(frame_label(sample_, frame)));
    return found->second;
  }
  const std::string& text() const { return text_; }

 private:
  const ExplainedSample& sample_;
  std::map<std::pair<Frame::Kind, std::uint32_t>, std::size_t> numbers_;
  std::string text_;
};

}  // namespace

std::string to_speedscope(const ExplainedSample& sample) {
  FrameList frames(sample);
  std::string events;
  for (const FrameEvent& event : frame_events(sample))
    fmt::format_to(std::back_inserter(events), "{}\n{{\"type\":\"{}\",\"frame\":{},\"at\":{}}}",
                   events.empty() ? "" : ",", event.opens ? 'O' : 'C', frames.number_of(event.frame),
                   event.at_ns);
  const std::vector<std::uint16_t> cpus = cpus_of(sample.spans);
  const std::string name =
      json_string(fmt::format("{}, sample {}: {} {}, virtual time", sample.cell, sample.sample,
                              cpus.size() > 1 ? "CPUs" : "CPU", fmt::join(cpus, ", ")));
  return fmt::format(
      "{{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"version\":\"0.0.1\","
      "\"exporter\":\"loopgate explain\",\"name\":{0},\"activeProfileIndex\":0,\n"
      "\"shared\":{{\"frames\":[{1}]}},\n"
      "\"profiles\":[{{\"type\":\"evented\",\"name\":{0},\"unit\":\"nanoseconds\",\"startValue\":0,"
      "\"endValue\":{2},\"events\":[{3}]}}]}}\n",
      name, frames.text(), sample.latency_ns, events);
}

}  // namespace loopgate
