#include "cost/cost_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cost/cost_text.h"

namespace loopgate {
namespace {

constexpr const char* adds_too_little = "it adds too little";

ChangeSet as_changes(const std::vector<std::int64_t>& numbers) { return {numbers.begin(), numbers.end()}; }

}  // namespace

Status CostRows::make(CostRecord* result) {
  TRY(parts, divide(order_of(steps_.ends()), steps_.from(), steps_.last(), {}));
  for (const CostPart& part : parts) {
    TRY(row, row_of(part));
    result->rows.push_back(std::move(row));
  }
  if (steps_.ends().rebuilt) {
    TRY(row, row_of_rest(result->left_out.size()));
    result->rows.push_back(std::move(row));
  }
  TRY_STATUS(take_out_hidden(result));
  for (CostRow& row : result->rows) name_functions(&row);
  return {};
}

Result<std::vector<CostPart>> CostRows::divide(const std::vector<std::size_t>& order, std::size_t from,
                                               std::size_t to, const ChangeSet& base) {
  Status failed;
  const CostQuestions questions{
      [&](const ChangeSet& changes) {
        return steps_.measure_between(changes,
                                      fmt::format("{} with {}", request_.from.name,
                                                  differences_text(steps_.ends().difference, changes)));
      },
      [&](const ChangeSet& with, const ChangeSet& more) {
        return taken_options(steps_.ends(), with, more, request_.folder, bench_);
      },
      [&](std::size_t before, std::size_t after) {
        const auto time = steps_.added(before, after);
        if (!time) failed = tl::unexpected(time.error());
        return time && loopgate::is_cost(*time, least_ns_) ? std::abs(time->ns) : 0.0;
      },
      [&] { return failed && steps_.may_measure(); }};
  auto parts = find_costs(order, from, to, questions, base);
  TRY_STATUS(failed);
  return parts;
}

Result<CostRow> CostRows::row_between(std::size_t before, std::size_t after) const {
  CostRow row;
  row.before = steps_.step(before).name;
  row.after = steps_.step(after).name;
  TRY(time, steps_.added(before, after));
  row.added = time;
  return row;
}

Result<CostRow> CostRows::row_of(const CostPart& part) {
  TRY(row, row_between(part.before, part.after));
  row.changes.assign(part.changes.begin(), part.changes.end());
  row.what = differences_text(steps_.ends().difference, part.changes);
  row.not_divided = not_divided_text(part.not_divided);
  if (part.not_divided == NotDivided::stopped) is_finished_ = false;
  if (is_cost(row)) {
    TRY_STATUS(take_out(&row));
  } else {
    row.not_taken_out = adds_too_little;
  }
  return row;
}

Result<CostRow> CostRows::row_of_rest(std::size_t options_left_out) const {
  TRY(row, row_between(steps_.last(), steps_.to()));
  row.what = fmt::format(
      "the rest: {} as it is, with its sources, compiler and patches, and {} options that are in no step",
      request_.to.name, with_thousands(options_left_out));
  row.not_taken_out = "it is no difference of its own";
  return row;
}

Result<std::optional<std::size_t>> CostRows::step_without(const std::vector<std::int64_t>& changes,
                                                          const std::string& what, std::string* why_not) {
  const ChangeSet all = all_changes(steps_.ends().difference.changes.size());
  const ChangeSet rest = without(all, as_changes(changes));
  if (rest.empty()) return steps_.from();
  if (steps_.is_new(rest)) {
    if (!steps_.may_measure()) {
      is_finished_ = false;
      *why_not = not_divided_text(NotDivided::stopped);
      return std::nullopt;
    }
    TRY(lost, lost_changes(steps_.ends(), rest, request_.folder, bench_));
    if (!lost.empty()) {
      *why_not = lost_text(steps_.ends().difference, lost);
      return std::nullopt;
    }
  }
  TRY(measured, steps_.measure_between(rest, fmt::format("{} without {}", steps_.last_name(), what)));
  if (!measured) *why_not = "the kernel without it can't be measured: see the steps";
  return measured;
}

// What it is worth to whoever has the other kernel, whatever went in before it.
Status CostRows::take_out(CostRow* row) {
  TRY(step, step_without(row->changes, row->what, &row->not_taken_out));
  if (!step) return {};
  row->without = steps_.step(*step).name;
  TRY(time, steps_.added(*step, steps_.last()));
  row->taken_out = time;
  return {};
}

// What costs only beside another adds nothing where it goes in first.
Status CostRows::take_out_hidden(CostRecord* result) {
  HiddenCost hidden;
  bool any_costs = false;
  for (const CostRow& row : result->rows) {
    if (row.changes.empty()) continue;
    if (is_cost(row)) any_costs = true;
    if (!is_cost(row)) hidden.changes.insert(hidden.changes.end(), row.changes.begin(), row.changes.end());
  }
  if (hidden.changes.empty() || !any_costs) return {};
  std::ranges::sort(hidden.changes);
  const std::string what = differences_text(steps_.ends().difference, as_changes(hidden.changes));
  TRY(step, step_without(hidden.changes, what, &hidden.not_taken_out));
  if (step) {
    hidden.without = steps_.step(*step).name;
    TRY(time, steps_.added(*step, steps_.last()));
    hidden.taken_out = time;
    TRY_STATUS(divide_hidden(*step, &hidden));
  }
  result->hidden = std::move(hidden);
  return {};
}

Status CostRows::divide_hidden(std::size_t without_all, HiddenCost* hidden) {
  if (!loopgate::is_cost(*hidden->taken_out, least_ns_)) return {};
  const ChangeSet changes = as_changes(hidden->changes);
  const ChangeSet base = without(all_changes(steps_.ends().difference.changes.size()), changes);
  std::vector<std::size_t> order = order_of(steps_.ends());
  std::erase_if(order, [&](std::size_t change) { return !std::ranges::binary_search(changes, change); });
  TRY(parts, divide(order, without_all, steps_.last(), base));
  for (const CostPart& part : parts) {
    TRY(row, row_between(part.before, part.after));
    if (!is_cost(row)) continue;
    row.changes.assign(part.changes.begin(), part.changes.end());
    row.what = differences_text(steps_.ends().difference, part.changes);
    row.not_divided = not_divided_text(part.not_divided);
    row.not_taken_out = "it went in beside all others";
    if (part.not_divided == NotDivided::stopped) is_finished_ = false;
    name_functions(&row);
    hidden->rows.push_back(std::move(row));
  }
  return {};
}

// Its samples are another step's where it is that step's kernel.
const Result<PathFunctions>& CostRows::functions_of(const std::string& name) {
  const CostStep& step = steps_.step(*steps_.log()->of_name(name));
  const std::string folder = step.same_as.empty() ? step.name : step.same_as;
  const auto known = functions_.find(folder);
  if (known != functions_.end()) return known->second;
  auto functions = path_functions(request_.folder / folder / "run", bench_.setup().loopgate,
                                  [this](const std::string& line) { bench_.notify(line); });
  return functions_.emplace(folder, std::move(functions)).first->second;
}

void CostRows::name_functions(CostRow* row) {
  if (!is_cost(*row)) {
    row->functions_not_told = adds_too_little;
  } else if (!request_.functions) {
    row->functions_not_told = "they were not asked for";
  } else if (request_.by != "p50") {
    row->functions_not_told = "they are those of the median stimulus";
  } else if (!steps_.ends().from.session.plan.board.is_virtual()) {
    row->functions_not_told = "a path is followed on virtual time alone";
  } else {
    const auto& before = functions_of(row->before);
    const auto& after = functions_of(row->after);
    if (before && after) {
      row->functions = longer_functions(*before, *after);
    } else {
      row->functions_not_told = (before ? after : before).error().what;
    }
  }
}

}  // namespace loopgate
