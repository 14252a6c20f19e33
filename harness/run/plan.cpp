#include "run/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "base/overloaded.h"
#include "base/split_mix.h"
#include "run/amount.h"
#include "run/board_words.h"
#include "run/command_line.h"
#include "run/contenders.h"
#include "run/fits.h"
#include "run/probe.h"
#include "run/shard.h"

namespace loopgate {
namespace {

// Neighbouring repetitions get unrelated seeds.
std::uint64_t seed_of(std::uint64_t run_seed, int repetition) {
  return split_mix(split_mix(run_seed) + static_cast<std::uint64_t>(repetition));
}

// Keeps those of the suite's programs that the request names, in the suite's order; the others' names go to
// `left_out`.
Status choose_programs(const std::vector<std::string>& names, Suite* suite,
                       std::vector<std::string>* left_out) {
  auto* work = std::get_if<ProgramsWork>(&suite->work);
  if (names.empty()) return {};
  if (work == nullptr)
    return fail(ErrorKind::usage,
                fmt::format("suite {} has no programs that measure by themselves", suite->name),
                "leave --program out");
  for (const std::string& name : names) {
    if (std::ranges::find(work->programs, name, &SuiteProgram::name) != work->programs.end()) continue;
    std::vector<std::string> known;
    for (const SuiteProgram& each : work->programs) known.push_back(each.name);
    return fail(ErrorKind::usage, fmt::format("suite {} has no program {}", suite->name, name),
                meant_or_known(name, known));
  }
  std::erase_if(work->programs, [&](const SuiteProgram& each) {
    if (std::ranges::find(names, each.name) != names.end()) return false;
    left_out->push_back(each.name);
    return true;
  });
  return {};
}

Status check_samples(const PlanRequest& request, const Suite& suite) {
  if (request.samples == 0 || programs_of(suite.work) == nullptr) return {};
  return fail(ErrorKind::usage,
              fmt::format("suite {} stimulates nothing: its programs measure by themselves", suite.name),
              "leave --samples out; suite.toml says how long each program runs");
}

PulseSettings pulses_of(const StimulusSchedule& schedule, const Plan& plan, const Cell& cell) {
  PulseSettings pulses;
  pulses.seed = cell.seed;
  pulses.interval_min_ns = schedule.interval_min_ns;
  pulses.interval_max_ns = schedule.interval_max_ns;
  pulses.self_checks = static_cast<std::uint32_t>(schedule.self_checks);
  pulses.warm_up = static_cast<std::uint32_t>(schedule.warm_up);
  pulses.counted = static_cast<std::uint32_t>(plan.samples);
  pulses.deadline_ns = schedule.deadline_ns;
  pulses.response_timeout_ns = schedule.response_timeout_ns;
  pulses.back_to_back = schedule.back_to_back;
  pulses.falls = schedule.falls;
  return pulses;
}

template <class T>
Status refuse_twice(const std::vector<T>& items, const char* what) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (items[i].name == items[j].name)
        return fail(ErrorKind::usage, fmt::format("{} {} is named twice", what, items[i].name));
    }
  }
  return {};
}

Status read_choice(const PlanRequest& request, const Catalog& catalog, PlanParts* parts) {
  const auto& kernels = request.kernels.empty() ? parts->suite.kernels : request.kernels;
  for (const KernelChoice& choice : kernel_choices(kernels, payload_of(parts->suite.work))) {
    TRY(kernel, catalog.kernel(choice.kernel));
    parts->kernels.push_back(with_contender(std::move(kernel), choice.contender));
  }
  for (const std::string& name : request.loads.empty() ? parts->suite.loads : request.loads) {
    TRY(load, catalog.load(name));
    parts->loads.push_back(std::move(load));
  }
  return {};
}

Status check_parts(const PlanParts& parts) {
  TRY_STATUS(check_requirements(parts.suite, parts.board));
  TRY_STATUS(check_work(parts.suite, parts.board));
  TRY_STATUS(check_probe(parts.probe, parts.suite));
  TRY_STATUS(refuse_twice(parts.kernels, "kernel"));
  TRY_STATUS(refuse_twice(parts.loads, "load"));
  for (const Load& load : parts.loads) TRY_STATUS(check_load(load, parts.board));
  for (const Kernel& kernel : parts.kernels) TRY_STATUS(check_architecture(kernel, parts.board));
  for (const Kernel& kernel : parts.kernels) {
    TRY_STATUS(check_isolation(kernel, parts.board));
    TRY_STATUS(check_thread_cpus(kernel, parts.board));
  }
  for (const Kernel& kernel : parts.kernels)
    TRY_STATUS(check_command_line(kernel, parts.board, parts.null_change));
  return {};
}

// The board as the suite or the user names it, and as its bench has it.
Status read_bench(const PlanRequest& request, const Catalog& catalog, PlanParts* parts) {
  TRY(board, catalog.board(request.board.empty() ? parts->suite.board : request.board));
  TRY_STATUS(check_requirements(parts->suite, board));  // before its bench is asked for
  parts->board = std::move(board);
  if (parts->board.is_virtual()) return {};
  TRY(lab, read_lab(request.lab, parts->board.name));
  TRY(whole, on_bench(std::move(parts->board), lab));
  parts->board = std::move(whole);
  parts->lab = std::move(lab);
  return {};
}

void set_replicates(const PlanParts& parts, Plan* plan) {
  const ProgramsWork* programs = programs_of(plan->suite.work);
  const StimulusSchedule& schedule = schedule_of(plan->suite.work);
  const Amount suites =
      programs != nullptr ? Amount{0, programs->replicates} : Amount{schedule.samples, schedule.replicates};
  const Amount amount = amount_of({parts.samples, parts.repeat}, suites, plan->board.is_virtual());
  plan->samples = static_cast<int>(amount.samples);
  plan->repeat = static_cast<int>(amount.repeat);
}

// A program beside a payload must outlast the stimuli, or it would be ended for its timeout.
Status check_time_beside(const Plan& plan) {
  const auto* work = std::get_if<ResponseWork>(&plan.suite.work);
  if (work == nullptr || !work->beside) return {};
  const StimulusSchedule& schedule = work->schedule;
  const std::int64_t stimuli = std::int64_t{plan.samples} + schedule.warm_up + schedule.self_checks;
  constexpr std::int64_t second_ns = 1'000'000'000;
  const std::int64_t stimuli_s = stimuli * schedule.interval_max_ns / second_ns + 1;
  if (stimuli_s < work->beside->timeout_s) return {};
  return fail(ErrorKind::usage,
              fmt::format("suite {}: program {} is ended after {} s, and the stimuli of a cell may take {} s",
                          plan.suite.name, work->beside->name, work->beside->timeout_s, stimuli_s),
              "raise its timeout_s, or ask for fewer stimuli in each replicate (--samples, --repeat)");
}

void add_cell(Plan* plan, std::size_t kernel, std::size_t load, int repetition) {
  std::string name = fmt::format("{}.{}", plan->kernels[kernel].name, plan->loads[load].name);
  if (repetition > 1) name += fmt::format(".{}", repetition);
  plan->cells.push_back({std::move(name), kernel, load, repetition, seed_of(plan->seed, repetition)});
}

void add_cells(Plan* plan) {
  if (!plan->board.is_virtual()) {
    for (int repetition = 1; repetition <= plan->repeat; ++repetition)
      for (std::size_t kernel = 0; kernel < plan->kernels.size(); ++kernel)
        for (std::size_t load = 0; load < plan->loads.size(); ++load)
          add_cell(plan, kernel, load, repetition);
    return;
  }
  for (std::size_t load = 0; load < plan->loads.size(); ++load)
    for (int repetition = 1; repetition <= plan->repeat; ++repetition)
      for (std::size_t kernel = 0; kernel < plan->kernels.size(); ++kernel)
        add_cell(plan, kernel, load, repetition);
}

}  // namespace

Result<PlanParts> read_parts(const PlanRequest& request, const Catalog& catalog) {
  TRY(suite, catalog.suite(request.suite));
  return read_parts(std::move(suite), request, catalog);
}

Result<PlanParts> read_parts(Suite suite, const PlanRequest& request, const Catalog& catalog) {
  PlanParts parts;
  parts.suite = std::move(suite);
  TRY_STATUS(check_samples(request, parts.suite));
  TRY_STATUS(choose_programs(request.programs, &parts.suite, &parts.programs_left_out));
  TRY_STATUS(read_bench(request, catalog, &parts));
  TRY_STATUS(check_work(parts.suite, parts.board));
  TRY_STATUS(read_choice(request, catalog, &parts));
  parts.samples = request.samples;
  parts.repeat = request.repetition > 0 ? std::max(request.repeat, request.repetition) : request.repeat;
  parts.repetition = request.repetition;
  parts.seed = request.seed;
  parts.null_change = request.null_change;
  parts.probe = request.probe;
  parts.shard = request.shard;
  return parts;
}

// From here on a program's command line is the one that runs, wherever it is shown.
void fill_in_programs(const Board& board, Suite* suite) {
  if (auto* work = std::get_if<ProgramsWork>(&suite->work))
    for (SuiteProgram& program : work->programs)
      program.order.arguments = filled_in(program.order.arguments, board);
}

Result<Plan> make_plan(PlanParts parts) {
  TRY_STATUS(check_parts(parts));
  Plan plan;
  plan.suite = std::move(parts.suite);
  plan.programs_left_out = std::move(parts.programs_left_out);
  plan.board = std::move(parts.board);
  plan.lab = std::move(parts.lab);
  plan.kernels = std::move(parts.kernels);
  plan.loads = std::move(parts.loads);
  plan.seed = parts.seed;
  set_replicates(parts, &plan);
  fill_in_programs(plan.board, &plan.suite);
  TRY_STATUS(check_time_beside(plan));
  plan.null_change = parts.null_change;
  plan.probe = std::move(parts.probe);
  plan.repetition = parts.repetition;
  add_cells(&plan);
  if (parts.repetition > 0)
    std::erase_if(plan.cells, [&](const Cell& cell) { return cell.repetition != parts.repetition; });
  TRY_STATUS(refuse_twice(plan.cells, "cell"));
  if (parts.shard.empty()) return plan;
  TRY(shard, shard_of(plan, parts.shard));
  plan.shard = std::move(shard);
  return plan;
}

Result<Plan> make_plan(const PlanRequest& request, const Catalog& catalog) {
  TRY(parts, read_parts(request, catalog));
  TRY(plan, make_plan(std::move(parts)));
  plan.inputs = request.inputs;
  return plan;
}

std::string boot_of(const Plan& plan, const Cell& cell) {
  return fmt::format("{}.{}", plan.kernels[cell.kernel].name, cell.repetition);
}

PulseSettings pulses_of(const Plan& plan, const Cell& cell) {
  return std::visit(Overloaded{[&](const ResponseWork& work) { return pulses_of(work.schedule, plan, cell); },
                               [&](const DecisionWork& work) {
                                 PulseSettings pulses = pulses_of(work.schedule, plan, cell);
                                 pulses.decisions = true;
                                 pulses.frames = static_cast<std::uint32_t>(work.frames);
                                 pulses.frame_interval_ns = work.frame_interval_ns;
                                 pulses.truth = work.truth;
                                 return pulses;
                               },
                               [&](const ProgramsWork&) {
                                 PulseSettings none;
                                 none.seed = cell.seed;
                                 none.self_checks = none.warm_up = none.counted = 0;
                                 return none;
                               }},
                    plan.suite.work);
}

}  // namespace loopgate
