// A measured cell made again: the same saved state, job and schedule give the same samples, and programs that
// measure by themselves leave the same. For explaining
// it, and for whatever else wants to look at a run more closely than while it was measured.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file_lock.h"
#include "base/result.h"
#include "base/scratch_dir.h"
#include "machine/machine.h"
#include "record/run_record.h"
#include "run/measured_cell.h"
#include "run/session.h"

namespace loopgate {

// Where two files of samples part; empty where `again` has the digest of the measured one.
Result<std::string> difference_of_samples(const std::filesystem::path& measured,
                                          const std::string& measured_sha256,
                                          const std::filesystem::path& again);

class Replay {
 public:
  // A usage error where this bench can't make the run again: it was measured in wall-clock time, or with
  // another kernel, QEMU, suite or program. `version` is loopgate's own. Holds the cell's lock and a scratch
  // folder in it until destroyed. `stop` may be nothing: once it is true, a run ends with an infrastructure
  // error.
  static Result<Replay> open(const std::filesystem::path& run_folder, const std::string& cell_name,
                             const LoopgateVersion& version, const Notify& notify,
                             const std::atomic<bool>* stop = nullptr, MeasuredBy by = MeasuredBy::instrument,
                             Again again = Again::to_explain);

  const MeasuredCell& measured() const { return measured_; }
  // The QEMU and instrument of this bench.
  const MachineRecord& machine() const { return machine_record_; }
  const Board& board() const { return session_.plan.board; }

  // As the cell was measured, in the scratch folder. Change what is traced or asked for, and run that.
  const CellRequest& request() const { return request_; }
  Result<MachineRun> run(const CellRequest& request, const ProgressListener& on_progress);

  // Whether the run was what it was meant to be, as for a cell that is measured: kernel, load, payload and
  // instrument, by the files in the request's folder. A kernel error where the kernel failed, an
  // infrastructure error for all else.
  Status check_sound(const CellRequest& request, const MachineRun& run) const;

  // An infrastructure error where the run's samples, in the request's folder, are not those that were
  // measured, or its programs left other files: it says where they part.
  Status check_repeated(const CellRequest& request, const MachineRun& run) const;

  // Where they part; empty where they are equal to the byte.
  Result<std::string> difference(const CellRequest& request, const MachineRun& run) const;

 private:
  Result<std::string> difference_of_programs(const CellRequest& request, const MachineRun& run) const;

  Replay(FileLock lock, MeasuredCell measured, Session session, MachineRecord machine, CellRequest request,
         const Notify& notify);

  FileLock lock_;  // two replays of one cell would write over each other
  MeasuredCell measured_;
  Session session_;
  MachineRecord machine_record_;
  CellRequest request_;
  ScratchDir scratch_;
  std::unique_ptr<Machine> machine_;
};

}  // namespace loopgate
