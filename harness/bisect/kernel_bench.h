// Measures one kernel of a bisection after the other, each as a run of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "bisect/judged_step.h"
#include "config/catalog.h"
#include "gate/evaluate.h"
#include "gate/policy.h"
#include "run/measure_plan.h"

namespace loopgate {

// Every kernel of a bisection is called so: in its runs, and in the rules of a policy that are not of "*".
inline constexpr const char* candidate_name = "candidate";

struct BenchSetup {
  PlanRequest plan;  // without kernels
  Policy policy;
  RunOptions options;
  LoopgateVersion loopgate;
};

// A kernel that has its image, but was not booted.
struct PreparedKernel {
  Session session;
  PlanRequest asked;
  std::filesystem::path folder;
  std::string kernel_sha256;  // kernels of one digest need not be measured twice; empty: not known
};

class KernelBench {
 public:
  // `catalog` and the hooks must outlive it. `terminal`: progress may be rewritten in place.
  KernelBench(BenchSetup setup, const Catalog& catalog, MeasureHooks hooks, bool terminal)
      : setup_(std::move(setup)), catalog_(catalog), hooks_(std::move(hooks)), terminal_(terminal) {}

  const BenchSetup& setup() const { return setup_; }
  const Catalog& catalog() const { return catalog_; }
  void notify(const std::string& line) const {
    if (hooks_.notify) hooks_.notify(line);
  }

  // Writes `folder`/candidate.toml, and candidate.config with the options where `fragment` has some: in place
  // of the fragments of a kernel that is built. Fetches or builds what it names. A usage error where the
  // kernel's file or its sources are at fault, so that there is no such kernel.
  Result<PreparedKernel> prepare(Kernel kernel, const std::filesystem::path& folder, int null_change = 0,
                                 const std::string& fragment = {}) const;

  // `folder`/run; what is finished of it is kept. No error of it is the kernel's.
  Result<Comparison> measure(PreparedKernel* prepared) const;

  // The policy's verdict of a run, which is measured where it is not yet. `baseline`: the good end's.
  // A cell that is INVALID is measured once more, and where it is for another reason then, or not any more,
  // the bench is at fault: an infrastructure error.
  Result<JudgedStep> judge(PreparedKernel* prepared, const Comparison& baseline, bool failing_is_bad) const;

 private:
  Result<Verdict> verdict_of(const Comparison& measured, const Comparison& baseline) const;

  BenchSetup setup_;
  const Catalog& catalog_;
  MeasureHooks hooks_;
  bool terminal_;
};

}  // namespace loopgate
