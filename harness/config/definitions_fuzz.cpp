// libFuzzer: whatever a suite's, a load's or a kernel's file holds, it is refused in one sentence, or all of
// it is in range.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "config/kernel.h"
#include "config/load.h"
#include "config/suite.h"

namespace {

using namespace loopgate;

template <class Definition>
void check_refused(const Result<Definition>& read) {
  if (!read && (read.error().kind != ErrorKind::usage || read.error().what.empty())) std::abort();
}

void check(const ProgramsWork& work) {
  if (work.programs.empty() || work.replicates < 1) std::abort();
  for (const SuiteProgram& program : work.programs)
    if (program.name.empty() || program.adapter == nullptr || program.timeout_s < 1) std::abort();
}

void check(const Suite& suite) {
  if (const ProgramsWork* programs = programs_of(suite.work)) return check(*programs);
  const StimulusSchedule& schedule = schedule_of(suite.work);
  if (schedule.samples < 1 || schedule.warm_up < 0 || schedule.self_checks < 0) std::abort();
  if (schedule.interval_min_ns < 0 || schedule.interval_max_ns < schedule.interval_min_ns) std::abort();
  if (payload_of(suite.work).command.empty()) std::abort();
}

void check(const Load& load) {
  if (load.settle_ms < 0 || !std::isfinite(load.storm.per_second) || load.storm.per_second < 0) std::abort();
  for (const LoadPart& part : load.parts) {
    if (part.name.empty() || part.program == nullptr || part.min_processes < 1) std::abort();
    for (const auto& [metric, rate] : part.min_per_second)
      if (metric.empty() || !std::isfinite(rate) || rate < 0) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto suite = parse_suite(text, "fuzz/suite.toml");
  check_refused(suite);
  if (suite) check(*suite);
  const auto load = parse_load(text, "fuzz.toml");
  check_refused(load);
  if (load) check(*load);
  const auto kernel = parse_kernel(text, "fuzz.toml");
  check_refused(kernel);
  if (kernel && kernel->sha256.size() != 64) std::abort();
  return 0;
}
