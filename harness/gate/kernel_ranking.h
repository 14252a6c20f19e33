// The one meeting of a board's figures with the virtual bench's: is the kernel that is faster there the one
// that is faster here? The figures themselves can't be compared, their order can. It is reported and changes
// no verdict. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"

namespace loopgate {

struct RankedKernel {
  std::string kernel;
  double ns =
      0;  // the pooled figure in virtual time; on the board that of the boot (replicate) in the middle
};

struct SwappedPair {
  std::string faster_virtual;
  std::string faster_on_board;
  bool beyond_chance = false;  // the board's boots are enough to tell the two kernels apart
};

struct LoadRanking {
  std::string load;
  std::string quantity;                       // "p99_9", "max"
  std::vector<RankedKernel> in_virtual_time;  // the fastest first
  std::vector<RankedKernel> on_board;
  std::vector<SwappedPair> swapped;  // none: the orders agree; equal figures agree with either order
};

struct LeftOut {
  std::string kernel;
  std::string load;
  std::string why;
};

struct KernelRanking {
  std::string virtual_run;  // where it was read from
  std::string virtual_board;
  std::vector<LoadRanking> orders;
  std::vector<LeftOut> left_out;
};

// A usage error when `board` is not of wall-clock time, `bench` not of virtual time, or they are of different
// suites. What either has not measured whole is left out, and said; with no two kernels left there is no
// order, which is no error: the verdict must not be lost with it.
Result<KernelRanking> rank_kernels(const Comparison& board, const Comparison& bench,
                                   const std::string& bench_name, double confidence);

inline constexpr const char* nothing_to_rank =
    "no two kernels under one load that both runs have measured whole";

// "agrees", or "DISAGREES: rt is faster than generic in virtual time, and slower on the board".
std::string agreement_text(const LoadRanking& order);

// A line for each load and quantity, for a terminal.
std::string ranking_text(const KernelRanking& order);

}  // namespace loopgate
