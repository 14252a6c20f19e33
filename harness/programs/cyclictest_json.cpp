#include "programs/cyclictest_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "programs/histogram_rows.h"
#include "programs/result_json.h"
#include "programs/text_lines.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr std::size_t most_threads = 4'096;
constexpr std::uint64_t most_bins = 1'000'000;  // cyclictest's HIST_MAX

tl::unexpected<Error> bad_file(std::string what) {
  return fail(ErrorKind::data, std::move(what), "take the file as cyclictest wrote it, or measure again");
}

class CyclictestJson : public WholeFileReader {
 public:
  explicit CyclictestJson(ResultOptions options) : options_(std::move(options)) {}

 private:
  Result<SelfMeasurement> read(const std::string& text) override;
  Result<ThreadTally> tally_of(const std::string& name, const json& fields);
  Status add_bins(const json& bins, ThreadTally* tally);

  ResultOptions options_;
  HistogramRows rows_;
  bool has_histogram_ = false;
};

Status CyclictestJson::add_bins(const json& bins, ThreadTally* tally) {
  for (const auto& [name, count] : bins.items()) {
    const auto begin = number_named(name);
    if (!begin || *begin >= most_bins || !count.is_number_unsigned() ||
        count.get<std::uint64_t>() > latency_count_max)
      return bad_file(fmt::format("thread {} has a bin \"{}\" that can't be", tally->name, shown(name)));
    has_histogram_ = true;
    tally->add(*begin, count.get<std::uint64_t>());
    TRY_STATUS(rows_.add(*begin, count.get<std::uint64_t>()));
  }
  return {};
}

Result<ThreadTally> CyclictestJson::tally_of(const std::string& name, const json& fields) {
  ThreadTally tally;
  tally.name = name;
  const auto cycles = json_number(fields, "cycles");
  if (!cycles || *cycles > latency_count_max)
    return bad_file(fmt::format("thread {} has no number \"cycles\"", shown(name)));
  if (const auto bins = fields.find("histogram"); bins != fields.end()) {
    if (!bins->is_object())
      return bad_file(fmt::format("thread {} has a histogram without bins", shown(name)));
    TRY_STATUS(add_bins(*bins, &tally));
  }
  if (tally.binned > *cycles)
    return bad_file(fmt::format("contradicts itself: thread {} made {} cycles, and its bins hold {}",
                                shown(name), *cycles, tally.binned));
  tally.overflow = *cycles - tally.binned;
  if (*cycles == 0) return tally;
  tally.min = json_number(fields, "min");
  tally.max = json_number(fields, "max");
  if (!tally.min || !tally.max)
    return bad_file(fmt::format("thread {} has no numbers \"min\" and \"max\"", shown(name)));
  return tally;
}

std::string clock_of(const std::string& command) {
  if (command.empty()) return "CLOCK_MONOTONIC, unless it was told otherwise";
  LineWords words(command);
  for (std::string_view word = words.next(); !word.empty(); word = words.next())
    if (word.starts_with("-c") || word.starts_with("--clock")) return "as its command says";
  return "CLOCK_MONOTONIC";
}

void describe(const json& document, SelfMeasurement* measurement) {
  const auto either = [&](const char* plain, const char* with_colon) {
    const std::string text = json_text(document, plain);
    return text.empty() ? json_text(document, with_colon) : text;
  };
  measurement->program = "cyclictest";
  measurement->version = either("rt_test_version", "rt_test_version:");
  measurement->command = either("cmdline", "cmdline:");
  measurement->quantity = "from its timer's time to its thread";
  measurement->clock = clock_of(measurement->command);
  if (const auto system = document.find("sysinfo"); system != document.end())
    measurement->system = json_text(*system, "release") +
                          (json_number(*system, "realtime") == 1 ? " (/sys/kernel/realtime is 1)" : "");
  if (const auto ours = document.find("loopgate"); ours != document.end())
    measurement->exported_from = json_text(*ours, "time_base");
}

Result<SelfMeasurement> CyclictestJson::read(const std::string& text) {
  TRY(document, json_of_result(text));
  const auto threads = document.find("thread");
  if (threads == document.end() || !threads->is_object() || threads->empty() ||
      threads->size() > most_threads)
    return bad_file("is no file of cyclictest: it has no object \"thread\" with threads");
  const auto in_ns = json_number(document, "resolution_in_ns");
  if (!in_ns || *in_ns > 1) return bad_file("has no \"resolution_in_ns\" of 0 or 1");
  if (const auto told = json_number(document, "num_threads"); told && *told != threads->size())
    return bad_file(fmt::format("contradicts itself: \"num_threads\" is {}, and it has {} of them", *told,
                                threads->size()));
  std::vector<ThreadTally> tallies;
  for (const auto& [name, fields] : threads->items()) {
    if (!options_.wants(name)) continue;
    if (!fields.is_object()) return bad_file(fmt::format("thread {} is no object", shown(name)));
    TRY(tally, tally_of(name, fields));
    tallies.push_back(std::move(tally));
  }
  SelfMeasurement measurement;
  describe(document, &measurement);
  RowShape shape{*in_ns == 1 ? 1 : 1'000, 1, std::nullopt};
  if (has_histogram_) {
    shape.end = bins_of_cyclictest(measurement.command);
  } else {  // all of them lie between the smallest and the largest
    for (const ThreadTally& each : tallies)
      shape.end = std::min(shape.end.value_or(UINT64_MAX), each.min.value_or(0));
    measurement.remarks.emplace_back(
        "it has no histogram: each quantile is known to lie between the smallest and the largest latency");
  }
  TRY_STATUS(put_latencies(tallies, rows_, shape, &measurement));
  return measurement;
}

}  // namespace

std::unique_ptr<ResultReader> read_cyclictest_json(ResultOptions options) {
  return std::make_unique<CyclictestJson>(std::move(options));
}

std::optional<std::uint64_t> bins_of_cyclictest(const std::string& command) {
  std::optional<std::uint64_t> bins;
  LineWords words(command);
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    std::string_view value;
    if (word.starts_with("--hist") && !word.starts_with("--histfile")) {  // --histogram, --histofall
      const auto equals = word.find('=');
      value = equals == std::string_view::npos ? words.next() : word.substr(equals + 1);
    } else if (word.size() > 1 && word[0] == '-' && word[1] != '-') {  // -h60, -qmh 60
      const auto option = word.find_first_of("hH");
      if (option == std::string_view::npos || !std::ranges::all_of(word.substr(1, option - 1), ::isalpha))
        continue;
      value = option + 1 == word.size() ? words.next() : word.substr(option + 1);
    }
    if (const auto number = whole_number(value); number && *number > 0) bins = std::min(*number, most_bins);
  }
  return bins;
}

}  // namespace loopgate
