#include "run/shard.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <utility>

#include "base/digest.h"

namespace loopgate {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

// Of irq-to-gpio on one core of a 2020s server: restoring and starting the load take about 2 s, a second of
// virtual time 3 to 6 s under mixed, memory and irq-storm, and 0.4 s idle, since time in which the CPU waits
// is skipped. The digits do not matter: what counts is that an idle cell is a third of a loaded one.
constexpr std::int64_t start_ns = 2 * second_ns;
constexpr std::int64_t loaded_tenths = 40;
constexpr std::int64_t idle_tenths = 4;

// A program that measures by itself does not say how long it takes: its timeout is far from it.
constexpr std::int64_t program_ns = second_ns;

constexpr std::size_t one_checked_in = 32;

std::int64_t virtual_ns(const Plan& plan, const Cell& cell) {
  if (const ProgramsWork* work = programs_of(plan.suite.work))
    return program_ns * static_cast<std::int64_t>(work->programs.size());
  const PulseSettings pulses = pulses_of(plan, cell);
  const std::int64_t stimuli = std::int64_t{pulses.counted} + pulses.warm_up + pulses.self_checks;
  return stimuli * (pulses.interval_min_ns + pulses.interval_max_ns) / 2;
}

// Those that two shards measure: the seed and the plan choose them, not where they stand.
std::vector<std::size_t> checked_cells(const Plan& plan, std::size_t shards) {
  if (shards < 2) return {};
  std::string names;
  for (const Cell& cell : plan.cells) names += cell.name + "\n";
  const std::string plan_sha256 = sha256_of(plan.suite.sha256 + names);
  std::vector<std::pair<std::string, std::size_t>> drawn;
  drawn.reserve(plan.cells.size());
  for (std::size_t i = 0; i < plan.cells.size(); ++i)
    drawn.emplace_back(sha256_of(fmt::format("{} {} {}", plan.seed, plan_sha256, plan.cells[i].name)), i);
  std::ranges::sort(drawn);
  drawn.resize(std::max(plan.cells.size() / one_checked_in, (shards + 1) / 2));
  std::vector<std::size_t> checked;
  checked.reserve(drawn.size());
  for (const auto& [digest, cell] : drawn) checked.push_back(cell);
  return checked;
}

// The cells of a shard while they are given out, by their places in the plan.
struct Share {
  std::int64_t cost_ns = 0;
  std::vector<std::size_t> cells;
  std::vector<std::size_t> checked;
};

std::vector<std::string> names_of(const Plan& plan, std::vector<std::size_t> cells) {
  std::ranges::sort(cells);
  std::vector<std::string> names;
  names.reserve(cells.size());
  for (const std::size_t cell : cells) names.push_back(plan.cells[cell].name);
  return names;
}

// The dearest first, each to the share that has least: none then has more than its part and one cell.
std::vector<Share> give_out(const Plan& plan, std::size_t count) {
  std::vector<std::int64_t> costs;
  costs.reserve(plan.cells.size());
  for (const Cell& cell : plan.cells) costs.push_back(expected_cost_ns(plan, cell));
  std::vector<Share> shares(count);
  const auto give = [&](std::size_t cell, Share* share) {
    share->cells.push_back(cell);
    share->cost_ns += costs[cell];
  };
  const std::vector<std::size_t> checked = checked_cells(plan, count);
  for (std::size_t i = 0; i < 2 * checked.size(); ++i) {  // neighbours share a cell
    give(checked[i / 2], &shares[i % count]);
    shares[i % count].checked.push_back(checked[i / 2]);
  }
  std::vector<std::size_t> left(plan.cells.size());
  std::iota(left.begin(), left.end(), std::size_t{0});
  std::erase_if(left, [&](std::size_t cell) { return std::ranges::find(checked, cell) != checked.end(); });
  std::ranges::stable_sort(left, [&](std::size_t a, std::size_t b) { return costs[a] > costs[b]; });
  for (const std::size_t cell : left) give(cell, &*std::ranges::min_element(shares, {}, &Share::cost_ns));
  return shares;
}

std::optional<int> number_in(std::string_view text) {
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::int64_t expected_cost_ns(const Plan& plan, const Cell& cell) {
  const Load& load = plan.loads[cell.load];
  const bool idle = load.parts.empty() && load.storm.per_second <= 0;
  return start_ns + virtual_ns(plan, cell) / 10 * (idle ? idle_tenths : loaded_tenths);
}

Result<std::vector<Shard>> shards_of(const Plan& plan, int count) {
  if (!plan.board.is_virtual())
    return fail(
        ErrorKind::usage,
        fmt::format("board {} is one machine, in wall-clock time: its run has no shards", plan.board.name),
        "leave --shard out; each board has a run of its own, and `loopgate report` shows several");
  if (static_cast<std::size_t>(count) > plan.cells.size())
    return fail(ErrorKind::usage,
                fmt::format("{} shards are asked for, and the plan has {} cell{}", count, plan.cells.size(),
                            plan.cells.size() == 1 ? "" : "s"),
                "ask for one shard a cell at the most");
  std::vector<Shard> shards;
  for (Share& share : give_out(plan, static_cast<std::size_t>(count)))
    shards.push_back({static_cast<std::int64_t>(shards.size()) + 1, count,
                      names_of(plan, std::move(share.cells)), names_of(plan, std::move(share.checked))});
  return shards;
}

Result<Shard> shard_of(const Plan& plan, const std::string& text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto index = number_in(std::string_view(text).substr(0, slash));
  const auto count = number_in(std::string_view(text).substr(std::min(slash + 1, text.size())));
  if (!index || !count)
    return fail(ErrorKind::usage, fmt::format("--shard {}: is no shard", text),
                "give two numbers, such as 2/8 for the second of eight");
  if (*index < 1 || *index > *count)
    return fail(ErrorKind::usage, fmt::format("--shard {}: there is no shard {} of {}", text, *index, *count),
                "the first of eight is 1/8, and the last is 8/8");
  TRY(shards, shards_of(plan, *count));
  return shards[static_cast<std::size_t>(*index) - 1];
}

Plan own_part(Plan plan) {
  if (plan.shard)
    std::erase_if(plan.cells, [&](const Cell& cell) {
      return std::ranges::find(plan.shard->cells, cell.name) == plan.shard->cells.end();
    });
  return plan;
}

}  // namespace loopgate
