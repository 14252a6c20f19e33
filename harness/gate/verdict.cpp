#include "gate/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/exit_status.h"
#include "base/json.h"
#include "base/units.h"
#include "gate/number_text.h"
#include "record/seal.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

// Times and counts are whole; below 2^53 a double holds them exactly.
Json to_json(const std::optional<double>& value, const std::string& unit) {
  if (!value) return nullptr;
  if (unit == "ns" || unit == "stimuli") return static_cast<std::int64_t>(std::llround(*value));
  return *value;
}

Json to_json(const PeaksFit& peaks) {
  return {{"threshold_ns", peaks.threshold_ns},
          {"exceedances", peaks.exceedances},
          {"peaks", peaks.peaks},
          {"shape", peaks.shape},
          {"shape_at_most", peaks.shape_upper},
          {"scale_ns", peaks.scale_ns},
          {"p", peaks.p}};
}

Json to_json(const BlocksFit& blocks) {
  return {{"block", blocks.block},       {"blocks", blocks.blocks}, {"location_ns", blocks.location_ns},
          {"scale_ns", blocks.scale_ns}, {"shape", blocks.shape},   {"p", blocks.p}};
}

Json to_json(const ContinuedTail& tail) {
  const TailRate& rate = tail.rate;
  const auto per_hour = [&] {
    return Json{{"estimate", rate.stimuli.estimate / tail.hours},
                {"low", rate.stimuli.lower / tail.hours},
                {"high", rate.stimuli.upper / tail.hours}};
  };
  return {{"over_ns", tail.over_ns},
          {"hours", tail.hours},
          {"refused", rate.refused.empty() ? Json(nullptr) : Json(rate.refused)},
          {"per_hour", rate.refused.empty() ? per_hour() : Json(nullptr)},
          {"peaks_over_threshold", rate.peaks ? to_json(*rate.peaks) : Json(nullptr)},
          {"block_maxima", rate.blocks ? to_json(*rate.blocks) : Json(nullptr)}};
}

Json to_json(const Check& check) {
  return {{"kernel", check.kernel},
          {"load", check.load},
          {"program", check.program.empty() ? Json(nullptr) : Json(check.program)},
          {"rule", check.rule},
          {"quantity", check.quantity},
          {"unit", check.unit},
          {"against", check.against.empty() ? Json(nullptr) : Json(check.against)},
          {"demand", demand_text(check)},
          {"limit", to_json(check.limit, check.unit)},
          {"seen", to_json(check.seen, check.unit)},
          {"verdict", name_of(check.verdict)},
          {"why", check.why},
          {"samples_needed", check.samples_needed ? Json(*check.samples_needed) : Json(nullptr)},
          {"replicates_needed", check.replicates_needed ? Json(*check.replicates_needed) : Json(nullptr)},
          {"at_most", to_json(check.at_most, check.unit)},
          {"counted", check.counted.empty() ? Json(nullptr) : Json(check.counted)},
          {"interval", check.interval ? Json{check.interval->low, check.interval->high} : Json(nullptr)},
          {"tail", check.tail ? to_json(*check.tail) : Json(nullptr)}};
}

Json to_json(const std::vector<RankedKernel>& ranks) {
  Json kernels = Json::array();
  for (const RankedKernel& each : ranks)
    kernels.push_back({{"kernel", each.kernel}, {"ns", std::llround(each.ns)}});
  return kernels;
}

Json to_json(const KernelRanking& order) {
  Json orders = Json::array();
  for (const LoadRanking& each : order.orders) {
    Json swapped = Json::array();
    for (const SwappedPair& pair : each.swapped)
      swapped.push_back({{"faster_virtual", pair.faster_virtual},
                         {"faster_on_board", pair.faster_on_board},
                         {"beyond_chance", pair.beyond_chance}});
    orders.push_back({{"load", each.load},
                      {"quantity", each.quantity},
                      {"virtual", to_json(each.in_virtual_time)},
                      {"board", to_json(each.on_board)},
                      {"agrees", each.swapped.empty()},
                      {"swapped", std::move(swapped)}});
  }
  Json left_out = Json::array();
  for (const LeftOut& each : order.left_out)
    left_out.push_back({{"kernel", each.kernel}, {"load", each.load}, {"why", each.why}});
  return {{"virtual_run", order.virtual_run},
          {"virtual_board", order.virtual_board},
          {"orders", std::move(orders)},
          {"left_out", std::move(left_out)}};
}

Json to_json(const std::optional<Calibration>& calibration) {
  if (!calibration) return nullptr;
  const BoundedShare& alarms = calibration->draws.fail;
  Json by_kernel = Json::array();
  for (const FalseAlarms& each : calibration->false_alarms)
    by_kernel.push_back({{"kernel", each.kernel},
                         {"load", each.load},
                         {"seen", each.seen.seen},
                         {"of", each.seen.of},
                         {"at_most", each.seen.high}});
  Json found = Json::array();
  for (const FoundRegression& each : calibration->found) {
    const PlantedRegression* plant = find_regression(each.plant);
    found.push_back({{"plant", each.plant},
                     {"label", plant == nullptr ? each.plant : plant->label},
                     {"kernel", each.kernel},
                     {"load", each.load},
                     {"seen", each.found.seen},
                     {"of", each.found.of},
                     {"at_least", each.found.low}});
  }
  return {{"false_alarms", {{"seen", alarms.seen}, {"of", alarms.of}, {"at_most", alarms.high}}},
          {"false_alarms_by_kernel", std::move(by_kernel)},
          {"refers_to", calibration->draws.refers_to},
          {"confidence", calibration->confidence},
          {"found", std::move(found)}};
}

// In the steps of what prints it, and upwards: a bound must hold as it is printed.
std::string bound_in_us(double ns) {
  const double step = ns >= 1e6 ? 1'000 : ns >= 1e4 ? 100 : ns >= 1e3 ? 10 : 1;
  return us_text(static_cast<std::int64_t>(std::ceil(ns / step) * step));
}

std::string bound_in_percent(double share) {
  if (share <= 0) return percent_text(0);
  const double step = std::pow(10, std::floor(std::log10(share)) - 2);
  return percent_text(std::ceil(share / step - 1e-9) * step);
}

}  // namespace

const char* name_of(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::not_gated:
      return "NOT GATED";
    case VerdictKind::pass:
      return "PASS";
    case VerdictKind::inconclusive:
      return "INCONCLUSIVE";
    case VerdictKind::fail:
      return "FAIL";
    case VerdictKind::invalid:
      return "INVALID";
  }
  return "INVALID";
}

VerdictKind whole_of(const std::vector<PartVerdict>& parts) {
  if (std::ranges::any_of(parts, &PartVerdict::kernel_failed)) return VerdictKind::fail;
  VerdictKind worst = VerdictKind::not_gated;
  for (const PartVerdict& part : parts) worst = std::max(worst, part.verdict);
  return worst;
}

PartVerdict part_of(const Verdict& verdict) {
  return {verdict.verdict, std::ranges::any_of(verdict.groups, &GroupVerdict::kernel_failed)};
}

int exit_status(const Verdict& verdict) {
  switch (verdict.verdict) {
    case VerdictKind::pass:
      return exit_pass;
    case VerdictKind::fail:
      return exit_fail;
    case VerdictKind::invalid:
      return exit_invalid;
    case VerdictKind::inconclusive:
    case VerdictKind::not_gated:
      return exit_inconclusive;
  }
  return exit_invalid;
}

std::string to_json(const Verdict& verdict) {
  Json groups = Json::array();
  for (const GroupVerdict& group : verdict.groups)
    groups.push_back({{"kernel", group.kernel}, {"load", group.load}, {"verdict", name_of(group.verdict)}});
  Json checks = Json::array();
  for (const Check& check : verdict.checks) checks.push_back(to_json(check));
  const Json json = {
      {"format", 1},
      {"verdict", name_of(verdict.verdict)},
      {"suite", verdict.suite},
      {"board", verdict.board},
      {"policy",
       {{"file", verdict.policy_file}, {"sha256", verdict.policy_sha256}, {"title", verdict.policy_title}}},
      {"baseline", verdict.baseline ? Json(*verdict.baseline) : Json(nullptr)},
      {"time_base", name_of(verdict.time_base)},
      {"evidence_sha256", verdict.evidence_sha256},
      {"worst_case_sha256",
       verdict.worst_case_sha256.empty() ? Json(nullptr) : Json(verdict.worst_case_sha256)},
      {"self_measured_by", verdict.self_measured_by.empty() ? Json(nullptr) : Json(verdict.self_measured_by)},
      {"confidence", verdict.confidence},
      {"questions", verdict.questions},
      {"guard_band", verdict.guard_band.empty() ? Json(nullptr) : Json(verdict.guard_band)},
      {"groups", std::move(groups)},
      {"checks", std::move(checks)},
      {"order", verdict.order ? to_json(*verdict.order) : Json(nullptr)},
      {"remarks", verdict.remarks},
      {"next_step", verdict.next_step.empty() ? Json(nullptr) : Json(verdict.next_step)},
      {"error_rates", verdict.error_rates.empty() ? Json(nullptr) : Json(verdict.error_rates)},
      {"calibration", to_json(verdict.calibration)}};
  return with_seal(json.dump(2, ' ', false, Json::error_handler_t::replace));
}

std::string demand_text(const Check& check) {
  if (!check.demand.empty()) return check.demand;
  if (!check.limit) return "must be measured";
  const std::string quantity = label_of(check.quantity);
  if (check.unit == "ns")
    return fmt::format("{} at most {}", quantity, limit_text(static_cast<std::int64_t>(*check.limit)));
  if (check.unit == "stimuli") return fmt::format("{} at most {:.0f}", quantity, *check.limit);
  if (check.unit == "share") return fmt::format("share {} at most {}", quantity, percent_text(*check.limit));
  if (check.unit == "per_hour")
    return fmt::format("{} at most {} an hour", quantity, number_text(*check.limit, 4));
  return fmt::format("{} at most {} of {}", quantity, number_text(*check.limit, 4),
                     check.against.empty() ? "the baseline's" : check.against + "'s");
}

std::string passed_text(const Check& check, double confidence) {
  const bool of_time = check.unit == "ns";
  if ((!of_time && check.unit != "share") || !check.seen || !check.at_most || !check.limit)
    return fmt::format("{}: {}", demand_text(check), check.why);
  const auto in_words = [&](double value) {
    return of_time ? us_text(static_cast<std::int64_t>(value)) : percent_text(value);
  };
  return fmt::format(
      "{}{} {}, at {} at most {}, limit {}{}{}", check.program.empty() ? "" : check.program + ": ",
      label_of(check.quantity), in_words(*check.seen), percent_text(confidence),
      of_time ? bound_in_us(*check.at_most) : bound_in_percent(*check.at_most),
      of_time ? limit_text(static_cast<std::int64_t>(*check.limit)) : percent_text(*check.limit),
      check.counted.empty() ? "" : ", ", check.counted);
}

std::string printable(std::string_view text) {
  const std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string valid = parse_json(quoted).get<std::string>();
  for (char& c : valid)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  // U+FFFE and U+FFFF are valid UTF-8 and yet no XML characters.
  for (const char* bad : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"})
    for (std::size_t at = valid.find(bad); at != std::string::npos; at = valid.find(bad, at))
      valid.replace(at, 3, 1, '?');
  return valid;
}

}  // namespace loopgate
