#include "capture/latmon_file.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "base/time_base.h"
#include "base/units.h"
#include "record/seal.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

Json periods_of(const LatmonData& data) {
  Json periods = Json::array();
  for (const LatmonRecord& record : data.records)
    periods.push_back({{"samples", record.samples},
                       {"min_ns", record.min_ns},
                       {"max_ns", record.max_ns},
                       {"sum_ns", record.sum_ns},
                       {"overruns", record.overruns}});
  return periods;
}

Json bounds_of(const LatmonSummary& summary) {
  Json bounds = Json::object();
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    const auto& range = summary.quantile[i];
    bounds[quantiles[i].key] = range ? Json({range->low_ns, *range->high_ns}) : Json();
  }
  return bounds;
}

// To the nanosecond, as the gate judges it.
std::string exact_us_text(std::int64_t ns) {
  return fmt::format("{:.3f} us", static_cast<double>(ns) / 1000);
}

}  // namespace

std::vector<std::string> latmon_not_known(const LatmonSummary& summary) {
  std::vector<std::string> list = {
      "single latencies and their moments: latmon keeps a histogram, so each quantile is [least, most] that "
      "it can be",
      "how many stimuli were sent, and which of the overruns were not answered at all",
      "what a stimulus would have met while one before was pending: latmon sends the next a period after the "
      "answer",
      "the share of the instrument itself: measure it with latmon's pins joined"};
  if (summary.extra > 0)
    list.push_back(fmt::format(
        "which {} of its warm-up, or not reported",
        counted_text(summary.extra, {"sample of the histogram is", "samples of the histogram are"})));
  if (summary.overruns > 0)
    list.emplace_back("the cells of latencies above the period: latmon may sort them into lower ones");
  return list;
}

std::string to_json(const MeasuredBoard& board, const LatmonMeasurement& measurement,
                    const LatmonSummary& summary) {
  const LatmonData& data = measurement.data;
  const Json document = {
      {"format", 1},
      {"time_base", name_of(TimeBase::wall_clock)},
      {"unit", "ns"},
      {"instrument", "latmon"},
      {"suite", board.suite},
      {"board", board.board},
      {"kernel", board.kernel},
      {"load", board.load},
      {"peer", measurement.peer},
      {"complete", measurement.why_incomplete.empty()},
      {"why_incomplete", measurement.why_incomplete},
      {"period_ns", std::int64_t{data.request.period_us} * 1000},
      {"took_ms", measurement.took.count()},
      {"samples", summary.samples},
      {"overruns", summary.overruns},
      {"overruns_at_end", data.overruns_at_end},
      {"latency_ns", {{"min", summary.min_ns}, {"max", summary.max_ns}, {"mean", summary.mean_ns}}},
      {"quantile_bounds_ns", bounds_of(summary)},
      {"histogram",
       {{"cell_ns", latmon_cell_ns}, {"count", data.histogram}, {"samples_of_no_record", summary.extra}}},
      {"records", periods_of(data)},
      {"not_known", latmon_not_known(summary)}};
  return with_seal(document.dump(2, ' ', false, Json::error_handler_t::replace));
}

namespace {

std::string range_text_of(const LatencyRange& range) {
  const std::string low = exact_us_text(range.low_ns);
  return range.high_ns == range.low_ns ? low
                                       : fmt::format("from {} to {}", low, exact_us_text(*range.high_ns));
}

}  // namespace

std::string to_text(const LatmonMeasurement& measurement, const LatmonSummary& summary) {
  std::string text =
      fmt::format("{}, {}, from {} in {:.1f} s\n", counted_text(summary.samples, {"sample", "samples"}),
                  counted_text(summary.overruns, {"overrun", "overruns"}), measurement.peer,
                  static_cast<double>(measurement.took.count()) / 1000);
  text += fmt::format("  min {}   mean {:.3f} us   max {}\n", exact_us_text(summary.min_ns),
                      summary.mean_ns / 1000, exact_us_text(summary.max_ns));
  bool unresolved = false;
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    const auto& range = summary.quantile[i];
    unresolved = unresolved || !range;
    text += fmt::format("  {:<7} {}\n", quantiles[i].key, range ? range_text_of(*range) : "-");
  }
  if (unresolved) text += std::string("  ") + unresolved_legend + "\n";
  return text + "A histogram, no single samples: a quantile is known from its bounds alone.\n";
}

namespace {

void read_records(JsonReader* fields, LatmonData* data) {
  for (JsonReader& entry : fields->objects("records")) {
    std::array<std::int64_t, 4> numbers{};
    std::uint64_t sum = 0;
    std::size_t at = 0;
    for (const char* key : {"samples", "min_ns", "max_ns", "overruns"}) {
      entry.required(key, &numbers.at(at));
      if (numbers.at(at) < 0 || numbers.at(at) > UINT32_MAX) entry.refuse(key, "is out of range");
      ++at;
    }
    entry.required("sum_ns", &sum);
    const auto number = [&](std::size_t i) { return static_cast<std::uint32_t>(numbers.at(i)); };
    data->records.push_back({sum, number(1), number(2), number(3), number(0)});
  }
}

void read_histogram(JsonReader fields, LatmonData* data) {
  std::int64_t cell_ns = 0;
  fields.required("cell_ns", &cell_ns);
  if (cell_ns != latmon_cell_ns) fields.refuse("cell_ns", "must be 1000");
  std::vector<std::int64_t> counts;
  fields.required("count", &counts);
  for (const std::int64_t count : counts) {
    if (count < 0 || count > UINT32_MAX) fields.refuse("count", "has a number out of range");
    data->histogram.push_back(static_cast<std::uint32_t>(count));
  }
  data->request.cells = static_cast<std::uint32_t>(data->histogram.size());
}

// Through the reader of latmon's own words, which knows what holds together.
Status check(const LatmonData& data, const std::string& file) {
  LatmonReader reader(data.request, data.records.size());
  auto taken = reader.take(to_bytes(data));
  if (taken && reader.finished()) return {};
  return fail(ErrorKind::data, fmt::format("{}: {}", file, taken ? "is not whole" : taken.error().what),
              "it was altered: measure again");
}

}  // namespace

Result<LatmonFile> read_latmon_file(const std::filesystem::path& path) {
  TRY(text, read_file(path, ErrorKind::data));
  TRY(fields, JsonReader::parse(text, path.string(), JsonReader::file()));
  LatmonFile file;
  bool complete = false;
  std::string time_base;
  std::int64_t period_ns = 0;
  std::int64_t overruns_at_end = 0;
  fields.required("suite", &file.board.suite);
  fields.required("board", &file.board.board);
  fields.required("kernel", &file.board.kernel);
  fields.required("load", &file.board.load);
  fields.required("complete", &complete);
  fields.required("why_incomplete", &file.why_incomplete);
  fields.required("time_base", &time_base);
  fields.required("period_ns", &period_ns);
  fields.required("overruns_at_end", &overruns_at_end);
  if (complete != file.why_incomplete.empty()) fields.refuse("complete", "contradicts why_incomplete");
  if (time_base != name_of(TimeBase::wall_clock)) fields.refuse("time_base", "must be wall");
  if (period_ns < 1000 || period_ns > 1'000'000'000 || period_ns % 1000 != 0)
    fields.refuse("period_ns", "must be whole microseconds, at most a second");
  if (overruns_at_end < 0 || overruns_at_end > UINT32_MAX)
    fields.refuse("overruns_at_end", "is out of range");
  read_histogram(fields.object("histogram"), &file.data);
  read_records(&fields, &file.data);
  if (auto done = fields.finish(); !done) return tl::unexpected(done.error());
  file.data.request.period_us = static_cast<std::uint32_t>(period_ns / 1000);
  file.data.overruns_at_end = static_cast<std::uint32_t>(overruns_at_end);
  if (auto whole = check(file.data, path.string()); !whole) return tl::unexpected(whole.error());
  TRY_STATUS(check_seal(text, path.string(), "measure again"));
  return file;
}

}  // namespace loopgate
