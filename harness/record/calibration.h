// calibration.json: how often a policy errs, as `loopgate calibrate` measured it: by null changes, which it
// should not fail, and by regressions that were planted in them, which it should. The gate reads it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_base.h"
#include "record/run_record.h"

namespace loopgate {

// How many of all were seen, and exact bounds of the share, each at the calibration's confidence by itself.
struct BoundedShare {
  std::uint64_t seen = 0;
  std::uint64_t of = 0;
  double low = 0;
  double high = 1;
};

// What the whole policy said of runs without a regression.
struct VerdictRates {
  std::uint64_t count = 0;
  std::string refers_to;  // of what the bounds speak: "all ways to draw two runs from these 64 replicates"
  BoundedShare pass, inconclusive, fail, invalid;
};

// How often the policy said FAIL because of a kernel x load that a regression was planted in.
struct FoundRegression {
  std::string plant;  // as in planted_regressions
  std::string kernel;
  std::string load;
  std::int64_t added_ns = 0;  // to a stimulus, where that is the same for each; else the most
  BoundedShare found;
};

// How often the policy said FAIL because of a kernel x load in which nothing was worse.
struct FalseAlarms {
  std::string kernel;
  std::string load;
  BoundedShare seen;
};

// Whether null changes move a figure by more than replicates of one variant differ: Kruskal and Wallis' test
// over the variants, p by permutation.
struct VariantTest {
  std::string kernel;
  std::string load;
  std::string quantity;  // as in variant_quantities
  double statistic = 0;
  double p = 1;
};

struct CalibratedKernel {
  std::string name;
  std::string sha256;  // of its file
  std::string image_sha256;
};

struct CalibratedPolicy {
  std::string file;  // its name without folders
  std::string sha256;
  std::string title;
};

struct Calibration {
  CalibratedPolicy policy;
  NamedInput suite;
  NamedInput board;
  TimeBase time_base = TimeBase::virtual_time;
  std::vector<NamedInput> loads;
  std::vector<CalibratedKernel> kernels;
  Provenance made_with;  // but for its payload files
  std::uint64_t variants = 0;
  std::uint64_t replicates = 0;        // of a kernel x load in a variant
  std::uint64_t drawn_replicates = 0;  // of it in a drawn run: the rates are of runs of so many
  std::uint64_t samples = 0;           // counted stimuli of a replicate
  std::uint64_t seed = 0;
  double confidence = 0.95;               // of each bound
  VerdictRates draws;                     // of runs and baselines drawn from all replicates
  VerdictRates pairs;                     // of whole variants, in order
  std::vector<FalseAlarms> false_alarms;  // in the draws; empty in files older than these
  std::vector<FoundRegression> found;
  std::vector<std::string>
      not_judged;  // "generic x mixed": measured, and no rule of the policy is of its latency
  std::vector<VariantTest> tests;
  std::uint64_t permutations = 0;

  std::uint64_t pooled() const { return variants * replicates; }
};

// A planted regression: the word for it in files, and what people read.
struct PlantedRegression {
  const char* key;
  const char* label;
  const char* phrase;  // what a sentence calls it
};

inline constexpr PlantedRegression planted_regressions[] = {
    {"p50_up_2_percent", "+2 % of p50, on every stimulus", "+2 % of p50"},
    {"slowest_up_10_percent", "+10 % of p99: the slowest 2 % take 10 % longer",
     "+10 % of p99 (the slowest 2 %)"},
    {"delayed_2_percent", "+10 % of p99: a random 2 % are delayed", "+10 % of p99 (a random 2 %)"},
    {"event_of_150_us", "150 us in 1 of 2,000 stimuli", "150 us in 1 of 2,000 stimuli"},
    {"interrupts_off_50_us", "interrupts off for 50 us every 10 ms", "interrupts off for 50 us every 10 ms"},
};

inline constexpr const char* variant_quantities[] = {"p50", "mean_of_slowest_1_percent"};

// Null for another key.
const PlantedRegression* find_regression(std::string_view key);

std::string to_json(const Calibration& calibration);

// A data error where the text is damaged, of another format, or contradicts itself (verdicts that do not add
// up, a bound on the wrong side of what was seen). `name` stands for the file.
Result<Calibration> parse_calibration(std::string_view text, const std::string& name);

inline constexpr const char* calibration_file = "calibration.json";
inline constexpr const char* variants_folder = "variants";  // beside it: a run's folder for each

// Of a calibration's folder, or of the file itself. A usage error where there is none.
Result<Calibration> read_calibration(const std::filesystem::path& path);

}  // namespace loopgate
