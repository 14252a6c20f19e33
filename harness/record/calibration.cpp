#include "record/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_forms.h"
#include "record/named_input_fields.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

bool is_share(double value) { return value >= 0 && value <= 1; }

double seen_of(const BoundedShare& share) {
  return static_cast<double>(share.seen) / static_cast<double>(share.of);
}

std::string of_complaint(const BoundedShare& share) { return share.of == 0 ? "must be above 0" : ""; }

std::string seen_complaint(const BoundedShare& share) {
  return share.seen > share.of ? "is more than there were" : "";
}

std::string low_complaint(const BoundedShare& share) {
  return is_share(share.low) && share.low <= seen_of(share) ? "" : "is no lower bound of what was seen";
}

std::string high_complaint(const BoundedShare& share) {
  return is_share(share.high) && share.high >= seen_of(share) ? "" : "is no upper bound of what was seen";
}

std::string count_complaint(const VerdictRates& rates) {
  std::uint64_t seen = 0;
  for (const BoundedShare* share : {&rates.pass, &rates.inconclusive, &rates.fail, &rates.invalid}) {
    if (share->of != rates.count) return "is not the number that each verdict is of";
    seen += share->seen;
  }
  return seen == rates.count ? "" : "is not the sum of the verdicts";
}

std::string plant_complaint(const FoundRegression& found) {
  return find_regression(found.plant) == nullptr ? "is none that this version knows" : "";
}

std::string quantity_complaint(const VariantTest& test) {
  const auto known = [&](const char* each) { return test.quantity == each; };
  return std::ranges::none_of(variant_quantities, known) ? "is none that is tested" : "";
}

std::string p_complaint(const VariantTest& test) { return is_share(test.p) ? "" : "must be from 0 to 1"; }

std::string confidence_complaint(const Calibration& calibration) {
  const bool good = calibration.confidence > 0.5 && calibration.confidence < 1;
  return good ? "" : "must be above 0.5 and below 1";
}

constexpr std::uint64_t size_max = 1'000'000;

// In a file from before runs of another size were drawn, a drawn run is as large as a measured one.
struct DrawnReplicates {
  template <class Json>
  void write(const Calibration& calibration, Json* object) const {
    (*object)["drawn_replicates"] = calibration.drawn_replicates;
  }
  void read(JsonReader* reader, Calibration* calibration) const {
    calibration->drawn_replicates = calibration->replicates;
    reader->optional("drawn_replicates", &calibration->drawn_replicates);
    if (calibration->drawn_replicates < 1 || calibration->drawn_replicates > calibration->pooled() / 2)
      reader->refuse("drawn_replicates", "must be from 1 to half of all replicates");
  }
};

}  // namespace

static constexpr auto fields_of(const BoundedShare*) {
  return std::tuple(field("seen", &BoundedShare::seen), field("of", &BoundedShare::of),
                    constraint("of", of_complaint), constraint("seen", seen_complaint),
                    field("low", &BoundedShare::low), constraint("low", low_complaint),
                    field("high", &BoundedShare::high), constraint("high", high_complaint));
}

static constexpr auto fields_of(const VerdictRates*) {
  return std::tuple(field("count", &VerdictRates::count), field("refers_to", &VerdictRates::refers_to),
                    field("PASS", &VerdictRates::pass), field("INCONCLUSIVE", &VerdictRates::inconclusive),
                    field("FAIL", &VerdictRates::fail), field("INVALID", &VerdictRates::invalid),
                    constraint("count", count_complaint));
}

static constexpr auto fields_of(const FoundRegression*) {
  return std::tuple(field("plant", &FoundRegression::plant), constraint("plant", plant_complaint),
                    field("kernel", &FoundRegression::kernel), field("load", &FoundRegression::load),
                    field("added_ns", &FoundRegression::added_ns), field("found", &FoundRegression::found));
}

static constexpr auto fields_of(const FalseAlarms*) {
  return std::tuple(field("kernel", &FalseAlarms::kernel), field("load", &FalseAlarms::load),
                    field("seen", &FalseAlarms::seen));
}

static constexpr auto fields_of(const VariantTest*) {
  return std::tuple(field("kernel", &VariantTest::kernel), field("load", &VariantTest::load),
                    field("quantity", &VariantTest::quantity), constraint("quantity", quantity_complaint),
                    field("statistic", &VariantTest::statistic), field("p", &VariantTest::p),
                    constraint("p", p_complaint));
}

static constexpr auto fields_of(const CalibratedKernel*) {
  return std::tuple(field("name", &CalibratedKernel::name), field("sha256", &CalibratedKernel::sha256),
                    field("image_sha256", &CalibratedKernel::image_sha256));
}

static constexpr auto fields_of(const CalibratedPolicy*) {
  return std::tuple(field("file", &CalibratedPolicy::file), field("sha256", &CalibratedPolicy::sha256),
                    field("title", &CalibratedPolicy::title));
}

static constexpr auto fields_of(const Provenance*) {
  return std::tuple(
      field("qemu", &Provenance::qemu), field("instrument_sha256", &Provenance::instrument_sha256),
      field("base_sha256", &Provenance::base_sha256), field("programs_sha256", &Provenance::programs_sha256));
}

static constexpr auto fields_of(const Calibration*) {
  return std::tuple(field("policy", &Calibration::policy), field("suite", &Calibration::suite),
                    field("board", &Calibration::board),
                    field("time_base", &Calibration::time_base, time_base_form),
                    field("loads", &Calibration::loads), field("kernels", &Calibration::kernels),
                    inlined(&Calibration::made_with),
                    field("variants", &Calibration::variants, Within<std::uint64_t>{2, size_max}),
                    field("replicates", &Calibration::replicates, Within<std::uint64_t>{1, size_max}),
                    DrawnReplicates(), field("samples", &Calibration::samples),
                    field("seed", &Calibration::seed), field("confidence", &Calibration::confidence),
                    constraint("confidence", confidence_complaint), field("draws", &Calibration::draws),
                    field("pairs", &Calibration::pairs), lenient("false_alarms", &Calibration::false_alarms),
                    field("found", &Calibration::found), field("not_judged", &Calibration::not_judged),
                    field("tests", &Calibration::tests), field("permutations", &Calibration::permutations));
}

const PlantedRegression* find_regression(std::string_view key) {
  const auto* found = std::ranges::find_if(planted_regressions,
                                           [&](const PlantedRegression& each) { return key == each.key; });
  return found == std::end(planted_regressions) ? nullptr : found;
}

std::string to_json(const Calibration& calibration) {
  Json document = {{"format", 1}};
  document.update(write_object<Json>(calibration));
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Calibration> parse_calibration(std::string_view text, const std::string& name) {
  JsonReader::Rules rules = JsonReader::file();
  rules.next_step = "the file was altered or damaged: run `loopgate calibrate` again, which computes it anew";
  TRY(fields, JsonReader::parse(text, name, rules));
  Calibration calibration;
  TRY_STATUS(read_object(std::move(fields), &calibration));
  return calibration;
}

Result<Calibration> read_calibration(const std::filesystem::path& path) {
  std::error_code ignored;
  const bool folder = std::filesystem::is_directory(path, ignored);
  const std::filesystem::path file = folder ? path / calibration_file : path;
  if (!std::filesystem::exists(file, ignored))
    return fail(ErrorKind::usage,
                fmt::format("{}: {}", path.string(),
                            folder ? "holds no calibration.json" : "there is no such calibration"),
                "name the folder that `loopgate calibrate` was given with --out");
  TRY(text, read_file(file, ErrorKind::data));
  return parse_calibration(text, file.string());
}

}  // namespace loopgate
