// run.json, as far as statistics and the gate need it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time_base.h"

namespace loopgate {

// How the decision's frames lie in time.
struct SceneShape {
  std::uint32_t frames = 1;
  std::int64_t frame_interval_ns = 0;
};

struct NamedInput {
  std::string name;
  std::string sha256;
};

struct DescribedCell {
  std::string name;
  std::string kernel;
  std::string load;
  std::int64_t repetition = 1;
  std::uint64_t seed = 0;
  std::string boot;  // of a board: which one it was measured in; empty when run.json does not say
};

// What a run was made with, beside its own files. Empty where a run does not say: an older one, or a board.
struct Provenance {
  std::string qemu;                                      // its version
  std::string programs_sha256;                           // agent, payloads and load programs
  std::optional<std::vector<NamedInput>> payload_files;  // by their keys
};

struct RunDescription {
  TimeBase time_base = TimeBase::virtual_time;
  NamedInput suite;
  NamedInput board;
  bool emulator = false;                     // of a board: its wall-clock figures are no hardware's
  std::optional<std::int64_t> icount_shift;  // nothing on a real board
  std::uint64_t samples = 0;                 // counted stimuli of a cell
  std::int64_t deadline_ns = 0;
  std::vector<std::int64_t> interval_ns;  // least and most
  std::optional<SceneShape> decisions;    // where the response carries one
  std::vector<std::string> kernels;
  std::vector<NamedInput> loads;
  std::vector<DescribedCell> cells;
  Provenance made_with;
};

// A data error when the file is missing, damaged, or contradicts itself (two cells of one name, a cell of a
// kernel or load that the run does not name, a cell's name that leads out of the run's folder, two
// repetitions in one boot).
Result<RunDescription> read_run_description(const std::filesystem::path& run_json);

// "virtual" or "wall"; nothing for another word.
std::optional<TimeBase> time_base_named(const std::string& name);

}  // namespace loopgate
