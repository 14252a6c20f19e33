// cells/CELL/outcome.json: how a cell ended. Its presence means that the cell is finished. It is written once
// and never changed; what is found out later stands in amendments.jsonl (record/amendments.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_base.h"
#include "record/artifacts.h"
#include "record/lost_edges.h"
#include "record/measured_from.h"
#include "record/payload_work.h"
#include "record/unconfirmed_argument.h"

namespace loopgate {

enum class OutcomeKind {
  measured,
  kernel_failed,  // the kernel's fault: FAIL
  invalid,        // the load's, the payload's, the instrument's or the bench's: INVALID
};

const char* name_of(OutcomeKind kind);

// A stimulus that the instrument answered itself after a known delay.
struct SelfCheck {
  std::int64_t known_ns = 0;
  std::int64_t measured_ns = -1;  // -1: no answer
  bool operator==(const SelfCheck&) const = default;
};

struct Outcome {
  std::string cell;
  std::string suite;
  std::string board;
  std::string kernel;
  std::string load;
  std::int64_t repetition = 1;
  TimeBase time_base = TimeBase::virtual_time;
  MeasuredFrom measured_from;  // of what is written, write_outcome() fills it in

  OutcomeKind kind = OutcomeKind::invalid;
  std::string reason;  // one sentence; empty when measured
  std::string next_step;
  std::map<std::string, std::string> artifacts;  // sha256 by the artifact's name
  std::uint64_t records = 0;                     // in samples.lgs
  bool self_check_passed = false;
  std::vector<SelfCheck> self_checks;
  // Of a latency on a board, in the median: what the jumper and the interrupts of both ends take.
  std::optional<std::int64_t> jumper_overhead_ns;
  // On a virtual board with several CPUs, which take turns: the longest turn of one of them, virtual. Each
  // other CPU that a path needs adds so much at the most.
  std::optional<std::int64_t> longest_turn_ns;
  bool verified_determinism = false;  // measured twice, with equal samples
  std::uint64_t spurious_responses = 0;
  std::optional<LostEdges> lost_edges;  // where stimuli never came to the payload
  std::optional<PayloadWork> work;      // where the payload decides, and says it
  // Of image, modules, arguments in effect and tuning: kernels of one digest are the same. Empty where it is
  // not known.
  std::string kernel_in_effect_sha256;
  std::vector<UnconfirmedArgument> unconfirmed_arguments;  // of the kernel's file, in its order
  // What was seen from a saved state, which a fresh boot took the place of before the cell was measured.
  std::string discarded_state;
  double boot_s = 0;  // of the host's time
  double to_first_stimulus_s = 0;
  double total_s = 0;

  // The digest of an artifact; empty when the cell left none.
  std::string sha256_of(const Artifact& artifact) const;
};

std::string to_json(const Outcome& outcome);

// A data error names the file and the key. `name` stands for the file.
Result<Outcome> parse_outcome(std::string_view text, const std::string& name);

// The same of a text without its seal (record/seal.h), such as an example.
Result<Outcome> parse_unsealed_outcome(std::string_view text, const std::string& name);

// Whether the cell is finished.
bool has_outcome(const std::filesystem::path& cell_folder);
// In a cell's folder: the files of a second run that was not equal (--verify-determinism, shards).
inline constexpr const char* second_run_folder = "again";

// The outcome as it stands today, which is with its amendments. A data error that names the field and both
// values where it is not of this cell of this run, or contradicts itself: there is no other way to read one.
Result<Outcome> read_outcome(const std::filesystem::path& cell_folder, const RunRecord& run,
                             const DescribedCell& cell);

// Binds it to the run and its cell, and to the files in the cell's folder that no judge has hashed, which are
// finished by now. Refuses to replace one that is there.
Status write_outcome(const std::filesystem::path& cell_folder, Outcome outcome, const RunRecord& run,
                     const DescribedCell& cell);

}  // namespace loopgate
