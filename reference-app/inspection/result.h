// The result that the program prints when it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspection/loop.h"
#include "inspection/model_swapper.h"
#include "inspection/real_time.h"
#include "inspection/thread_use.h"

namespace loopgate::inspection {

// Bytes that each stage reads and writes for a frame, computed from sizes and not measured by a counter.
struct ComputedBytes {
  std::uint64_t capture = 0;
  std::uint64_t preprocess = 0;
  std::uint64_t hand_over = 0;
  std::uint64_t network = 0;
};

// Of the thread that prepares the parts, where there is one.
struct PreparingUse {
  ThreadUse use;
  std::optional<int> cpu;  // the only one that it may run on
  bool shares_cpu = false;
};

struct ModelName {
  std::string file;
  std::string name;
  std::string version;
  std::string sha256;
};

struct RunResult {
  LoopCounts counts;
  std::uint64_t incomplete_scenes = 0;
  std::uint64_t records_not_stored = 0;
  ThreadUse use;  // of the loop's thread
  std::optional<PreparingUse> preparing;
  ComputedBytes bytes;
  std::uint64_t peak_memory_kib = 0;
  std::string engine;
  ModelName model;       // the one in use at the end
  std::string degraded;  // why the run is degraded; empty: it is not
  ReadBack scheduling;
  std::uint64_t warm_up = 0;
  Durations engine_alone;
  std::vector<SwapResult> swaps;
};

// One line of JSON, without the line end.
std::string to_json(const RunResult& result);

}  // namespace loopgate::inspection
