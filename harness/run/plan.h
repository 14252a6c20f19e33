// What a run will do, worked out from files alone: which cells, in which order, each with its schedule's
// seed. Pure and printable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/catalog.h"
#include "config/lab.h"
#include "record/run_record.h"
#include "schedule/pulse_train.h"

namespace loopgate {

// What the user asked for; empty or 0 means the suite's own.
struct PlanRequest {
  std::string suite;
  std::string board;
  std::vector<std::string> kernels;
  std::vector<std::string> loads;
  std::vector<std::string> programs;  // of a suite whose programs measure by themselves; empty: all
  int samples = 0;
  int repeat = 0;      // replicates, each with all the samples; 0: as the suite spreads them
  int repetition = 0;  // only this one; 0: all
  std::uint64_t seed = 1;
  int null_change = 0;                        // run/null_change.h; 0: none
  std::string probe = {};                     // run/probe.h; empty: none
  std::string shard = {};                     // run/shard.h; empty: the whole
  std::vector<std::string> own_folders = {};  // config/own_folders.h, in which names are looked up, too
  std::string inputs = {};                    // run/locked_inputs.h; empty: what the cache has, or the newest
  std::filesystem::path lab = "lab.toml";     // where a board that is reached over SSH is looked up
};

// What a plan is made of, whether read from files or made up, as the next step of a bisection is.
struct PlanParts {
  Suite suite;
  std::vector<std::string> programs_left_out;
  Board board;   // as its bench has it
  LabBoard lab;  // of an SSH board
  std::vector<Kernel> kernels;
  std::vector<Load> loads;
  int samples = 0;     // 0: the suite's own
  int repeat = 0;      // replicates, each with all the samples; 0: as the suite spreads them
  int repetition = 0;  // only this one; 0: all
  std::uint64_t seed = 1;
  int null_change = 0;     // run/null_change.h; 0: none
  std::string probe = {};  // run/probe.h; empty: none
  std::string shard = {};  // run/shard.h; empty: the whole
};

struct Cell {
  std::string name;        // KERNEL.LOAD, and KERNEL.LOAD.N from the second repetition on
  std::size_t kernel = 0;  // index in the plan
  std::size_t load = 0;
  int repetition = 1;  // which replicate
  std::uint64_t seed = 0;
};

struct Plan {
  Suite suite;
  std::vector<std::string> programs_left_out;  // the suite's others, by --program
  Board board;                                 // as its bench has it
  LabBoard lab;                                // of an SSH board
  std::vector<Kernel> kernels;
  std::vector<Load> loads;
  std::vector<Cell> cells;
  std::uint64_t seed = 1;
  int samples = 0;                  // of each cell
  int repeat = 1;                   // replicates of each kernel under each load
  int repetition = 0;               // only this one of them; 0: all
  int null_change = 0;              // run/null_change.h; 0: none
  std::string probe = {};           // run/probe.h; empty: none
  std::string inputs = {};          // run/locked_inputs.h; empty: what the cache has, or the newest
  std::optional<Shard> shard = {};  // of it, which this machine measures; nothing: the whole
};

// Refuses what is unknown, given twice, or needs what the board does not provide.
//
// On virtual time the cells stand by load, as people read them. A board boots for each kernel and repetition
// instead, and all loads are measured in that boot; the repetitions are interleaved (A, B, A, B), so that
// what changes slowly, such as a room's temperature, meets every kernel alike.
Result<Plan> make_plan(PlanParts parts);

// The same of what the request names, read from its files.
Result<Plan> make_plan(const PlanRequest& request, const Catalog& catalog);
Result<PlanParts> read_parts(const PlanRequest& request, const Catalog& catalog);
// Of a suite that has no file; the request's name of one is not looked at.
Result<PlanParts> read_parts(Suite suite, const PlanRequest& request, const Catalog& catalog);

// Which boot of the board a cell is measured in: equal for the cells that share one.
std::string boot_of(const Plan& plan, const Cell& cell);

// The schedule of a cell. Equal repetitions of different kernels and loads share it, so that kernels are
// compared on equal stimuli.
PulseSettings pulses_of(const Plan& plan, const Cell& cell);

}  // namespace loopgate
