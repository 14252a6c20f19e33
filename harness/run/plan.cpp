#include "run/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/split_mix.h"

namespace loopgate {
namespace {

// Neighbouring repetitions get unrelated seeds.
std::uint64_t seed_of(std::uint64_t run_seed, int repetition) {
  return split_mix(split_mix(run_seed) + static_cast<std::uint64_t>(repetition));
}

Status check_requirements(const Suite& suite, const Board& board) {
  for (const std::string& need : suite.requirements) {
    if (!provides(board, need))
      return fail(ErrorKind::usage, fmt::format("suite {} requires {}, which board {} does not provide",
                                                suite.name, need, board.name));
  }
  return {};
}

Status check_instrument(const Suite& suite, const Board& board) {
  if (!measured_on_board(suite, board)) return {};
  if (suite.decisions || suite.back_to_back)
    return fail(
        ErrorKind::usage,
        fmt::format("suite {} can't run on board {}: the loopback program, which measures there, sees no "
                    "decisions and sends nothing back to back",
                    suite.name, board.name));
  if (board.lines.stimulus_out < 0)
    return fail(
        ErrorKind::usage,
        fmt::format("board {} has no stimulus_out and response_in, and the loopback program is to measure",
                    board.name));
  return {};
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

Status read_parts(const PlanRequest& request, const Catalog& catalog, Plan* plan) {
  for (const std::string& name : request.kernels.empty() ? plan->suite.kernels : request.kernels) {
    auto kernel = catalog.kernel(name);
    if (!kernel) return tl::unexpected(kernel.error());
    plan->kernels.push_back(std::move(*kernel));
  }
  for (const std::string& name : request.loads.empty() ? plan->suite.loads : request.loads) {
    auto load = catalog.load(name);
    if (!load) return tl::unexpected(load.error());
    plan->loads.push_back(std::move(*load));
  }
  if (auto once = refuse_twice(plan->kernels, "kernel"); !once) return once;
  return refuse_twice(plan->loads, "load");
}

// A load's storm is raised by the instrument, or handled on a line of the board.
Status check_load(const Load& load, const Board& board) {
  if (load.storm.per_second <= 0 || provides(board, "interrupt-storm")) return {};
  return fail(ErrorKind::usage, fmt::format("load {} needs interrupt-storm, which board {} does not provide",
                                            load.name, board.name));
}

// By its package's name; an image of the user's own shows when it is read.
Status check_architecture(const Kernel& kernel, const Board& board) {
  for (const char* architecture : {"arm64", "amd64"}) {
    if (architecture == board.architecture || !kernel.source.package.ends_with(architecture)) continue;
    return fail(ErrorKind::usage,
                fmt::format("kernel {} ({}) is for {}, and board {} is {}", kernel.name,
                            kernel.source.package, architecture, board.name, board.architecture));
  }
  return {};
}

Status check_parts(const Plan& plan) {
  for (const Load& load : plan.loads)
    if (auto fits = check_load(load, plan.board); !fits) return fits;
  for (const Kernel& kernel : plan.kernels)
    if (auto fits = check_architecture(kernel, plan.board); !fits) return fits;
  return {};
}

// The board as the suite or the user names it, and as its bench has it.
Status read_bench(const PlanRequest& request, const Catalog& catalog, Plan* plan) {
  auto board = catalog.board(request.board.empty() ? plan->suite.board : request.board);
  if (!board) return tl::unexpected(board.error());
  if (auto fits = check_requirements(plan->suite, *board); !fits) return fits;
  if (board->boot) {
    auto lab = read_lab(request.lab, board->name);
    if (!lab) return tl::unexpected(lab.error());
    board = on_bench(std::move(*board), *lab);
    if (!board) return tl::unexpected(board.error());
    plan->lab = std::move(*lab);
  }
  plan->board = std::move(*board);
  return check_instrument(plan->suite, plan->board);
}

void add_cell(Plan* plan, std::size_t kernel, std::size_t load, int repetition) {
  std::string name = fmt::format("{}.{}", plan->kernels[kernel].name, plan->loads[load].name);
  if (repetition > 1) name += fmt::format(".{}", repetition);
  plan->cells.push_back({std::move(name), kernel, load, repetition, seed_of(plan->seed, repetition)});
}

void add_cells(Plan* plan) {
  if (plan->board.boot) {
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

bool measured_on_board(const Suite& suite, const Board& board) {
  return suite.loopback || board.time_base == TimeBase::wall_clock;
}

Result<Plan> make_plan(const PlanRequest& request, const Catalog& catalog) {
  auto suite = catalog.suite(request.suite);
  if (!suite) return tl::unexpected(suite.error());
  Plan plan;
  plan.suite = std::move(*suite);
  if (auto bench = read_bench(request, catalog, &plan); !bench) return tl::unexpected(bench.error());
  plan.seed = request.seed;
  plan.samples = request.samples > 0 ? request.samples : plan.suite.samples;
  plan.repeat = request.repeat;
  if (auto parts = read_parts(request, catalog, &plan); !parts) return tl::unexpected(parts.error());
  if (auto fits = check_parts(plan); !fits) return tl::unexpected(fits.error());
  add_cells(&plan);
  if (auto once = refuse_twice(plan.cells, "cell"); !once) return tl::unexpected(once.error());
  return plan;
}

std::string boot_of(const Plan& plan, const Cell& cell) {
  return fmt::format("{}.{}", plan.kernels[cell.kernel].name, cell.repetition);
}

PulseSettings pulses_of(const Plan& plan, const Cell& cell) {
  PulseSettings pulses;
  pulses.seed = cell.seed;
  pulses.interval_min_ns = plan.suite.interval_min_ns;
  pulses.interval_max_ns = plan.suite.interval_max_ns;
  pulses.self_checks = static_cast<std::uint32_t>(plan.suite.self_checks);
  pulses.warm_up = static_cast<std::uint32_t>(plan.suite.warm_up);
  pulses.counted = static_cast<std::uint32_t>(plan.samples);
  pulses.deadline_ns = plan.suite.deadline_ns;
  pulses.abandon_ns = plan.suite.response_timeout_ns;
  pulses.back_to_back = plan.suite.back_to_back;
  if (!plan.suite.decisions) return pulses;
  pulses.decisions = true;
  pulses.frames = static_cast<std::uint32_t>(plan.suite.decisions->frames);
  pulses.frame_interval_ns = plan.suite.decisions->frame_interval_ns;
  return pulses;
}

}  // namespace loopgate
