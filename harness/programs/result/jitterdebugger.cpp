#include "programs/result/jitterdebugger.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "programs/result/histogram_rows.h"
#include "programs/result/result_json.h"
#include "programs/result/text_lines.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr std::size_t cpus_max = 4'096;
constexpr const char* take_it_again = "take the file as jitterdebugger wrote it, or measure again";

// Its histogram is a millisecond long, in either unit.
std::uint64_t bins_kept(std::int64_t unit_ns) { return 1'000'000 / static_cast<std::uint64_t>(unit_ns); }

void describe_jitterdebugger(SelfMeasurement* measurement) {
  measurement->program = "jitterdebugger";
  measurement->quantity = "from its timer's time to its thread";
  measurement->clock = "CLOCK_MONOTONIC";
}

class JitterdebuggerJson : public WholeFileReader {
 public:
  explicit JitterdebuggerJson(ResultOptions options) : options_(std::move(options)) {}

 private:
  Result<SelfMeasurement> read(const std::string& text) override;
  Result<ThreadTally> tally_of(const std::string& cpu, const json& fields);

  ResultOptions options_;
  HistogramRows rows_;
};

Result<ThreadTally> JitterdebuggerJson::tally_of(const std::string& cpu, const json& fields) {
  const auto bad = [&](const std::string& what) {
    return fail(ErrorKind::data, fmt::format("CPU {} {}", shown(cpu), what), take_it_again);
  };
  ThreadTally tally;
  tally.name = cpu;
  const auto count = json_number(fields, "count");
  if (!count || *count > latency_count_max) return bad("has no number \"count\"");
  const auto bins = fields.find("histogram");
  if (bins == fields.end() || !bins->is_object()) return bad("has no histogram");
  for (const auto& [name, amount] : bins->items()) {
    const auto begin = number_named(name);
    if (!begin || !amount.is_number_unsigned() || amount.get<std::uint64_t>() > latency_count_max)
      return bad(fmt::format("has a bin \"{}\" that can't be", shown(name)));
    tally.add(*begin, amount.get<std::uint64_t>());
    TRY_STATUS(rows_.add(*begin, amount.get<std::uint64_t>()));
  }
  if (tally.binned > *count)
    return bad(fmt::format("contradicts itself: it counts {} {}, and its bins hold {}", *count,
                           *count == 1 ? "latency" : "latencies", tally.binned));
  tally.overflow = *count - tally.binned;
  if (*count == 0) return tally;
  tally.min = json_number(fields, "min");
  tally.max = json_number(fields, "max");
  if (!tally.min || !tally.max) return bad("has no numbers \"min\" and \"max\"");
  if (const auto mean = fields.find("avg"); mean != fields.end() && mean->is_number())
    tally.mean = mean->get<double>();
  return tally;
}

Result<SelfMeasurement> JitterdebuggerJson::read(const std::string& text) {
  TRY(document, json_of_result(text));
  const auto cpus = document.find("cpu");
  if (cpus == document.end() || !cpus->is_object() || cpus->empty() || cpus->size() > cpus_max)
    return fail(ErrorKind::data, "is no file of jitterdebugger: it has no object \"cpu\" with CPUs",
                take_it_again);
  SelfMeasurement measurement;
  describe_jitterdebugger(&measurement);
  std::optional<std::uint64_t> told_ns;
  if (const auto system = document.find("sysinfo"); system != document.end()) {
    measurement.system = json_text(*system, "release");
    measurement.preempt_rt = preempt_rt_of(json_text(*system, "version"));
    told_ns = json_number(*system, "resolution_in_ns");
  }
  if (told_ns && *told_ns != 1 && *told_ns != 1'000)
    return fail(ErrorKind::data, "has a \"resolution_in_ns\" that is neither 1 nor 1000", take_it_again);
  if (told_ns == 1'000 && options_.in_ns)
    return other_unit_than_asked("its \"resolution_in_ns\", 1000,", false);
  if (!told_ns && options_.in_ns) measurement.remarks.emplace_back(unit_is_the_users);
  const std::uint64_t unit_ns =
      told_ns.value_or(options_.in_ns ? 1 : 1'000);  // the first versions do not tell
  if (const auto version = json_number(document, "version"))
    measurement.version = fmt::format("format {}", *version);
  std::vector<ThreadTally> tallies;
  for (const auto& [cpu, fields] : cpus->items()) {
    if (!options_.wants(cpu)) continue;
    if (!fields.is_object())
      return fail(ErrorKind::data, fmt::format("CPU {} is no object", shown(cpu)), take_it_again);
    TRY(tally, tally_of(cpu, fields));
    tallies.push_back(std::move(tally));
  }
  const auto unit = static_cast<std::int64_t>(unit_ns);
  TRY_STATUS(put_latencies(tallies, rows_, {unit, 1, bins_kept(unit)}, &measurement));
  return measurement;
}

// Of its single samples, which it can keep beside the histogram.
class JitterdebuggerSamples {
 public:
  explicit JitterdebuggerSamples(ResultOptions options) : options_(std::move(options)) {}

  Status add(std::uint64_t cpu, std::uint64_t latency) {
    if (cpu >= cpus_max) return fail(ErrorKind::data, fmt::format("is of CPU {}, which can't be", cpu));
    ThreadTally& tally = cpus_[cpu];
    if (tally.name.empty()) {
      tally.name = std::to_string(cpu);
      if (!options_.wants(tally.name)) tally.overflow = 1;  // a mark: it is left out
    }
    if (tally.overflow == 1) return {};
    tally.add(latency, 1);
    return rows_.add(latency, 1);
  }

  Result<SelfMeasurement> measured() const {
    SelfMeasurement measurement;
    describe_jitterdebugger(&measurement);
    if (options_.in_ns) measurement.remarks.emplace_back(unit_is_the_users);
    std::vector<ThreadTally> tallies;
    for (const auto& [cpu, tally] : cpus_) {
      if (tally.overflow == 1) continue;
      ThreadTally& each = tallies.emplace_back(tally);
      each.min = each.first;
      each.max = each.last;
    }
    if (cpus_.empty()) return fail(ErrorKind::data, "holds no sample", "measure again");
    TRY_STATUS(put_latencies(tallies, rows_, {options_.in_ns ? 1 : 1'000, 1, std::nullopt}, &measurement));
    return measurement;
  }

 private:
  ResultOptions options_;
  HistogramRows rows_;
  std::map<std::uint64_t, ThreadTally> cpus_;
};

// "CPU;seconds.nanoseconds;latency": the time in the middle is not looked at.
std::optional<std::pair<std::uint64_t, std::uint64_t>> csv_sample(std::string_view line) {
  const std::size_t first = line.find(';');
  const std::size_t second = first == std::string_view::npos ? first : line.find(';', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto cpu = whole_number(line.substr(0, first));
  const auto latency = whole_number(line.substr(second + 1));
  if (!cpu || !latency) return std::nullopt;
  return std::pair(*cpu, *latency);
}

class JitterdebuggerCsv : public ResultReader {
 public:
  explicit JitterdebuggerCsv(ResultOptions options) : samples_(std::move(options)) {}

  Status take(std::string_view portion) override {
    return lines_.take(portion, [this](std::string_view line) -> Status {
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      const auto sample = csv_sample(line);
      if (!sample)
        return fail(
            ErrorKind::data,
            fmt::format("line {}: \"{}\" is no sample (CPU;time;latency)", lines_.number(), shown(line)),
            take_it_again);
      if (auto added = samples_.add(sample->first, sample->second); !added)
        return fail(ErrorKind::data, fmt::format("line {}: {}", lines_.number(), added.error().what),
                    take_it_again);
      return {};
    });
  }

  Result<SelfMeasurement> finish() override {
    if (lines_.has_unfinished())
      return fail(
          ErrorKind::data,
          fmt::format("line {}: the file ends in the middle of a line: it was cut off", lines_.number() + 1),
          take_it_again);
    return samples_.measured();
  }

 private:
  TextLines lines_;
  JitterdebuggerSamples samples_;
};

// u32 CPU, i64 seconds, i64 nanoseconds, u64 latency: packed, little-endian.
constexpr std::size_t raw_record = 28;

template <class T>
T raw_field(const char* record, std::size_t at) {
  T value{};
  std::memcpy(&value, record + at, sizeof(value));
  return value;
}

bool is_raw_record(std::string_view bytes) {
  const char* record = bytes.data();
  const auto ns = raw_field<std::int64_t>(record, 12);
  return raw_field<std::uint32_t>(record, 0) < cpus_max && raw_field<std::int64_t>(record, 4) >= 0 &&
         ns >= 0 && ns < 1'000'000'000 && raw_field<std::uint64_t>(record, 20) <= latency_units_max;
}

class JitterdebuggerRaw : public ResultReader {
 public:
  explicit JitterdebuggerRaw(ResultOptions options) : samples_(std::move(options)) {}

  Status take(std::string_view portion) override {
    if (!left_.empty()) {
      const std::size_t missing = std::min(raw_record - left_.size(), portion.size());
      left_ += portion.substr(0, missing);
      portion.remove_prefix(missing);
      if (left_.size() < raw_record) return {};
      TRY_STATUS(take_record(left_));
      left_.clear();
    }
    for (; portion.size() >= raw_record; portion.remove_prefix(raw_record))
      TRY_STATUS(take_record(portion.substr(0, raw_record)));
    left_ = portion;
    return {};
  }

  Result<SelfMeasurement> finish() override {
    if (!left_.empty())
      return fail(ErrorKind::data,
                  fmt::format("ends {} bytes into sample {}: it was cut off", left_.size(), at_ + 1),
                  take_it_again);
    return samples_.measured();
  }

 private:
  Status take_record(std::string_view record) {
    ++at_;
    if (!is_raw_record(record))
      return fail(ErrorKind::data, fmt::format("sample {} can't be one of a 64-bit machine", at_),
                  "make a samples.csv of it with jittersamples, on the machine that it is of");
    return samples_.add(raw_field<std::uint32_t>(record.data(), 0),
                        raw_field<std::uint64_t>(record.data(), 20));
  }

  std::string left_;
  std::uint64_t at_ = 0;
  JitterdebuggerSamples samples_;
};

}  // namespace

std::unique_ptr<ResultReader> read_jitterdebugger_json(ResultOptions options) {
  return std::make_unique<JitterdebuggerJson>(std::move(options));
}

std::unique_ptr<ResultReader> read_jitterdebugger_csv(ResultOptions options) {
  return std::make_unique<JitterdebuggerCsv>(std::move(options));
}

std::unique_ptr<ResultReader> read_jitterdebugger_raw(ResultOptions options) {
  return std::make_unique<JitterdebuggerRaw>(std::move(options));
}

bool looks_like_jitterdebugger_csv(std::string_view beginning) {
  return csv_sample(beginning.substr(0, beginning.find('\n'))).has_value();
}

bool looks_like_jitterdebugger_raw(std::string_view beginning) {
  return beginning.size() >= raw_record && beginning.find('\0') != std::string_view::npos &&
         is_raw_record(beginning.substr(0, raw_record));
}

}  // namespace loopgate
