#include "run/suite_on_board.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "config/lab.h"
#include "run/command_line.h"
#include "run/fits.h"

namespace loopgate {
namespace {

void add(Status status, std::vector<Error>* lacks) {
  if (!status) lacks->push_back(std::move(status).error());
}

std::string kernels_text(const SuiteOnBoard& choice) {
  std::vector<std::string> possible;
  for (const KernelOnBoard& each : choice.kernels)
    if (choice.possible_with(each)) possible.push_back(each.kernel);
  if (!possible.empty()) return fmt::format("{}", fmt::join(possible, ", "));
  return choice.on_bench ? "no kernel" : "no kernel: its bench is not known, see above";
}

}  // namespace

Result<Board> board_on_bench(const Board& board, const std::filesystem::path& lab_file) {
  if (board.is_virtual()) return board;
  TRY(lab, read_lab(lab_file, board.name));
  return on_bench(board, lab);
}

std::string reason_text(const Error& reason) {
  return fmt::format("    {}\n", reason.what) +
         (reason.next_step.empty() ? "" : fmt::format("      -> {}\n", reason.next_step));
}

SuiteOnBoard suite_on_board(const Suite& suite, const std::vector<Load>& loads, const Board& board,
                            const Result<Board>& on_bench, const std::vector<Kernel>& kernels) {
  SuiteOnBoard choice{suite.name, board.name, on_bench.has_value(), missing_requirements(suite, board), {}};
  if (on_bench) add(check_work(suite, *on_bench), &choice.lacks);
  for (const Load& load : loads) add(check_load(load, board), &choice.lacks);
  for (const Kernel& kernel : kernels) {
    KernelOnBoard of_kernel{kernel.name, {}};
    add(check_architecture(kernel, board), &of_kernel.lacks);
    add(check_isolation(kernel, board), &of_kernel.lacks);
    add(check_thread_cpus(kernel, board), &of_kernel.lacks);
    add(check_source(kernel), &of_kernel.lacks);
    add(check_command_line(kernel, board), &of_kernel.lacks);
    choice.kernels.push_back(std::move(of_kernel));
  }
  return choice;
}

std::string suite_on_boards_text(const std::vector<SuiteOnBoard>& of_suite) {
  std::string text;
  for (const SuiteOnBoard& choice : of_suite) {
    text += fmt::format("  {:<22} {}\n", choice.board, kernels_text(choice));
    for (const Error& lack : choice.lacks) text += reason_text(lack);
    for (const KernelOnBoard& each : choice.kernels)
      for (const Error& lack : each.lacks) text += reason_text(lack);
  }
  return text;
}

}  // namespace loopgate
