// How a finished cell ended, and what its samples come to: outcome.json and the raw files beside it, held
// against what run.json planned.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/cell_files.h"
#include "record/outcome.h"
#include "record/run_record.h"
#include "stats/comparison.h"
#include "stats/program_evidence.h"
#include "stats/summary.h"

namespace loopgate {

// What is kept of a cell's raw files once they were read.
struct CellFigures {
  SampleHeader header;
  std::uint64_t records = 0;
  std::string samples_sha256;
  CellStatistics measured;
};

// By the cell's name: what this command has read already, so that no file is read twice.
using KnownFigures = std::map<std::string, CellFigures>;

// The raw files that a cell has, and how the frames of its decisions lie in time where it decides.
struct RawCell {
  const Loaded<SampleFile>& samples;
  const FramesFile* frames = nullptr;
  const StampsFile* stamps = nullptr;
  const ProbeFile* probe = nullptr;
  std::optional<SceneShape> decisions = {};
};

// A data error where the payload's own times do not fit what the instrument saw.
Result<CellFigures> figures_of(const std::string& cell, const RawCell& raw);

// Reads the files that the outcome, which is a measured one, has the digests of. A data error where they are
// damaged, altered, or not what was planned.
Result<CellFigures> read_cell_figures(const std::filesystem::path& cell_folder, const Outcome& outcome,
                                      const DescribedCell& cell, const RunRecord& run);

struct CellResult {
  std::optional<CellStatistics> measured;  // nothing: then `unmeasured` says why
  UnmeasuredCell unmeasured;
  std::string samples_sha256;
  std::string kernel_in_effect_sha256;  // empty where it is not known
  std::vector<UnconfirmedArgument> unconfirmed_arguments = {};
  std::optional<LostEdges> lost_edges = {};
  std::vector<ProgramReplicate> programs = {};  // that measured beside the payload, in the order of run.json
};

// What a cell is read against. A cell that comes from elsewhere, such as another shard, brings its own.
struct CellContext {
  const RunRecord& run;
  bool bench_trusted = true;  // record/bench_health.h
};

// The outcome of a cell that is measured; nothing, and `unmeasured` says why, of any other.
std::optional<Outcome> measured_outcome(const std::filesystem::path& cell_folder, const DescribedCell& cell,
                                        const CellContext& context, UnmeasuredCell* unmeasured);

// Takes the cell's figures from `known` where they are of the samples that the outcome names.
CellResult read_cell_result(const std::filesystem::path& cell_folder, const DescribedCell& cell,
                            const CellContext& context, KnownFigures* known = nullptr);

}  // namespace loopgate
