#include "run/plan_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/process.h"
#include "base/text.h"

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

std::string jumpers_text(const Board& board) {
  if (board.lines.stimulus_out < 0) return {};
  return fmt::format("jumpers on {}: line {} to {} (stimulus), line {} to {} (response)\n", board.gpio_chip,
                     board.lines.stimulus_out, board.lines.stimulus, board.lines.response,
                     board.lines.response_in);
}

std::string cell_text(const Cell& cell, const PlanDetails& details, const char* indent) {
  std::string text = fmt::format("{}cell {} · schedule seed {}\n", indent, cell.name, cell.seed);
  for (const std::string& command : details.commands(cell)) text += fmt::format("{}  {}\n", indent, command);
  return text;
}

std::string boots_text(const Plan& plan, const PlanDetails& details) {
  std::string text = "\nthe known-good kernel, idle: is the bench sound?\n";
  std::string boot;
  for (const Cell& cell : plan.cells) {
    if (const std::string here = boot_of(plan, cell); here != boot) {
      boot = here;
      text += fmt::format("\nboot of {}, repetition {}\n", plan.kernels[cell.kernel].name, cell.repetition);
    }
    text += cell_text(cell, details, "  ");
  }
  return text + "\nthe known-good kernel, idle: is the bench still sound?\n";
}

std::string content_text(const Plan& plan) {
  const ProgramsWork* work = programs_of(plan.suite.work);
  if (work == nullptr)
    return fmt::format("{} stimuli in each cell{}", with_thousands(static_cast<std::uint64_t>(plan.samples)),
                       all_programs(plan.suite.work).empty() ? "" : ", and a program beside");
  const std::size_t count = work->programs.size();
  return fmt::format("{} program{} in each cell", count, count == 1 ? "" : "s");
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
  if (board.is_virtual()) return "virtual time";
  return board.emulator ? "wall-clock time, on an emulator: no hardware's figures" : "wall-clock time";
}

std::string plan_text(const Plan& plan, const PlanDetails& details) {
  std::string text = fmt::format("suite {} · board {} · {} · seed {} · {}\n", plan.suite.name,
                                 plan.board.name, time_text(plan.board), plan.seed, content_text(plan));
  if (!plan.board.is_virtual()) text += bench_text(plan.board, plan.lab) + jumpers_text(plan.board);
  for (std::size_t i = 0; i < plan.kernels.size(); ++i)
    text += fmt::format("kernel {}: {}\n", plan.kernels[i].name, details.kernels[i]);
  text += programs_text(plan);
  for (const std::string& remark : details.remarks) text += remark + "\n";
  if (!plan.board.is_virtual()) return text + boots_text(plan, details);
  for (const Cell& cell : plan.cells) text += "\n" + cell_text(cell, details, "");
  return text;
}

}  // namespace loopgate
