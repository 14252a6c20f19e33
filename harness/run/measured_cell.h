// A cell that was measured, found in its run directory, and whether today's bench can make its run again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/programs_file.h"
#include "record/run_record.h"
#include "record/samples_file.h"
#include "run/plan.h"

namespace loopgate {

// Who measured: the instrument its samples, or programs by themselves.
enum class MeasuredBy { instrument, programs };

// What a run is made again for. To explain it, all that could make another run of it must be equal; to record
// what the kernel does, it must have one CPU besides. Compared, the samples say by themselves whether it
// repeats: another QEMU may, and the user's own files may be gone.
enum class Again { to_explain, on_one_cpu, to_compare };

struct MeasuredCell {
  std::string name;
  std::filesystem::path folder;
  MeasuredBy by = MeasuredBy::instrument;
  std::string evidence_sha256;
  std::string why_invalid;     // the outcome's reason, where the cell was not measured soundly; else empty
  std::string samples_sha256;  // of the instrument's
  SampleFile samples;
  std::string programs_sha256;  // of programs.json
  std::vector<ProgramRecord> programs;
  PlanRequest request;  // its kernel and load alone
  int repetition = 1;
  RunRecord run;
};

// A usage error where the cell is INVALID, or its kernel failed: such samples show nothing of a kernel.
Status check_sound(const MeasuredCell& cell);

// Refuses a run in wall-clock time, one in which somebody else measured, an unknown cell, one that was not
// measured, and altered samples or programs' files. Of programs, an INVALID cell as well: what they left is
// not believed.
// To compare, files of the user's own that are gone or have changed are written from run.json's texts into
// the cell's folder; refused are those that read further files, which no run holds, by name and digest.
Result<MeasuredCell> find_measured_cell(const std::filesystem::path& run, const std::string& cell,
                                        MeasuredBy by = MeasuredBy::instrument,
                                        Again again = Again::to_explain);

// `now`: describe_run() of the same request on this bench. A usage error names what differs, with both
// values: another QEMU, kernel, program or suite would make another run.
Status check_repeatable(const RunRecord& measured, const RunRecord& now, Again again = Again::to_explain);

// A usage error where the run's virtual board has several CPUs: a bound takes what waits for what on one CPU
// alone, and the instructions of a program's path are counted there.
Status check_one_cpu(const RunRecord& run);

// Where a run that can't be made again here is.
const char* next_step_of(Again again);

// By falling latency, and by index where equal. Fewer where fewer were answered.
std::vector<std::uint32_t> worst_samples(const SampleFile& samples, std::size_t count);

// The sample at the median (nearest rank) of the counted and answered ones. `samples` has at least one.
std::uint32_t median_sample(const SampleFile& samples);

// A usage error where the sample has no latency: it does not exist, is no counted one, or was not answered.
Status check_explainable(const SampleFile& samples, std::uint32_t sample);

}  // namespace loopgate
