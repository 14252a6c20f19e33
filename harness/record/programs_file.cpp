#include "record/programs_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/digest.h"
#include "base/file.h"
#include "base/json_reader.h"
#include "record/artifacts.h"
#include "record/run_record.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t bins_max = 10'000'000;

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json or_null(const std::optional<std::int64_t>& number) { return number ? Json(*number) : Json(); }

Json json_of(const ProgramFigure& figure) {
  return {{"name", figure.name},
          {"value", figure.value},
          {"unit", figure.unit},
          {"clock", or_null(figure.clock)},
          {"resolution", figure.resolution}};
}

// Of the bins, those that hold any.
Json json_of(const LatencyHistogram& histogram, const std::string& clock) {
  Json bin = Json::array(), count = Json::array();
  for (std::size_t i = 0; i < histogram.count.size(); ++i) {
    if (histogram.count[i] == 0) continue;
    bin.push_back(i);
    count.push_back(histogram.count[i]);
  }
  return {{"clock", clock},
          {"first_ns", histogram.first_ns},
          {"bin_width_ns", histogram.bin_width_ns},
          {"bins", histogram.count.size()},
          {"bin", std::move(bin)},
          {"count", std::move(count)},
          {"overflow", histogram.overflow},
          {"min_ns", or_null(histogram.min_ns)},
          {"max_ns", or_null(histogram.max_ns)},
          {"resolution_ns", histogram.resolution_ns}};
}

Json json_of(const ProgramRecord& record) {
  Json figures = Json::array();
  for (const ProgramFigure& figure : record.result.figures) figures.push_back(json_of(figure));
  const auto& histogram = record.result.histogram;
  return {{"name", record.name},
          {"adapter", record.adapter},
          {"argv", record.argv},
          {"result", name_of(record.result.verdict)},
          {"reason", or_null(record.result.reason)},
          {"began_ns", or_null(record.began_ns)},
          {"ended_ns", or_null(record.ended_ns)},
          {"left", {{"sha256", or_null(record.left_sha256)}}},
          {"figures", std::move(figures)},
          {"histogram", histogram ? json_of(*histogram, record.result.clock) : Json()}};
}

ProgramFigure read_figure(JsonReader fields) {
  ProgramFigure figure;
  fields.required("name", &figure.name);
  fields.required("value", &figure.value);
  fields.required("unit", &figure.unit);
  fields.nullable("clock", &figure.clock);
  fields.required("resolution", &figure.resolution);
  if (!(figure.value >= 0 && std::isfinite(figure.value))) fields.refuse("value", "must not be negative");
  if (!(figure.resolution >= 0 && std::isfinite(figure.resolution)))
    fields.refuse("resolution", "must not be negative");
  (void)fields.finish();
  return figure;
}

void read_bins(JsonReader* fields, LatencyHistogram* histogram) {
  std::int64_t bins = 0;
  std::vector<std::int64_t> bin, count;
  fields->required("bins", &bins);
  fields->required("bin", &bin);
  fields->required("count", &count);
  if (bins < 1 || bins > bins_max)
    return fields->refuse("bins", fmt::format("must be from 1 to {}", bins_max));
  if (bin.size() != count.size()) return fields->refuse("count", "has another length than bin");
  histogram->count.resize(static_cast<std::size_t>(bins));
  for (std::size_t i = 0; i < bin.size(); ++i) {
    if (bin[i] < 0 || bin[i] >= bins || (i > 0 && bin[i] <= bin[i - 1]))
      return fields->refuse("bin", "must rise, and stay below bins");
    if (count[i] < 1) return fields->refuse("count", "must be above 0");
    histogram->count[static_cast<std::size_t>(bin[i])] = static_cast<std::uint64_t>(count[i]);
  }
}

void read_number_or_null(JsonReader* fields, const char* key, std::optional<std::int64_t>* out) {
  if (fields->has_value(key)) fields->required(key, &out->emplace(0));
}

void read_histogram(JsonReader fields, ProgramResult* result) {
  LatencyHistogram& histogram = result->histogram.emplace();
  fields.required("clock", &result->clock);
  fields.required("first_ns", &histogram.first_ns);
  fields.required("bin_width_ns", &histogram.bin_width_ns);
  read_bins(&fields, &histogram);
  fields.required("overflow", &histogram.overflow);
  read_number_or_null(&fields, "min_ns", &histogram.min_ns);
  read_number_or_null(&fields, "max_ns", &histogram.max_ns);
  fields.required("resolution_ns", &histogram.resolution_ns);
  if (histogram.bin_width_ns < 1) fields.refuse("bin_width_ns", "must be above 0");
  if (histogram.resolution_ns < 1) fields.refuse("resolution_ns", "must be above 0");
  (void)fields.finish();
}

ProgramRecord read_record(JsonReader fields) {
  ProgramRecord record;
  std::string verdict;
  fields.required("name", &record.name);
  fields.required("adapter", &record.adapter);
  fields.required("argv", &record.argv);
  fields.required("result", &verdict);
  fields.nullable("reason", &record.result.reason);
  read_number_or_null(&fields, "began_ns", &record.began_ns);
  read_number_or_null(&fields, "ended_ns", &record.ended_ns);
  JsonReader left = fields.object("left");
  left.nullable("sha256", &record.left_sha256);
  (void)left.finish();
  const auto known = program_verdict_named(verdict);
  if (!known) fields.refuse("result", "must be pass, fail, inconclusive, invalid or not applicable");
  record.result.verdict = known.value_or(ProgramVerdict::invalid);
  if (record.result.reason.empty() != (record.result.verdict == ProgramVerdict::pass))
    fields.refuse("reason", "does not fit the result");
  for (JsonReader& figure : fields.objects("figures"))
    record.result.figures.push_back(read_figure(std::move(figure)));
  if (fields.has_value("histogram")) read_histogram(fields.object("histogram"), &record.result);
  if (record.name.find('/') != std::string::npos || record.name.starts_with('.'))
    fields.refuse("name", "leads out of the cell's folder");
  (void)fields.finish();
  return record;
}

StimuliTime read_stimuli(JsonReader fields) {
  StimuliTime stimuli;
  fields.required("began_ns", &stimuli.began_ns);
  fields.required("ended_ns", &stimuli.ended_ns);
  if (stimuli.began_ns < 0 || stimuli.began_ns >= stimuli.ended_ns)
    fields.refuse("ended_ns", "must be after began_ns");
  (void)fields.finish();
  return stimuli;
}

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
  Json programs = Json::array();
  for (const ProgramRecord& record : file.programs) programs.push_back(json_of(record));
  Json document = {
      {"format", 1}, {"cell", file.cell}, {"time_base", name_of(file.time_base)}, {"self_measured", true}};
  if (file.stimuli)
    document["stimuli"] = {{"began_ns", file.stimuli->began_ns}, {"ended_ns", file.stimuli->ended_ns}};
  document["programs"] = std::move(programs);
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ProgramsFile> parse_programs(std::string_view text, const std::string& name) {
  TRY(fields, JsonReader::parse(text, name, JsonReader::file()));
  ProgramsFile file;
  bool self_measured = false;
  fields.required("cell", &file.cell);
  read_time_base(&fields, &file.time_base);
  fields.required("self_measured", &self_measured);
  if (!self_measured) fields.refuse("self_measured", "must be true");
  if (fields.has("stimuli")) file.stimuli = read_stimuli(fields.object("stimuli"));
  for (JsonReader& entry : fields.objects("programs")) file.programs.push_back(read_record(std::move(entry)));
  std::set<std::string> names;
  for (const ProgramRecord& record : file.programs)
    if (!names.insert(record.name).second) fields.refuse("programs", "has two of the name " + record.name);
  TRY_STATUS(fields.finish());
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
