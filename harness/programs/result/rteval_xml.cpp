#include "programs/result/rteval_xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "programs/result/cyclictest_file.h"
#include "programs/result/cyclictest_json.h"
#include "programs/result/histogram_rows.h"
#include "programs/result/text_lines.h"

namespace loopgate {
namespace {

using boost::property_tree::ptree;

constexpr std::size_t deepest_element = 100;
constexpr const char* another_file = "take summary.xml as rteval wrote it, or measure again";

// More than summary.xml ever nests, and less than the parser's stack.
bool nests_too_deep(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (next == '/') {
      depth -= depth > 0 ? 1 : 0;
    } else if (next != '?' && next != '!') {
      const std::size_t end = text.find('>', at);
      if (end == std::string_view::npos || text[end - 1] != '/') ++depth;
    }
    if (depth > deepest_element) return true;
  }
  return false;
}

Result<ptree> xml_of(const std::string& text) {
  if (nests_too_deep(text))
    return fail(ErrorKind::data, "is no summary.xml: it nests too deep", another_file);
  std::istringstream stream(text);
  ptree document;
  try {
    boost::property_tree::read_xml(stream, document);
  } catch (const boost::property_tree::xml_parser_error& error) {
    return fail(ErrorKind::data,
                fmt::format("line {}: is no XML that is whole: it was cut off or altered", error.line()),
                another_file);
  }
  return document;
}

std::string attribute(const ptree& element, const char* name) {
  return shown(element.get<std::string>(std::string("<xmlattr>.") + name, ""), 400);
}

std::optional<std::uint64_t> number_of(const std::string& text) {
  LineWords words(text);
  const auto number = whole_number(words.next());
  return words.next().empty() ? number : std::nullopt;
}

class RtevalXml : public WholeFileReader {
 public:
  explicit RtevalXml(ResultOptions options) : options_(std::move(options)) {}

 private:
  Result<SelfMeasurement> read(const std::string& text) override;
  Result<ThreadTally> tally_of(const ptree& core, const std::string& name);
  Result<SelfMeasurement> cyclictest_of(const ptree& rteval, const ptree& cyclictest);

  ResultOptions options_;
  HistogramRows rows_;
};

Result<ThreadTally> RtevalXml::tally_of(const ptree& core, const std::string& name) {
  const auto bad = [&](const std::string& what) {
    return fail(ErrorKind::data, fmt::format("core {} {}", name, what), another_file);
  };
  ThreadTally tally;
  tally.name = name;
  const auto samples = number_of(core.get("statistics.samples", ""));
  if (!samples || *samples > latency_count_max) return bad("has no number of samples");
  if (*samples == 0) return tally;
  const auto histogram = core.get_child_optional("histogram");
  if (!histogram) return bad("has no histogram");
  std::set<std::uint64_t> begins;
  for (const auto& [key, bucket] : *histogram) {
    if (key != "bucket") continue;
    const auto begin = number_of(attribute(bucket, "index"));
    const auto count = number_of(attribute(bucket, "value"));
    if (!begin || !count || *count > latency_count_max)
      return bad(fmt::format("has a bucket \"{}\" with \"{}\", which can't be", attribute(bucket, "index"),
                             attribute(bucket, "value")));
    if (!begins.insert(*begin).second) return bad(fmt::format("has the bucket {} twice", *begin));
    tally.add(*begin, *count);
    TRY_STATUS(rows_.add(*begin, *count));
  }
  if (tally.binned != *samples)
    return bad(fmt::format("contradicts itself: it has {} samples, and its buckets hold {}", *samples,
                           tally.binned));
  tally.min = number_of(core.get("statistics.minimum", ""));
  tally.max = number_of(core.get("statistics.maximum", ""));
  if (!tally.min || !tally.max) return bad("has no smallest and no largest latency");
  if (tally.last && *tally.max > *tally.last)
    return bad(
        fmt::format("had {} us at the most, and its last bucket is {}: rteval leaves out how many were "
                    "beyond its buckets",
                    *tally.max, *tally.last));
  return tally;
}

Result<SelfMeasurement> RtevalXml::cyclictest_of(const ptree& rteval, const ptree& cyclictest) {
  SelfMeasurement measurement;
  measurement.program = "cyclictest";
  measurement.command = attribute(cyclictest, "command_line");
  measurement.quantity = "from its timer's time to its thread";
  measurement.clock = "CLOCK_MONOTONIC";
  measurement.system = shown(rteval.get("SystemInfo.uname.kernel", rteval.get("uname.kernel", "")), 400);
  measurement.preempt_rt = preempt_rt_of(measurement.system);
  const auto of_kernel = [&](const char* path) { return rteval.get_child_optional(path); };
  auto kernel = of_kernel("SystemInfo.uname.kernel");
  if (!kernel) kernel = of_kernel("uname.kernel");
  if (kernel) measurement.preempt_rt = preempt_rt_of("", number_of(attribute(*kernel, "is_RT")));
  if (const std::string other = other_cyclictest_unit(measurement.command, 1'000); !other.empty())
    return fail(ErrorKind::data, "contradicts itself: " + other, another_file);
  // None of its own is not idle: it can be started beside a load.
  if (const auto loads = rteval.get_child_optional("loads"))
    if (const auto count = number_of(attribute(*loads, "loads")); count && *count > 0)
      measurement.load = fmt::format("rteval's own, {} of them", *count);
  const std::string version = attribute(rteval, "version");
  measurement.remarks.push_back(fmt::format("called by rteval{}{}", version.empty() ? "" : " ", version));
  if (cyclictest.get_child_optional("abort_report"))
    measurement.why_invalid = stopped_at_own_limit("by rteval's abort_report");
  std::vector<ThreadTally> tallies;
  bool has_core = false;
  for (const auto& [key, core] : cyclictest) {
    if (key != "core") continue;
    has_core = true;
    const std::string name = attribute(core, "id");
    if (!options_.wants(name)) continue;
    TRY(tally, tally_of(core, name));
    tallies.push_back(std::move(tally));
  }
  if (!has_core)
    return fail(ErrorKind::data,
                "has no core in its cyclictest: rteval leaves all of them out where a latency is beyond its "
                "buckets",
                "measure with more buckets; cyclictest's own --json keeps them");
  RowShape shape{1'000, 1, bins_of_cyclictest(measurement.command)};
  TRY_STATUS(put_latencies(tallies, rows_, shape, &measurement));
  return measurement;
}

Result<SelfMeasurement> RtevalXml::read(const std::string& text) {
  TRY(document, xml_of(text));
  const auto rteval = document.get_child_optional("rteval");
  if (!rteval) return fail(ErrorKind::data, "is no summary.xml: it has no element rteval", another_file);
  if (document.count("rteval") > 1)
    return fail(ErrorKind::data, "holds a second element rteval: import one measurement a file",
                another_file);
  auto measured = rteval->get_child_optional("Measurements");
  for (const char* older : {"Measurements.Profile", "."}) {
    if (measured && (measured->get_child_optional("cyclictest") || measured->get_child_optional("timerlat")))
      break;
    const auto other = older[0] == '.' ? rteval : rteval->get_child_optional(older);
    if (other) measured = other;
  }
  if (measured->count("cyclictest") > 1)
    return fail(ErrorKind::data, "holds two elements cyclictest: import one measurement a file",
                another_file);
  if (const auto cyclictest = measured->get_child_optional("cyclictest"))
    return cyclictest_of(*rteval, *cyclictest);
  if (measured->get_child_optional("timerlat"))
    return fail(
        ErrorKind::data,
        "holds what timerlat measured: rteval adds the latencies of interrupt, thread and user-space thread "
        "up into one histogram, which is of none of them",
        "import what `rtla timerlat hist` prints, or call rteval with --measurement-module cyclictest");
  return fail(ErrorKind::data, "holds nothing that cyclictest measured", another_file);
}

}  // namespace

std::unique_ptr<ResultReader> read_rteval_xml(ResultOptions options) {
  return std::make_unique<RtevalXml>(std::move(options));
}

}  // namespace loopgate
