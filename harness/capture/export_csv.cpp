#include <fmt/format.h>

#include "capture/export_forms.h"

namespace loopgate {
namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string csv_rows(const ExportedPart& part, const std::string& begins) {
  std::string text;
  const auto add = [&](const char* kind, const std::string& lower, const std::string& upper,
                       std::uint64_t count) {
    text += fmt::format("{}{},{},{},{}\n", begins, kind, lower, upper, count);
  };
  const auto add_equal = [&](const char* kind, const std::vector<std::int64_t>& sorted, bool has_upper) {
    for (std::size_t i = 0; i < sorted.size();) {
      std::size_t end = i;
      while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
      const std::string ns = std::to_string(sorted[i]);
      add(kind, ns, has_upper ? ns : "", end - i);
      i = end;
    }
  };
  if (part.latencies != nullptr) {
    add_equal("latency", part.latencies->answered_ns, true);
    add_equal("not_sent", part.latencies->not_sent_ns, false);
    if (part.latencies->censored > 0) add("unanswered", "", "", part.latencies->censored);
    return text;
  }
  const LatencyHistogram& bins = *part.bins;
  for (std::size_t i = 0; i < bins.count.size(); ++i) {
    if (bins.count[i] == 0) continue;
    const std::int64_t lower = bins.first_ns + static_cast<std::int64_t>(i) * bins.bin_width_ns;
    add("latency", std::to_string(lower), std::to_string(lower + bins.bin_width_ns - 1), bins.count[i]);
  }
  const std::string end = std::to_string(end_of(bins));
  const std::string max = bins.max_ns ? std::to_string(*bins.max_ns + bins.resolution_ns - 1) : "";
  if (bins.overflow > bins.overflow_unsure) add("latency", end, max, bins.overflow - bins.overflow_unsure);
  if (bins.overflow_unsure > 0) add("unsure", end, max, bins.overflow_unsure);
  if (part.missed > 0) add("missed_at_most", "", "", part.missed);
  return text;
}

}  // namespace

Exported export_as_csv(const ExportSource& source) {
  Exported exported;
  exported.text = "suite,board,kernel,load,cell,time_base,measured_by,kind,lower_ns,upper_ns,count\n";
  const Comparison& comparison = source.comparison;
  for (const ExportedGroup& group : source.groups) {
    for (const ExportedPart& part : group.parts) {
      std::string begins;
      for (const std::string& field :
           {comparison.suite.name, comparison.board.name, group.evidence->kernel, group.evidence->load,
            part.name, std::string(name_of(comparison.time_base)),
            part.program.empty() ? source.measured_by : part.program})
        begins += csv_field(field) + ",";
      exported.text += csv_rows(part, begins);
    }
    add_left_out(group, &exported.lost);
  }
  exported.lost.emplace_back("the order of the latencies in time");
  return exported;
}

}  // namespace loopgate
