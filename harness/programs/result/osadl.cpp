#include "programs/result/osadl.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "programs/result/cyclictest_file.h"
#include "programs/result/histogram_rows.h"
#include "programs/result/result_json.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr std::size_t cores_max = 4'096;

tl::unexpected<Error> bad_dataset(std::string what) {
  return fail(ErrorKind::data, std::move(what), "take the file as OSADL publishes it");
}

// Null where the way leads nowhere.
const json* at_way(const json& document, std::initializer_list<const char*> way) {
  const json* at = &document;
  for (const char* key : way) {
    if (!at->is_object() || !at->contains(key)) return nullptr;
    at = &at->at(key);
  }
  return at;
}

std::string text_at(const json& document, std::initializer_list<const char*> way) {
  const json* found = at_way(document, way);
  return found != nullptr && found->is_string() ? shown(found->get<std::string>(), 400) : std::string();
}

class Osadl : public WholeFileReader {
 public:
  explicit Osadl(ResultOptions options) : options_(std::move(options)) {}

 private:
  struct Columns {
    std::vector<std::uint64_t> begins;  // of the classes; the first of the arrays
    std::vector<std::vector<std::uint64_t>> cores;
    std::vector<std::uint64_t> maxima;  // of each core; empty where they are not told
  };

  Result<SelfMeasurement> read(const std::string& text) override;
  static Result<Columns> columns_of(const json& document);
  Result<ThreadTally> tally_of(std::size_t core, const Columns& columns, std::uint64_t cycles);

  ResultOptions options_;
  HistogramRows rows_;
};

Result<std::vector<std::uint64_t>> whole_numbers(const json& array, const std::string& name) {
  if (!array.is_array()) return bad_dataset(fmt::format("{} is no array", name));
  std::vector<std::uint64_t> numbers;
  for (const json& each : array) {
    if (!each.is_number_unsigned() || each.get<std::uint64_t>() > latency_count_max)
      return bad_dataset(fmt::format("{} holds what is no count: {}", name,
                                     shown(each.dump(-1, ' ', true, json::error_handler_t::replace))));
    numbers.push_back(each.get<std::uint64_t>());
  }
  return numbers;
}

Result<Osadl::Columns> Osadl::columns_of(const json& document) {
  const json* cores = at_way(document, {"latency", "cores"});
  if (cores == nullptr || !cores->is_array() || cores->size() < 2 || cores->size() > cores_max)
    return bad_dataset("is no RT Dataset: it has no array \"latency\".\"cores\" of an index and cores");
  Columns columns;
  for (std::size_t i = 0; i < cores->size(); ++i) {
    TRY(numbers, whole_numbers(cores->at(i), fmt::format("\"latency\".\"cores\"[{}]", i)));
    if (i > 0 && numbers.size() != columns.begins.size())
      return bad_dataset(
          fmt::format("\"latency\".\"cores\"[{}] has {} classes, and the index {}: it was cut "
                      "off or altered",
                      i, numbers.size(), columns.begins.size()));
    if (i == 0) {
      columns.begins = std::move(numbers);
    } else {
      columns.cores.push_back(std::move(numbers));
    }
  }
  if (columns.begins.empty() || !std::ranges::is_sorted(columns.begins, std::less_equal<>()))
    return bad_dataset("\"latency\".\"cores\"[0] is no index: its latencies do not rise");
  if (const json* maxima = at_way(document, {"latency", "maxima"}); maxima != nullptr) {
    TRY(numbers, whole_numbers(*maxima, "\"latency\".\"maxima\""));
    columns.maxima = std::move(numbers);
  }
  if (!columns.maxima.empty() && columns.maxima.size() != columns.cores.size())
    return bad_dataset(
        fmt::format("\"latency\".\"maxima\" is of {} cores, and \"cores\" of {} (its first is "
                    "the index)",
                    columns.maxima.size(), columns.cores.size()));
  return columns;
}

// Overflows are not counted: they are among the cycles that cyclictest was told to make and that no class
// holds. A core whose largest latency lies in its classes has none; another has one at the least.
Result<ThreadTally> Osadl::tally_of(std::size_t core, const Columns& columns, std::uint64_t cycles) {
  ThreadTally tally;
  tally.name = std::to_string(core);
  for (std::size_t i = 0; i < columns.begins.size(); ++i) {
    tally.add(columns.begins[i], columns.cores[core][i]);
    TRY_STATUS(rows_.add(columns.begins[i], columns.cores[core][i]));
  }
  if (columns.maxima.empty()) return tally;
  tally.max = columns.maxima[core];
  if (*tally.max <= columns.begins.back()) return tally;
  if (cycles <= tally.binned)
    return bad_dataset(
        fmt::format("contradicts itself: core {} had {} us at the most, above its classes, which "
                    "hold all of its {} cycles",
                    core, *tally.max, tally.binned));
  tally.overflow = cycles - tally.binned;
  tally.overflow_unsure = tally.overflow - 1;
  return tally;
}

Result<SelfMeasurement> Osadl::read(const std::string& text) {
  TRY(document, json_of_result(text));
  if (text_at(document, {"format", "name"}) != "RT Dataset")
    return bad_dataset("is no RT Dataset: its \"format\".\"name\" says something else");
  const std::string granularity = text_at(document, {"latency", "granularity"});
  if (granularity != "microseconds" && granularity != "nanoseconds")
    return bad_dataset(fmt::format(
        "\"latency\".\"granularity\" is \"{}\": neither microseconds nor nanoseconds", granularity));
  TRY(columns, columns_of(document));
  const json* cycles = at_way(document, {"condition", "cycles"});
  const std::uint64_t told = cycles != nullptr && cycles->is_number_unsigned()
                                 ? std::min(cycles->get<std::uint64_t>(), latency_count_max)
                                 : 0;
  std::vector<ThreadTally> tallies;
  std::uint64_t unsure = 0;
  for (std::size_t core = 0; core < columns.cores.size(); ++core) {
    if (!options_.wants(std::to_string(core))) continue;
    TRY(tally, tally_of(core, columns, told));
    unsure += tally.overflow;
    tallies.push_back(std::move(tally));
  }
  SelfMeasurement measurement;
  measurement.program = "cyclictest";
  measurement.command = text_at(document, {"condition", "cyclictest"});
  measurement.quantity = "from its timer's time to its thread";
  measurement.clock = "CLOCK_MONOTONIC, unless its command says otherwise";
  measurement.system = text_at(document, {"kernel", "version"});
  measurement.preempt_rt = preempt_rt_of(measurement.system);
  measurement.load = text_at(document, {"condition", "load"});
  measurement.remarks.push_back(fmt::format("OSADL's RT Dataset of {}, under load \"{}\", of {}",
                                            text_at(document, {"system", "hostname"}), measurement.load,
                                            text_at(document, {"timestamps", "origin"})));
  if (unsure > 0)
    measurement.remarks.push_back(
        fmt::format("overflows are not counted: {} of the cycles that cyclictest was told to make are in no "
                    "class, and any of them but one a core may not have been made",
                    with_thousands(unsure)));
  if (columns.maxima.empty())
    measurement.remarks.emplace_back(
        "no largest latency is told, and overflows are in no class: what is "
        "beyond the classes is not known to be nothing");
  const std::int64_t unit_ns = granularity == "nanoseconds" ? 1 : 1'000;
  if (const std::string other = other_cyclictest_unit(measurement.command, unit_ns); !other.empty())
    return bad_dataset("contradicts itself: " + other);
  TRY_STATUS(put_latencies(tallies, rows_, {unit_ns, 0, std::nullopt}, &measurement));
  if (columns.maxima.empty()) measurement.why_invalid = "the file tells no largest latency and no overflows";
  return measurement;
}

}  // namespace

std::unique_ptr<ResultReader> read_osadl(ResultOptions options) {
  return std::make_unique<Osadl>(std::move(options));
}

}  // namespace loopgate
