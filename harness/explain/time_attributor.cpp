#include "explain/time_attributor.h"

#include <fmt/format.h>

#include "explain/attribution_tables.h"
#include "explain/cpu_timeline.h"
#include "explain/critical_path.h"
#include "explain/cross_cpu.h"

namespace loopgate {
namespace {

class TimeAttributor {
 public:
  TimeAttributor(const TracedSample& traced, const std::vector<TraceBlock>& blocks, Symbols* symbols,
                 const AttributionOptions& options)
      : traced_(traced), blocks_(blocks), options_(options), tables_(*options.arch, symbols) {}

  Result<ExplainedSample> attribute() {
    const std::int64_t latency_ns = traced_.response_ns - traced_.stimulus_ns;
    for (const TraceEvent& event : traced_.events) follow(event);
    for (auto& [cpu, timeline] : timelines_) timeline.end(latency_ns);
    ExplainedSample out;
    out.sample = traced_.sample;
    out.stimulus_ns = traced_.stimulus_ns;
    out.latency_ns = latency_ns;
    out.spans = critical_path(timelines_, tables_, traced_.response_cpu, latency_ns);
    TRY_STATUS(check_cover(out));
    for (const Span& span : out.spans)
      out.phase_ns[static_cast<std::size_t>(span.phase)] += span.end_ns - span.begin_ns;
    tables_.finish(&out);
    if (timelines_.size() > 1) add_lanes(&out);
    return out;
  }

 private:
  void follow(const TraceEvent& event) {
    CpuTimeline& timeline =
        timelines_.try_emplace(event.cpu, event.cpu, &tables_, options_.phases_only, options_.cpus > 1)
            .first->second;
    if (event.kind != TraceKind::run) return timeline.note(&event);
    if (event.cpu != running_cpu_) timeline.resume();
    running_cpu_ = event.cpu;
    timeline.run(blocks_[event.block], event.at_ns - traced_.stimulus_ns);
  }

  void add_lanes(ExplainedSample* out) const {
    for (const auto& [cpu, timeline] : timelines_)
      out->lanes.insert(out->lanes.end(), timeline.spans().begin(), timeline.spans().end());
    if (!options_.phases_only) out->cross_cpu = cross_cpu_of(*out);
  }

  static Status check_cover(const ExplainedSample& sample) {
    std::int64_t at_ns = 0;
    for (const Span& span : sample.spans) {
      if (span.begin_ns != at_ns || span.end_ns < span.begin_ns) break;
      at_ns = span.end_ns;
    }
    if (at_ns == sample.latency_ns) return {};
    return fail(ErrorKind::data, fmt::format("sample {}: the trace covers {} of its {} ns", sample.sample,
                                             at_ns, sample.latency_ns));
  }

  const TracedSample& traced_;
  const std::vector<TraceBlock>& blocks_;
  const AttributionOptions& options_;
  AttributionTables tables_;
  CpuTimelines timelines_;
  std::uint16_t running_cpu_ = 0;
};

}  // namespace

Result<ExplainedSample> attribute_time(const TracedSample& traced, const std::vector<TraceBlock>& blocks,
                                       Symbols* symbols, const AttributionOptions& options) {
  if (traced.given_up)
    return fail(ErrorKind::usage,
                fmt::format("sample {} was never answered, so it has no latency to explain", traced.sample));
  return TimeAttributor(traced, blocks, symbols, options).attribute();
}

}  // namespace loopgate
