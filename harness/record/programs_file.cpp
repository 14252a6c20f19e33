#include "record/programs_file.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/digest.h"
#include "base/file.h"
#include "base/json_forms.h"
#include "record/artifacts.h"
#include "record/run_record.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t bins_max = 10'000'000;
// Of all bins together: a year of one each 2 us.
constexpr std::int64_t total_max = 1LL << 44U;

// Of the bins, those that hold any: `bin` is which, `count` how many.
struct FilledBins {
  template <class Json>
  void write(const LatencyHistogram& histogram, Json* object) const {
    Json bin = Json::array(), count = Json::array();
    for (std::size_t i = 0; i < histogram.count.size(); ++i) {
      if (histogram.count[i] == 0) continue;
      bin.push_back(i);
      count.push_back(histogram.count[i]);
    }
    (*object)["bins"] = histogram.count.size();
    (*object)["bin"] = std::move(bin);
    (*object)["count"] = std::move(count);
  }
  void read(JsonReader* reader, LatencyHistogram* histogram) const {
    std::int64_t bins = 1;
    std::vector<std::int64_t> bin, count;
    Within<std::int64_t>{1, bins_max}.read(reader, "bins", &bins);
    reader->required("bin", &bin);
    reader->required("count", &count);
    if (bin.size() != count.size()) return reader->refuse("count", "has another length than bin");
    histogram->count.resize(static_cast<std::size_t>(bins));
    std::int64_t total = 0;
    for (std::size_t i = 0; i < bin.size(); ++i) {
      if (bin[i] < 0 || bin[i] >= bins || (i > 0 && bin[i] <= bin[i - 1]))
        return reader->refuse("bin", "must rise, and stay below bins");
      if (count[i] < 1 || count[i] > total_max - total)
        return reader->refuse("count", "must be above 0, and 2^44 at most together");
      total += count[i];
      histogram->count[static_cast<std::size_t>(bin[i])] = static_cast<std::uint64_t>(count[i]);
    }
  }
};

struct Verdict {
  template <class Json>
  Json write(ProgramVerdict verdict) const {
    return name_of(verdict);
  }
  void read(JsonReader* reader, const char* key, ProgramVerdict* verdict) const {
    std::string name;
    reader->required(key, &name);
    const auto known = program_verdict_named(name);
    if (!known) reader->refuse(key, "must be pass, fail, inconclusive, invalid or not applicable");
    *verdict = known.value_or(ProgramVerdict::invalid);
  }
};

std::string reason_complaint(const ProgramResult& result) {
  const bool fits = result.reason.empty() == (result.verdict == ProgramVerdict::pass);
  return fits ? "" : "does not fit the result";
}

std::string name_complaint(const ProgramRecord& record) {
  const bool leads_out = record.name.find('/') != std::string::npos || record.name.starts_with('.');
  return leads_out ? "leads out of the cell's folder" : "";
}

// What was judged was left, and is judged again by whoever reads it.
std::string left_complaint(const ProgramRecord& record) {
  const ProgramVerdict verdict = record.result.verdict;
  const bool judged = verdict != ProgramVerdict::invalid && verdict != ProgramVerdict::not_applicable;
  return judged && record.left_sha256.empty() ? "has no digest of what the program left" : "";
}

std::string twice_complaint(const ProgramsFile& file) {
  std::set<std::string> names;
  for (const ProgramRecord& record : file.programs)
    if (!names.insert(record.name).second) return "has two of the name " + record.name;
  return "";
}

std::string time_complaint(const StimuliTime& time) {
  return time.began_ns < 0 || time.began_ns >= time.ended_ns ? "must be after began_ns" : "";
}

bool is_self_measured(const ProgramsFile&) { return true; }

constexpr Within<std::int64_t> above_zero{1, std::numeric_limits<std::int64_t>::max()};

}  // namespace

static constexpr auto fields_of(const ProgramFigure*) {
  return std::tuple(field("name", &ProgramFigure::name), field("value", &ProgramFigure::value, NotNegative()),
                    field("unit", &ProgramFigure::unit),
                    field("clock", &ProgramFigure::clock, NullWhereEmpty()),
                    field("resolution", &ProgramFigure::resolution, NotNegative()),
                    sparse("rounded_up", &ProgramFigure::rounded_up));
}

static constexpr auto fields_of(const LatencyHistogram*) {
  return std::tuple(field("first_ns", &LatencyHistogram::first_ns),
                    field("bin_width_ns", &LatencyHistogram::bin_width_ns, above_zero), FilledBins(),
                    field("overflow", &LatencyHistogram::overflow),
                    sparse("overflow_unsure", &LatencyHistogram::overflow_unsure),
                    field("min_ns", &LatencyHistogram::min_ns), field("max_ns", &LatencyHistogram::max_ns),
                    field("resolution_ns", &LatencyHistogram::resolution_ns, above_zero));
}

namespace {

// With the clock, which is the result's own.
struct HistogramAndClock {
  template <class Json>
  void write(const ProgramResult& result, Json* object) const {
    Json histogram = nullptr;
    if (result.histogram) {
      histogram = write_object<Json>(*result.histogram);
      histogram["clock"] = result.clock;
    }
    (*object)["histogram"] = std::move(histogram);
  }
  void read(JsonReader* reader, ProgramResult* result) const {
    if (!reader->has_value("histogram")) return;
    JsonReader fields = reader->object("histogram");
    fields.required("clock", &result->clock);
    (void)read_object(std::move(fields), &result->histogram.emplace());
  }
};

}  // namespace

static constexpr auto fields_of(const ProgramResult*) {
  return std::tuple(field("result", &ProgramResult::verdict, Verdict()),
                    field("reason", &ProgramResult::reason, NullWhereEmpty()),
                    constraint("reason", reason_complaint), field("figures", &ProgramResult::figures),
                    HistogramAndClock());
}

static constexpr auto fields_of(const ProgramRecord*) {
  return std::tuple(field("name", &ProgramRecord::name), constraint("name", name_complaint),
                    field("adapter", &ProgramRecord::adapter), field("argv", &ProgramRecord::argv),
                    field("began_ns", &ProgramRecord::began_ns), field("ended_ns", &ProgramRecord::ended_ns),
                    group("left", field("sha256", &ProgramRecord::left_sha256, NullWhereEmpty())),
                    inlined(&ProgramRecord::result), constraint("left", left_complaint));
}

static constexpr auto fields_of(const StimuliTime*) {
  return std::tuple(field("began_ns", &StimuliTime::began_ns), field("ended_ns", &StimuliTime::ended_ns),
                    constraint("ended_ns", time_complaint));
}

static constexpr auto fields_of(const ProgramsFile*) {
  return std::tuple(
      field("cell", &ProgramsFile::cell), field("time_base", &ProgramsFile::time_base, time_base_form),
      derived("self_measured", &is_self_measured, "must be true"), sparse("stimuli", &ProgramsFile::stimuli),
      field("programs", &ProgramsFile::programs), constraint("programs", twice_complaint));
}

namespace {

Status check_left(const fs::path& cell_folder, const ProgramRecord& record) {
  if (record.left_sha256.empty()) return {};
  const fs::path path = program_file(cell_folder, record.name);
  TRY(bytes, read_file(path, ErrorKind::data));
  if (sha256_of(bytes) == record.left_sha256) return {};
  return fail(ErrorKind::data, fmt::format("{}: was altered: its sha256 is not the one in {}", path.string(),
                                           programs_artifact.name));
}

}  // namespace

std::string to_json(const ProgramsFile& file) {
  Json document = {{"format", 1}};
  document.update(write_object<Json>(file));
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ProgramsFile> parse_programs(std::string_view text, const std::string& name) {
  TRY(fields, JsonReader::parse(text, name, JsonReader::file()));
  ProgramsFile file;
  TRY_STATUS(read_object(std::move(fields), &file));
  return file;
}

Result<Loaded<ProgramsFile>> load_programs(const fs::path& cell_folder, const std::string& expected) {
  const fs::path path = cell_folder / programs_artifact.name;
  TRY(bytes, read_file(path, ErrorKind::data));
  std::string sha256 = sha256_of(bytes);
  if (!expected.empty() && sha256 != expected)
    return fail(ErrorKind::data,
                fmt::format("{}: was altered: its sha256 is not the one in outcome.json", path.string()));
  TRY(file, parse_programs(bytes, path.string()));
  for (const ProgramRecord& record : file.programs) TRY_STATUS(check_left(cell_folder, record));
  return Loaded<ProgramsFile>{std::move(file), std::move(sha256)};
}

fs::path program_file(const fs::path& cell_folder, const std::string& program) {
  return cell_folder / "programs" / (program + ".json");
}

}  // namespace loopgate
