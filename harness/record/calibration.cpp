#include "record/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_reader.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const BoundedShare& share) {
  return {{"seen", share.seen}, {"of", share.of}, {"low", share.low}, {"high", share.high}};
}

Json to_json(const VerdictRates& rates) {
  return {{"count", rates.count},        {"refers_to", rates.refers_to},
          {"PASS", to_json(rates.pass)}, {"INCONCLUSIVE", to_json(rates.inconclusive)},
          {"FAIL", to_json(rates.fail)}, {"INVALID", to_json(rates.invalid)}};
}

Json to_json(const FoundRegression& found) {
  return {{"plant", found.plant},
          {"kernel", found.kernel},
          {"load", found.load},
          {"added_ns", found.added_ns},
          {"found", to_json(found.found)}};
}

Json to_json(const VariantTest& test) {
  return {{"kernel", test.kernel},
          {"load", test.load},
          {"quantity", test.quantity},
          {"statistic", test.statistic},
          {"p", test.p}};
}

Json to_json(const NamedInput& input) { return {{"name", input.name}, {"sha256", input.sha256}}; }

template <class T>
Json array_of(const std::vector<T>& items) {
  Json array = Json::array();
  for (const T& item : items) array.push_back(to_json(item));
  return array;
}

Json kernels_of(const Calibration& calibration) {
  Json kernels = Json::array();
  for (const CalibratedKernel& kernel : calibration.kernels)
    kernels.push_back(
        {{"name", kernel.name}, {"sha256", kernel.sha256}, {"image_sha256", kernel.image_sha256}});
  return kernels;
}

bool is_share(double value) { return value >= 0 && value <= 1; }

void read_share(JsonReader fields, BoundedShare* share) {
  fields.required("seen", &share->seen);
  fields.required("of", &share->of);
  fields.required("low", &share->low);
  fields.required("high", &share->high);
  if (share->of == 0) return fields.refuse("of", "must be above 0");
  if (share->seen > share->of) return fields.refuse("seen", "is more than there were");
  const double seen = static_cast<double>(share->seen) / static_cast<double>(share->of);
  if (!is_share(share->low) || share->low > seen) fields.refuse("low", "is no lower bound of what was seen");
  if (!is_share(share->high) || share->high < seen)
    fields.refuse("high", "is no upper bound of what was seen");
}

void read_rates(JsonReader fields, VerdictRates* rates) {
  fields.required("count", &rates->count);
  fields.required("refers_to", &rates->refers_to);
  std::uint64_t seen = 0;
  for (const auto& [key, share] : {std::pair{"PASS", &rates->pass},
                                   {"INCONCLUSIVE", &rates->inconclusive},
                                   {"FAIL", &rates->fail},
                                   {"INVALID", &rates->invalid}}) {
    read_share(fields.object(key), share);
    if (share->of != rates->count) fields.refuse(key, "is of another number than `count`");
    seen += share->seen;
  }
  if (seen != rates->count) fields.refuse("count", "is not the sum of the verdicts");
}

NamedInput read_input(JsonReader fields) {
  NamedInput input;
  fields.required("name", &input.name);
  fields.required("sha256", &input.sha256);
  return input;
}

FoundRegression read_found(JsonReader fields) {
  FoundRegression found;
  fields.required("plant", &found.plant);
  fields.required("kernel", &found.kernel);
  fields.required("load", &found.load);
  fields.required("added_ns", &found.added_ns);
  read_share(fields.object("found"), &found.found);
  if (find_regression(found.plant) == nullptr) fields.refuse("plant", "is none that this version knows");
  return found;
}

VariantTest read_test(JsonReader fields) {
  VariantTest test;
  fields.required("kernel", &test.kernel);
  fields.required("load", &test.load);
  fields.required("quantity", &test.quantity);
  fields.required("statistic", &test.statistic);
  fields.required("p", &test.p);
  const auto known = [&](const char* each) { return test.quantity == each; };
  if (std::ranges::none_of(variant_quantities, known)) fields.refuse("quantity", "is none that is tested");
  if (!is_share(test.p)) fields.refuse("p", "must be from 0 to 1");
  return test;
}

void read_inputs(JsonReader* fields, Calibration* calibration) {
  JsonReader policy = fields->object("policy");
  policy.required("file", &calibration->policy.file);
  policy.required("sha256", &calibration->policy.sha256);
  policy.required("title", &calibration->policy.title);
  calibration->suite = read_input(fields->object("suite"));
  calibration->board = read_input(fields->object("board"));
  read_time_base(fields, &calibration->time_base);
  for (const JsonReader& load : fields->objects("loads")) calibration->loads.push_back(read_input(load));
  for (JsonReader& entry : fields->objects("kernels")) {
    CalibratedKernel& kernel = calibration->kernels.emplace_back();
    entry.required("name", &kernel.name);
    entry.required("sha256", &kernel.sha256);
    entry.required("image_sha256", &kernel.image_sha256);
  }
  fields->required("qemu", &calibration->made_with.qemu);
  fields->required("instrument_sha256", &calibration->made_with.instrument_sha256);
  fields->required("base_sha256", &calibration->made_with.base_sha256);
  fields->required("programs_sha256", &calibration->made_with.programs_sha256);
}

void read_size(JsonReader* fields, Calibration* calibration) {
  fields->required("variants", &calibration->variants);
  fields->required("replicates", &calibration->replicates);
  calibration->drawn_replicates =
      calibration->replicates;  // of a file from before runs of another size were drawn
  fields->optional("drawn_replicates", &calibration->drawn_replicates);
  fields->required("samples", &calibration->samples);
  fields->required("seed", &calibration->seed);
  fields->required("confidence", &calibration->confidence);
  fields->required("permutations", &calibration->permutations);
  constexpr std::uint64_t most = 1'000'000;
  if (calibration->variants < 2 || calibration->variants > most)
    fields->refuse("variants", "must be at least 2");
  if (calibration->replicates < 1 || calibration->replicates > most)
    fields->refuse("replicates", "must be at least 1");
  if (calibration->drawn_replicates < 1 || calibration->drawn_replicates > calibration->pooled() / 2)
    fields->refuse("drawn_replicates", "must be from 1 to half of all replicates");
  if (!(calibration->confidence > 0.5 && calibration->confidence < 1))
    fields->refuse("confidence", "must be above 0.5 and below 1");
}

}  // namespace

const PlantedRegression* find_regression(std::string_view key) {
  const auto* found = std::ranges::find_if(planted_regressions,
                                           [&](const PlantedRegression& each) { return key == each.key; });
  return found == std::end(planted_regressions) ? nullptr : found;
}

std::string to_json(const Calibration& calibration) {
  const Json json = {{"format", 1},
                     {"policy",
                      {{"file", calibration.policy.file},
                       {"sha256", calibration.policy.sha256},
                       {"title", calibration.policy.title}}},
                     {"suite", to_json(calibration.suite)},
                     {"board", to_json(calibration.board)},
                     {"time_base", name_of(calibration.time_base)},
                     {"loads", array_of(calibration.loads)},
                     {"kernels", kernels_of(calibration)},
                     {"qemu", calibration.made_with.qemu},
                     {"instrument_sha256", calibration.made_with.instrument_sha256},
                     {"base_sha256", calibration.made_with.base_sha256},
                     {"programs_sha256", calibration.made_with.programs_sha256},
                     {"variants", calibration.variants},
                     {"replicates", calibration.replicates},
                     {"drawn_replicates", calibration.drawn_replicates},
                     {"samples", calibration.samples},
                     {"seed", calibration.seed},
                     {"confidence", calibration.confidence},
                     {"draws", to_json(calibration.draws)},
                     {"pairs", to_json(calibration.pairs)},
                     {"found", array_of(calibration.found)},
                     {"not_judged", calibration.not_judged},
                     {"tests", array_of(calibration.tests)},
                     {"permutations", calibration.permutations}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Calibration> parse_calibration(std::string_view text, const std::string& name) {
  JsonReader::Rules rules = JsonReader::file();
  rules.next_step = "the file was altered or damaged: run `loopgate calibrate` again, which computes it anew";
  TRY(fields, JsonReader::parse(text, name, rules));
  Calibration calibration;
  read_inputs(&fields, &calibration);
  read_size(&fields, &calibration);
  read_rates(fields.object("draws"), &calibration.draws);
  read_rates(fields.object("pairs"), &calibration.pairs);
  for (const JsonReader& entry : fields.objects("found")) calibration.found.push_back(read_found(entry));
  fields.required("not_judged", &calibration.not_judged);
  for (const JsonReader& entry : fields.objects("tests")) calibration.tests.push_back(read_test(entry));
  TRY_STATUS(fields.finish());
  return calibration;
}

Result<Calibration> read_calibration(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  const std::filesystem::path file = folder ? path / calibration_file : path;
  if (!std::filesystem::exists(file, ignored))
    return fail(ErrorKind::usage, fmt::format("{}: there is no such calibration", path.string()),
                "name the folder that `loopgate calibrate` was given with --out");
  TRY(text, read_file(file, ErrorKind::data));
  return parse_calibration(text, file.string());
}

}  // namespace loopgate
