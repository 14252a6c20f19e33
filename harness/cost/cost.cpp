#include "cost/cost.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/elapsed.h"
#include "config/kernel_toml.h"
#include "cost/added_time.h"
#include "cost/cost_log.h"
#include "cost/cost_search.h"
#include "cost/cost_text.h"
#include "cost/measured_step.h"
#include "cost/path_functions.h"
#include "cost/rebuilt_end.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* from_again_folder = "from-again";
// Of the first kernel's figure: as bisect's own policy has it.
constexpr double least_share = 0.01;
// What is called a cost is at least so many times what a null change makes.
constexpr double least_over_chance = 2;

// All that decides what a step comes to.
std::string inputs_of(const CostRequest& request, const CostEnds& ends, const BenchSetup& setup) {
  const Plan& plan = ends.from.session.plan;
  const nlohmann::json inputs = {
      {"from", to_toml(ends.difference.good)},
      {"to", to_toml(request.to)},
      {"kernels", {ends.from.kernel_sha256, ends.to.kernel_sha256}},
      {"options", {to_fragment(ends.difference.good_options), to_fragment(ends.difference.bad_options)}},
      {"by", request.by},
      {"suite", plan.suite.sha256},
      {"board", plan.board.sha256},
      {"load", plan.loads.front().sha256},
      {"samples", plan.samples},
      {"repeat", plan.repeat},
      {"seed", plan.seed},
      {"inputs", setup.plan.inputs},
  };
  return sha256_of(inputs.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

CostRecord beginning_of(const CostRequest& request, const CostEnds& ends, const BenchSetup& setup) {
  CostRecord record;
  const Plan& plan = ends.from.session.plan;
  record.inputs_sha256 = inputs_of(request, ends, setup);
  record.suite = {plan.suite.name, plan.suite.sha256};
  record.board = {plan.board.name, plan.board.sha256};
  record.load = {plan.loads.front().name, plan.loads.front().sha256};
  record.from = {request.from.name, request.from.sha256};
  record.to = {request.to.name, request.to.sha256};
  record.on_virtual_time = plan.board.is_virtual();
  record.by = request.by;
  record.confidence = cost_confidence;
  for (const KernelChange& change : ends.difference.changes)
    record.changes.push_back({name_of(change.kind), change.was, change.becomes, change.text()});
  record.left_out = ends.left_out;
  record.left_out_why = left_out_text_of(ends.left_out);
  return record;
}

std::vector<std::int64_t> as_numbers(const ChangeSet& changes) { return {changes.begin(), changes.end()}; }

Status check_plan(const Plan& plan) {
  if (plan.loads.size() != 1)
    return fail(ErrorKind::usage, fmt::format("a cost is under one load, not {}", plan.loads.size()),
                "name one with --load");
  if (plan.repeat >= 2) return {};
  return fail(ErrorKind::usage, "one replicate of each kernel says nothing about chance",
              "measure several, by --repeat");
}

// One cost on its way.
class Costing {
 public:
  Costing(const CostRequest& request, const KernelBench& bench, const Quantity& by, CostEnds ends,
          CostLog log)
      : request_(request), bench_(bench), by_(by), ends_(std::move(ends)), log_(std::move(log)) {}

  Result<CostRecord> run() {
    for (const CostStep& step : log_.record().steps) tell(step);
    TRY_STATUS(measure_ends());
    TRY_STATUS(measure_chance());
    TRY(parts, find_costs(order_of(ends_), from_, last_, questions()));
    CostRecord result = log_.record();
    for (const CostPart& part : parts) {
      TRY(row, row_of(part));
      result.rows.push_back(std::move(row));
    }
    if (ends_.rebuilt) {
      TRY(row, row_of_rest());
      result.rows.push_back(std::move(row));
    }
    TRY_STATUS(take_out_each(&result));
    if (request_.functions) TRY_STATUS(name_functions(&result));
    TRY(total, added(from_, to_));
    result.total = total;
    result.chance = chance_;
    result.least_ns = least_ns_;
    result.is_finished = std::ranges::none_of(
        parts, [](const CostPart& part) { return part.not_divided == NotDivided::stopped; });
    TRY_STATUS(log_.write_rows(std::move(result)));
    return log_.record();
  }

 private:
  void tell(const CostStep& step) const {
    if (request_.on_step) request_.on_step(step);
  }

  Result<std::size_t> keep(CostStep step, std::string name, const ChangeSet& changes, std::string what,
                           Clock::time_point begun) {
    step.name = std::move(name);
    step.changes = as_numbers(changes);
    step.what = std::move(what);
    step.total_s = seconds_since(begun);
    TRY(number, log_.add(std::move(step)));
    tell(log_.step(number));
    return number;
  }

  // One of the two kernels, which must be measured.
  Result<std::size_t> measure_end(PreparedKernel* prepared, const char* name, const ChangeSet& changes) {
    const auto begun = Clock::now();
    if (const auto known = log_.of_name(name)) return *known;
    TRY(step, measured_step(bench_, prepared, by_));
    if (!step.measured)
      return fail(ErrorKind::usage, fmt::format("kernel {} can't be measured: {}", name, step.why),
                  "name two kernels that work: loopgate run shows what is wrong");
    return keep(std::move(step), name, changes, name, begun);
  }

  Status measure_ends() {
    const ChangeSet all = all_changes(ends_.difference.changes.size());
    TRY(from, measure_end(&ends_.from, from_folder, {}));
    TRY(to, measure_end(&ends_.to, to_folder, ends_.rebuilt ? ChangeSet{} : all));
    from_ = from;
    last_ = to_ = to;
    if (!ends_.rebuilt) return {};
    TRY(prepared, bench_.prepare(ends_.difference.bad, request_.folder / to_rebuilt_folder));
    TRY(rebuilt, measure_end(&prepared, to_rebuilt_folder, all));
    last_ = rebuilt;
    return {};
  }

  // The first kernel once more, with a longer command line and nothing else on virtual time.
  Status measure_chance() {
    const bool on_virtual_time = ends_.from.session.plan.board.is_virtual();
    TRY(prepared,
        bench_.prepare(request_.from, request_.folder / from_again_folder, on_virtual_time ? 1 : 0));
    TRY(again, measure_end(&prepared, from_again_folder, {}));
    TRY(chance, added(from_, again));
    chance_ = chance;
    double mean = 0;
    const auto& figures = log_.step(from_).by_ns;
    for (const std::int64_t figure : figures)
      mean += static_cast<double>(figure) / static_cast<double>(figures.size());
    const double of_chance = least_over_chance * std::abs(chance_.ns);
    least_ns_ = request_.least_ns.value_or(std::max(least_share * mean, of_chance));
    if (of_chance <= least_ns_) return {};
    return fail(ErrorKind::usage,
                fmt::format("{} of {} moves by {:.0f} ns when it is measured again, and {:.0f} ns would be "
                            "called a cost",
                            by_.label, request_.from.name, chance_.ns, least_ns_),
                "raise --least, measure more by --repeat and --samples, or take p50 with --by");
  }

  Result<AddedTime> added(std::size_t before, std::size_t after) const {
    return added_time(log_.step(before).by_ns, log_.step(after).by_ns, cost_confidence);
  }

  bool is_cost(const AddedTime& time) const { return time.is_shown() && std::abs(time.ns) >= least_ns_; }

  bool may_measure() const {
    return request_.most_kernels == 0 || log_.measured_between() < request_.most_kernels;
  }

  CostQuestions questions() {
    return {[this](const ChangeSet& changes) { return measure_between(changes, more_text(changes)); },
            [this](const ChangeSet& with, const ChangeSet& more) {
              return taken_options(ends_, with, more, request_.folder, bench_);
            },
            [this](std::size_t before, std::size_t after) {
              const auto time = added(before, after);
              return time && is_cost(*time) ? std::abs(time->ns) : 0.0;
            },
            [this] { return may_measure(); }};
  }

  std::string more_text(const ChangeSet& changes) const {
    return fmt::format("{} with {} of {} differences", request_.from.name, changes.size(),
                       ends_.difference.changes.size());
  }

  // Nothing where there is no such kernel.
  Result<std::optional<std::size_t>> measure_between(const ChangeSet& changes, std::string what) {
    auto known = log_.of_changes(changes);
    if (!known) {
      TRY(number, measure_new(changes, std::move(what)));
      known = number;
    }
    if (!log_.step(*known).measured) return std::nullopt;
    return known;
  }

  Result<std::size_t> measure_new(const ChangeSet& changes, std::string what) {
    const auto begun = Clock::now();
    const std::string name = log_.next_name();
    auto prepared = prepare_between(ends_, changes, request_.folder / name, bench_);
    CostStep step;
    if (!prepared && prepared.error().kind == ErrorKind::usage) {
      step.why = prepared.error().what;  // both ends could be had, so it is this kernel's
    } else if (!prepared) {
      return tl::unexpected(prepared.error());
    } else if (const auto same = log_.of_kernel(prepared->kernel_sha256)) {
      step = log_.step(*same);
      step.same_as = step.name;
    } else {
      TRY(measured, measured_step(bench_, &*prepared, by_));
      step = std::move(measured);
    }
    return keep(std::move(step), name, changes, std::move(what), begun);
  }

  Result<CostRow> row_between(std::size_t before, std::size_t after) const {
    CostRow row;
    row.before = log_.step(before).name;
    row.after = log_.step(after).name;
    TRY(time, added(before, after));
    row.added = time;
    return row;
  }

  Result<CostRow> row_of(const CostPart& part) const {
    TRY(row, row_between(part.before, part.after));
    row.changes = as_numbers(part.changes);
    row.what = differences_text(ends_.difference, part.changes);
    row.not_divided = not_divided_text(part.not_divided);
    return row;
  }

  Result<CostRow> row_of_rest() const {
    TRY(row, row_between(last_, to_));
    row.what = fmt::format("the rest: {} as it is, in place of its options on the sources of {}",
                           request_.to.name, request_.from.name);
    row.not_taken_out = "it is no difference of the options";
    return row;
  }

  // What it is worth to whoever has the other kernel, whatever went in before it.
  Status take_out_each(CostRecord* result) {
    for (CostRow& row : result->rows) {
      if (row.changes.empty()) continue;
      if (!is_cost(row.added)) {
        row.not_taken_out = "it adds too little";
        continue;
      }
      TRY_STATUS(take_out(&row));
    }
    return {};
  }

  Status take_out(CostRow* row) {
    const ChangeSet all = all_changes(ends_.difference.changes.size());
    const ChangeSet rest = without(all, ChangeSet(row->changes.begin(), row->changes.end()));
    const bool is_known = rest.empty() || log_.of_changes(rest).has_value();
    if (!is_known && !may_measure()) {
      row->not_taken_out = not_divided_text(NotDivided::stopped);
      return {};
    }
    if (!is_known) {
      TRY(lost, lost_changes(ends_, rest, request_.folder, bench_));
      if (!lost.empty()) {
        row->not_taken_out = lost_text(ends_.difference, lost);
        return {};
      }
    }
    std::optional<std::size_t> without_it = from_;
    if (!rest.empty()) {
      TRY(measured, measure_between(rest, fmt::format("{} without {}", request_.to.name, row->what)));
      without_it = measured;
    }
    if (!without_it) {
      row->not_taken_out = "the kernel without it can't be measured: see the steps";
      return {};
    }
    row->without = log_.step(*without_it).name;
    TRY(time, added(*without_it, last_));
    row->taken_out = time;
    return {};
  }

  // Where its samples are: another step's, whose kernel it is.
  std::string measured_folder(const std::string& name) const {
    const CostStep& step = log_.step(*log_.of_name(name));
    return step.same_as.empty() ? step.name : step.same_as;
  }

  const Result<PathFunctions>& functions_of_step(const std::string& name) {
    const std::string folder = measured_folder(name);
    const auto known = functions_.find(folder);
    if (known != functions_.end()) return known->second;
    return functions_
        .emplace(folder, path_functions(request_.folder / folder / "run", bench_.setup().loopgate,
                                        [this](const std::string& line) { bench_.notify(line); }))
        .first->second;
  }

  Status name_functions(CostRecord* result) {
    for (CostRow& row : result->rows) {
      if (!is_cost(row.added)) {
        row.functions_not_told = "it adds too little";
      } else if (!ends_.from.session.plan.board.is_virtual()) {
        row.functions_not_told = "a path is followed on virtual time alone";
      } else {
        const auto& before = functions_of_step(row.before);
        const auto& after = functions_of_step(row.after);
        if (before && after) {
          row.functions = longer_functions(*before, *after);
        } else {
          row.functions_not_told = (before ? after : before).error().what;
        }
      }
    }
    return {};
  }

  const CostRequest& request_;
  const KernelBench& bench_;
  const Quantity& by_;
  CostEnds ends_;
  CostLog log_;
  std::size_t from_ = 0, to_ = 0, last_ = 0;  // steps; `last_` has all differences
  double least_ns_ = 0;
  AddedTime chance_;
  std::map<std::string, Result<PathFunctions>> functions_;  // by the step's folder
};

}  // namespace

Result<CostRecord> run_cost(const CostRequest& request, const KernelBench& bench) {
  const Quantity* by = find_quantity(request.by);
  if (by == nullptr || by->figure == nullptr || !by->used(in_ratios))
    return fail(ErrorKind::usage, fmt::format("{} is no latency that kernels are compared by", request.by),
                "take p50, p99, max or mean_above_p99_5");
  TRY(ends, prepare_ends(request.from, request.to, request.globs, request.folder, bench));
  TRY_STATUS(check_plan(ends.from.session.plan));
  TRY(log, CostLog::open(request.folder, beginning_of(request, ends, bench.setup())));
  return Costing(request, bench, *by, std::move(ends), std::move(log)).run();
}

}  // namespace loopgate
