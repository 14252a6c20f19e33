#include "run/plan_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/process.h"
#include "base/text.h"
#include "run/frame_truth.h"
#include "run/job.h"

namespace loopgate {
namespace {

// How the bench reaches and switches the board; addresses only, since the commands may hold secrets.
std::string bench_text(const Board& board, const LabBoard& lab) {
  return fmt::format("bench: {} · console {} · power {} · boots by {}, back within {} s\n",
                     lab.labgrid ? "a place of labgrid's" : "ssh " + lab.ssh,
                     !lab.console.empty() ? lab.console
                     : lab.labgrid        ? "the place's"
                                          : "none",
                     lab.has_power() ? "by command"
                     : lab.labgrid   ? "by labgrid"
                                     : "none",
                     name_of(board.ssh().method), board.ssh().boot_timeout_s);
}

std::string jumpers_text(const Plan& plan) {
  const Board& board = plan.board;
  if (board.lines.stimulus_out < 0) return {};
  std::string text = fmt::format("jumpers on {}: line {} to {} (stimulus), line {} to {} (response)",
                                 board.gpio_chip, board.lines.stimulus_out, board.lines.stimulus,
                                 board.lines.response, board.lines.response_in);
  if (std::holds_alternative<DecisionWork>(plan.suite.work))
    text += fmt::format(", line {} to {} (verdict)", board.lines.verdict, board.lines.verdict_in);
  return text + "\n";
}

// "3 kernels", "1 load"
std::string number_of(std::size_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// The first cell of each replicate: all of a replicate share a schedule.
std::vector<const Cell*> replicates_of(const Plan& plan) {
  std::vector<const Cell*> first;
  for (const Cell& cell : plan.cells)
    if (std::ranges::none_of(first, [&](const Cell* each) { return each->repetition == cell.repetition; }))
      first.push_back(&cell);
  std::ranges::sort(first, {}, &Cell::repetition);
  return first;
}

// Open loop: as long as the due times last, whatever the kernel does.
std::string duration_text(const Plan& plan) {
  const PulseSettings pulses = pulses_of(plan, plan.cells.front());
  const double stimuli = static_cast<double>(pulses.counted) + pulses.warm_up + pulses.self_checks;
  const double each_s =
      stimuli * static_cast<double>(pulses.interval_min_ns + pulses.interval_max_ns) / 2 / 1e9;
  return fmt::format("about {:.3g} s of {} a cell{}, {:.3g} s in all, without boots", each_s,
                     plan.board.is_virtual() ? "virtual time" : "stimuli",
                     pulses.back_to_back ? " and the answers' own" : "",
                     each_s * static_cast<double>(plan.cells.size()));
}

std::string summary_text(const Plan& plan) {
  const std::size_t replicates = replicates_of(plan).size();
  std::string text = fmt::format("{}: {} under {}, {} each", number_of(plan.cells.size(), "cell"),
                                 number_of(plan.kernels.size(), "kernel"),
                                 number_of(plan.loads.size(), "load"), number_of(replicates, "replicate"));
  if (programs_of(plan.suite.work) != nullptr) return text + "\n";
  if (replicates > 1)
    text += fmt::format(", {} stimuli of a kernel under a load",
                        with_thousands(static_cast<std::uint64_t>(plan.samples) * replicates));
  return text + "\n" + duration_text(plan) + "\n";
}

// A row for each kernel under a load, with its cells.
std::string cells_text(const Plan& plan) {
  std::vector<std::array<std::string, 3>> rows = {{"kernel", "load", "cells"}};
  for (const Cell& cell : plan.cells) {
    const std::string& kernel = plan.kernels[cell.kernel].name;
    const std::string& load = plan.loads[cell.load].name;
    const auto row =
        std::ranges::find_if(rows, [&](const auto& each) { return each[0] == kernel && each[1] == load; });
    if (row == rows.end()) {
      rows.push_back({kernel, load, cell.name});
      continue;
    }
    const auto to = (*row)[2].find(" to ");
    (*row)[2] = fmt::format("{} to .{}", (*row)[2].substr(0, to), cell.repetition);
  }
  std::size_t kernels = 0;
  std::size_t loads = 0;
  for (const auto& row : rows) {
    kernels = std::max(kernels, row[0].size());
    loads = std::max(loads, row[1].size());
  }
  std::string text;
  for (const auto& row : rows)
    text += fmt::format("{:<{}}  {:<{}}  {}\n", row[0], kernels, row[1], loads, row[2]);
  return text;
}

// Which of them a shard measures.
std::string shard_text(const Plan& plan) {
  if (!plan.shard) return {};
  const Shard& shard = *plan.shard;
  std::string text = fmt::format("\n{}: {} of these cells: {}\n", shard.text(), shard.cells.size(),
                                 fmt::join(shard.cells, ", "));
  if (shard.checked.empty()) return text;
  return text + fmt::format("measured by another shard as well, which must come to the same: {}\n",
                            fmt::join(shard.checked, ", "));
}

std::string seeds_text(const Plan& plan) {
  constexpr std::size_t shown_max = 30;
  std::string text = "schedule seed of each replicate, the same for every kernel and load:\n";
  const auto replicates = replicates_of(plan);
  const std::size_t shown = std::min(replicates.size(), shown_max);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool ends_line = i % 3 == 2 || i + 1 == shown;
    text += fmt::format("{:>4}: {:<20}", replicates[i]->repetition, replicates[i]->seed);
    if (ends_line) text.erase(text.find_last_not_of(' ') + 1);
    text += ends_line ? "\n" : "  ";
  }
  if (shown < replicates.size())
    text += fmt::format("      and {} more, which run.json will have\n", replicates.size() - shown);
  return text;
}

// How a board goes through them.
std::string order_text(const Plan& plan) {
  if (plan.board.is_virtual()) return {};
  std::string boots;
  for (const Kernel& kernel : plan.kernels) boots += (boots.empty() ? "" : ", ") + kernel.name;
  return fmt::format(
      "the known-good kernel is measured idle before and after all: is the bench sound?\n"
      "each replicate boots {}, in this order, and measures every load in that boot\n",
      boots);
}

// Of one replicate: those of the others differ by the names of their cells alone.
std::string commands_text(const Plan& plan, const PlanDetails& details) {
  std::string text;
  for (const Cell& cell : plan.cells) {
    if (cell.repetition != replicates_of(plan).front()->repetition) continue;
    text += fmt::format("\ncell {}\n", cell.name);
    for (const std::string& command : details.commands(cell)) text += fmt::format("  {}\n", command);
  }
  return text;
}

std::string content_text(const Plan& plan) {
  const ProgramsWork* work = programs_of(plan.suite.work);
  if (work == nullptr)
    return fmt::format("{} stimuli in each cell{}", with_thousands(static_cast<std::uint64_t>(plan.samples)),
                       all_programs(plan.suite.work).empty() ? "" : ", and a program beside");
  const std::size_t count = work->programs.size();
  return fmt::format("{} program{} in each cell", count, count == 1 ? "" : "s");
}

// What each contender's payload is told, by the plan's first cell of it.
std::string contenders_text(const Plan& plan) {
  std::string text;
  for (const Contender& contender : payload_of(plan.suite.work).contenders) {
    const auto cell = std::ranges::find_if(
        plan.cells, [&](const Cell& each) { return plan.kernels[each.kernel].contender == contender.name; });
    if (cell == plan.cells.end()) continue;
    text += fmt::format("contender {}: {}\n", contender.name, quoted(payload_command(plan, *cell)));
  }
  return text;
}

// The programs of a cell, in their order.
std::string programs_text(const Plan& plan) {
  std::string text;
  for (const SuiteProgram& program : all_programs(plan.suite.work))
    text += fmt::format("program {}: {}\n", program.name, quoted(program.argv()));
  return text;
}

}  // namespace

std::string time_text(const Board& board) {
  if (board.is_virtual() && board.cpus > 1)
    return fmt::format("virtual time, {} CPUs in turns of {} ns", board.cpus, board.qemu().slice_ns);
  if (board.is_virtual()) return "virtual time";
  return board.emulator ? "wall-clock time, on an emulator: no hardware's figures" : "wall-clock time";
}

std::string plan_text(const Plan& plan, const PlanDetails& details) {
  std::string text = fmt::format("suite {} · board {} · {} · seed {} · {}\n", plan.suite.name,
                                 plan.board.name, time_text(plan.board), plan.seed, content_text(plan));
  text += frames_text(plan);
  text += summary_text(plan);
  if (!plan.board.is_virtual()) text += bench_text(plan.board, plan.lab) + jumpers_text(plan);
  for (std::size_t i = 0; i < plan.kernels.size(); ++i)
    text += fmt::format("kernel {}: {}\n", plan.kernels[i].name, details.kernels[i]);
  text += contenders_text(plan) + programs_text(plan);
  for (const std::string& remark : details.remarks) text += remark + "\n";
  text += order_text(plan) + "\n" + cells_text(plan) + shard_text(plan) + "\n" + seeds_text(plan);
  return details.commands ? text + commands_text(plan, details) : text;
}

}  // namespace loopgate
