// Which kernels a suite can be measured with on a board, and what keeps the others from it: all reasons,
// where a plan refuses the first (run/fits.h).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/board.h"
#include "config/kernel.h"
#include "config/load.h"
#include "config/suite.h"

namespace loopgate {

struct KernelOnBoard {
  std::string kernel;
  std::vector<Error> lacks;
};

struct SuiteOnBoard {
  std::string suite;
  std::string board;
  bool on_bench = true;                // else nobody knows how the board is wired
  std::vector<Error> lacks;            // whatever the kernel is
  std::vector<KernelOnBoard> kernels;  // in the order in which they were given

  bool possible_with(const KernelOnBoard& kernel) const {
    return on_bench && lacks.empty() && kernel.lacks.empty();
  }
};

// A board as its bench has it, which `lab` says. The virtual bench needs none.
Result<Board> board_on_bench(const Board& board, const std::filesystem::path& lab);

// Under the loads `loads`, which are the suite's own. `board` is as its file has it, and `on_bench` what
// board_on_bench() says of it.
SuiteOnBoard suite_on_board(const Suite& suite, const std::vector<Load>& loads, const Board& board,
                            const Result<Board>& on_bench, const std::vector<Kernel>& kernels);

// "    kernel mine needs ...\n      -> build it\n"
std::string reason_text(const Error& reason);

// A line for each board, of one suite: "qemu-virt-arm64  generic, preempt-rt", and below it each reason, with
// what to do about it, but for what its bench lacks, which is the same for all suites.
std::string suite_on_boards_text(const std::vector<SuiteOnBoard>& of_suite);

}  // namespace loopgate
