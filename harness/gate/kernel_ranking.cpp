#include "gate/kernel_ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/units.h"
#include "gate/rank_sum.h"
#include "gate/replicate_checks.h"

namespace loopgate {
namespace {

constexpr const char* ranked_by[] = {"p99_9", "max"};

Status refuse_order(std::string what, std::string next_step) {
  return fail(ErrorKind::usage, std::move(what), std::move(next_step));
}

Status check_fits(const Comparison& board, const Comparison& bench, const std::string& name) {
  if (board.time_base != TimeBase::wall_clock)
    return refuse_order(
        fmt::format("{}: is held against a run in virtual time, which has no order of a board", name),
        "give --compare-order with a run on a board");
  if (bench.time_base != TimeBase::virtual_time)
    return refuse_order(
        fmt::format("{}: is of wall-clock time, and --compare-order takes a run in virtual time", name),
        "to hold a run on a board against an earlier one, use --baseline");
  if (board.suite.name != bench.suite.name || board.suite.sha256 != bench.suite.sha256)
    return refuse_order(
        fmt::format("{}: is of suite {} ({}), and this run of {} ({})", name, bench.suite.name,
                    bench.suite.sha256.substr(0, 12), board.suite.name, board.suite.sha256.substr(0, 12)),
        "run the same suite on both");
  return {};
}

std::string sha256_of_load(const Comparison& comparison, const std::string& name) {
  for (const NamedInput& load : comparison.loads)
    if (load.name == name) return load.sha256;
  return {};
}

// Why a group can't be ranked; empty when it can.
std::string why_not(const GroupEvidence* group, const char* where) {
  if (group == nullptr) return fmt::format("is not measured {}", where);
  if (!group->invalid.empty())
    return fmt::format("is not measured whole {}: {}: {}", where, group->invalid.front().cell,
                       group->invalid.front().reason);
  if (group->summary.counts.unanswered > 0)
    return fmt::format("left {} without an answer {}", stimuli_text(group->summary.counts.unanswered), where);
  if (!group->summary.latency_with_not_sent) return fmt::format("has no figures {}", where);
  return {};
}

struct KernelPair {
  const GroupEvidence* board;
  const GroupEvidence* bench;
};

// The kernels of one load that both have measured.
std::vector<KernelPair> pairs_of(const Comparison& board, const Comparison& bench, const std::string& load,
                                 std::vector<LeftOut>* left_out) {
  std::vector<KernelPair> pairs;
  const bool same_load = sha256_of_load(board, load) == sha256_of_load(bench, load);
  for (const GroupEvidence& group : board.groups) {
    if (group.load != load) continue;
    const GroupEvidence* other = find_group(bench, group.kernel, load);
    std::string why = why_not(other, "in the virtual run");
    if (why.empty()) why = why_not(&group, "on the board");
    if (why.empty() && !same_load) why = "the load is defined differently in the two runs";
    if (why.empty()) {
      pairs.push_back({&group, other});
    } else {
      left_out->push_back({group.kernel, load, std::move(why)});
    }
  }
  return pairs;
}

bool slower_beyond_chance(const GroupEvidence& slower, const GroupEvidence& faster, const Quantity& quantity,
                          double confidence) {
  const auto ours = figures_of_replicates(slower, quantity);
  const auto others = figures_of_replicates(faster, quantity);
  const auto zero = [](double value) { return value <= 0; };
  if (!ours || !others || std::ranges::any_of(*ours, zero) || std::ranges::any_of(*others, zero))
    return false;
  const auto interval = ratio_interval(*ours, *others, confidence);
  return interval && interval->low > 1;
}

void sort_by_time(std::vector<RankedKernel>* ranks) {
  std::stable_sort(ranks->begin(), ranks->end(),
                   [](const RankedKernel& a, const RankedKernel& b) { return a.ns < b.ns; });
}

// The pairs that both have the figure of. A quantile of too few stimuli is none.
std::vector<KernelPair> pairs_with(const Quantity& quantity, const std::vector<KernelPair>& pairs,
                                   std::vector<LeftOut>* left_out) {
  std::vector<KernelPair> with;
  for (const KernelPair& pair : pairs) {
    const char* where = nullptr;
    if (!quantity.figure(quantity, *pair.bench->summary.latency_with_not_sent)) where = "in the virtual run";
    if (!figure_of_middle_replicate(*pair.board, quantity)) where = "on the board, in each boot";
    if (where == nullptr) {
      with.push_back(pair);
    } else {
      left_out->push_back({pair.board->kernel, pair.board->load,
                           fmt::format("has too few stimuli for {} {}", quantity.label, where)});
    }
  }
  return with;
}

// Of pairs that have the figure.
LoadRanking order_of(const std::vector<KernelPair>& pairs, const std::string& load, const Quantity& quantity,
                     double confidence) {
  LoadRanking order{load, quantity.key, {}, {}, {}};
  for (const KernelPair& pair : pairs) {
    order.in_virtual_time.push_back(
        {pair.bench->kernel,
         quantity.figure(quantity, *pair.bench->summary.latency_with_not_sent).value_or(0)});
    order.on_board.push_back(
        {pair.board->kernel, figure_of_middle_replicate(*pair.board, quantity).value_or(0)});
  }
  for (std::size_t a = 0; a < pairs.size(); ++a)
    for (std::size_t b = 0; b < pairs.size(); ++b)
      if (order.in_virtual_time[a].ns < order.in_virtual_time[b].ns &&
          order.on_board[a].ns > order.on_board[b].ns)
        order.swapped.push_back(
            {pairs[a].board->kernel, pairs[b].board->kernel,
             slower_beyond_chance(*pairs[a].board, *pairs[b].board, quantity, confidence)});
  sort_by_time(&order.in_virtual_time);
  sort_by_time(&order.on_board);
  return order;
}

std::string names_of(const std::vector<RankedKernel>& ranks) {
  std::string text;
  for (const RankedKernel& each : ranks) text += (text.empty() ? "" : " < ") + each.kernel;
  return text;
}

}  // namespace

Result<KernelRanking> rank_kernels(const Comparison& board, const Comparison& bench,
                                   const std::string& bench_name, double confidence) {
  if (auto fits = check_fits(board, bench, bench_name); !fits) return tl::unexpected(fits.error());
  KernelRanking order{bench_name, bench.board.name, {}, {}};
  for (const NamedInput& load : board.loads) {
    const std::vector<KernelPair> pairs = pairs_of(board, bench, load.name, &order.left_out);
    if (pairs.size() < 2) continue;
    for (const char* key : ranked_by) {
      const Quantity& quantity = *find_quantity(key);
      const std::vector<KernelPair> with = pairs_with(quantity, pairs, &order.left_out);
      if (with.size() > 1) order.orders.push_back(order_of(with, load.name, quantity, confidence));
    }
  }
  return order;
}

std::string agreement_text(const LoadRanking& order) {
  if (order.swapped.empty()) return "agrees";
  std::string text = "DISAGREES:";
  for (const SwappedPair& pair : order.swapped)
    text += fmt::format("{} {} is faster than {} in virtual time, and slower on the board{}",
                        &pair == order.swapped.data() ? "" : ";", pair.faster_virtual, pair.faster_on_board,
                        pair.beyond_chance ? "" : " (which so few boots may show by chance)");
  return text;
}

std::string ranking_text(const KernelRanking& order) {
  std::string text = order.orders.empty() ? fmt::format("order: {}\n", nothing_to_rank) : "";
  for (const LoadRanking& each : order.orders)
    text +=
        fmt::format("order by {} under load {}: virtual {}, board {}: {}\n", label_of(each.quantity),
                    each.load, names_of(each.in_virtual_time), names_of(each.on_board), agreement_text(each));
  for (const LeftOut& each : order.left_out)
    text += fmt::format("order: left out: {} x {} {}\n", each.kernel, each.load, each.why);
  return text;
}

}  // namespace loopgate
