// Everything that a policy can limit and a table can show, one row each: adding a quantity is adding a row
// (and, where it is no quantile, the function that reads it).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stats/tail.h"

namespace loopgate {

struct GroupEvidence;
struct LatencyFigures;
struct Quantity;

enum class QuantityKind {
  quantile,   // of the latencies
  extreme,    // the largest or the smallest of them
  moment,     // their mean or standard deviation
  tail_mean,  // the mean of those above a quantile
  spread,     // max - min
  count,      // of stimuli
};

// Where a quantity may stand.
inline constexpr unsigned in_budgets = 1;          // a latency as KEY_us, a count as KEY
inline constexpr unsigned in_ratios = 2;           // of [[compare]] and [[baseline]]
inline constexpr unsigned in_tables = 4;           // a column
inline constexpr unsigned in_decision_tables = 8;  // a column where the responses carry a decision
inline constexpr unsigned in_all = in_budgets | in_ratios | in_tables;

// Nothing where the stimuli are too few for it (stats/resolution.h).
using ReadFigure = std::optional<double> (*)(const Quantity&, const LatencyFigures&);
using ReadCount = std::optional<CountRange> (*)(const GroupEvidence&);

std::optional<double> read_quantile(const Quantity& quantity, const LatencyFigures& figures);
std::optional<double> read_min(const Quantity& quantity, const LatencyFigures& figures);
std::optional<double> read_max(const Quantity& quantity, const LatencyFigures& figures);
std::optional<double> read_mean(const Quantity& quantity, const LatencyFigures& figures);
std::optional<double> read_mean_above_p99_5(const Quantity& quantity, const LatencyFigures& figures);
std::optional<double> read_stddev(const Quantity& quantity, const LatencyFigures& figures);
std::optional<double> read_jitter(const Quantity& quantity, const LatencyFigures& figures);
// Nothing where the instrument makes no such count, or the suite's responses carry no decision.
std::optional<CountRange> read_late(const GroupEvidence& group);
std::optional<CountRange> read_unanswered(const GroupEvidence& group);
std::optional<CountRange> read_not_sent(const GroupEvidence& group);
std::optional<CountRange> read_wrong(const GroupEvidence& group);
std::optional<CountRange> read_wrong_frame(const GroupEvidence& group);

struct Quantity {
  const char* key = "";    // as every file spells it
  const char* label = "";  // as people read it
  QuantityKind kind = QuantityKind::count;
  unsigned uses = 0;
  std::uint32_t per_million =
      0;                        // of a quantile, or of that which a tail begins at: 0.999 has no exact double
  ReadFigure figure = nullptr;  // null for a count
  ReadCount count = nullptr;    // null for a latency
  const char* fate = "";        // of a count: "3 of 10,000 stimuli FATE"

  bool used(unsigned use) const { return (uses & use) != 0; }
  const char* unit() const { return kind == QuantityKind::count ? "stimuli" : "ns"; }
  // It is of a quantile, which too few stimuli don't resolve.
  bool has_rank() const { return kind == QuantityKind::quantile || kind == QuantityKind::tail_mean; }
  // 0.01 of p99: the share of the stimuli that may take longer.
  double share_above() const { return static_cast<double>(1'000'000 - per_million) / 1e6; }
};

inline constexpr std::array<Quantity, 16> quantities = {{
    {"min", "min", QuantityKind::extreme, 0, 0, read_min},
    {"p50", "p50", QuantityKind::quantile, in_all, 500'000, read_quantile},
    {"p90", "p90", QuantityKind::quantile, in_budgets | in_ratios, 900'000, read_quantile},
    {"p99", "p99", QuantityKind::quantile, in_all, 990'000, read_quantile},
    {"p99_9", "p99.9", QuantityKind::quantile, in_all, 999'000, read_quantile},
    {"p99_99", "p99.99", QuantityKind::quantile, in_budgets | in_ratios, 999'900, read_quantile},
    {"max", "max", QuantityKind::extreme, in_all, 0, read_max},
    {"jitter", "jitter", QuantityKind::spread, in_all, 0, read_jitter},
    {"mean", "mean", QuantityKind::moment, in_ratios, 0, read_mean},
    {"mean_above_p99_5", "mean above p99.5", QuantityKind::tail_mean, in_ratios, 995'000,
     read_mean_above_p99_5},
    {"stddev", "stddev", QuantityKind::moment, 0, 0, read_stddev},
    {"late", "late", QuantityKind::count, in_budgets | in_tables, 0, nullptr, read_late, "late"},
    {"not_sent", "not sent", QuantityKind::count, in_budgets | in_tables, 0, nullptr, read_not_sent,
     "not sent"},
    {"unanswered", "unanswered", QuantityKind::count, in_budgets | in_tables, 0, nullptr, read_unanswered,
     "unanswered"},
    {"wrong", "wrong", QuantityKind::count, in_budgets | in_decision_tables, 0, nullptr, read_wrong,
     "decided wrongly"},
    {"wrong_frame", "wrong frame", QuantityKind::count, in_budgets | in_decision_tables, 0, nullptr,
     read_wrong_frame, "decided for another frame"},
}};

// The rows that are quantiles, in the order in which LatencyFigures keeps them.
inline constexpr auto quantiles = [] {
  constexpr auto is_quantile = [](const Quantity& each) { return each.kind == QuantityKind::quantile; };
  std::array<Quantity, static_cast<std::size_t>(std::ranges::count_if(quantities, is_quantile))> rows;
  std::ranges::copy_if(quantities, rows.begin(), is_quantile);
  return rows;
}();

// Null for another key.
const Quantity* find_quantity(std::string_view key);
// The label, or the key itself where no row has it ("above 50 us").
std::string label_of(std::string_view key);

}  // namespace loopgate
