// What is exported: the samples of a run, or the histograms of what was imported and of programs that
// measured by themselves, by kernel and load.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/latency_histogram.h"
#include "base/result.h"
#include "capture/bounds_run.h"
#include "capture/export_run.h"
#include "stats/comparison.h"

namespace loopgate {

// What becomes a thread of cyclictest, or rows of the CSV: a cell's samples, or a histogram.
struct ExportedPart {
  std::string name;
  std::shared_ptr<const Latencies> latencies = {};  // of single samples; else
  const LatencyHistogram* bins = nullptr;
  std::uint64_t missed = 0;  // with any latency, at the most
  std::string program = {};  // that measured this of itself; empty where an instrument did
};

// A kernel under a load.
struct ExportedGroup {
  const GroupEvidence* evidence = nullptr;
  std::vector<ExportedPart> parts;
  std::vector<std::string> without_histogram = {};  // what programs said that have none, in one sentence each
};

// What is to be exported, and who measured it.
struct ExportSource {
  Comparison comparison;
  std::optional<BoundsRun> bounds;
  std::string measured_by;
  std::string only_cell;  // of a file of samples
  std::vector<ExportedGroup> groups;
};

// Of the kernel and the load that are asked for, or of all. Errors as export_run() has them.
Result<ExportSource> read_export_source(const ExportRequest& request);

// "generic x mixed, preempt-rt x mixed"
std::string groups_text(const std::vector<ExportedGroup>& groups);

// Where the last bin ends, in ns.
std::int64_t end_of(const LatencyHistogram& bins);

// What was measured under a load, and what programs measured beside it or in its place; of one cell the
// samples alone.
ExportedGroup group_to_export(const GroupEvidence& group, const std::string& only_cell);

// Cells that were not measured, and programs that keep no histogram, are no part of what is exported.
void add_left_out(const ExportedGroup& group, std::vector<std::string>* lost);

}  // namespace loopgate
