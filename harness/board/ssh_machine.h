// A board reached over SSH: boots each candidate once, measures on it in wall-clock time, and leaves the
// board on its known-good kernel.
//
// Rules for callers:
// - Cells of one kernel and replicate share a boot, named by `CellRequest::boot`, and must be consecutive.
// - A request without a kernel is for the known-good kernel: the one that the board boots by itself.
// - A candidate needs `KernelFiles::initramfs`: KernelProvider makes it.
// - Call finish() however the run ends: it returns the board to its known-good kernel and removes what was
//   installed. The destructor does it otherwise. Its error means that the board did not come back.
// - Calls do not run in parallel: run() waits for the one before it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "board/run_script.h"
#include "config/board.h"
#include "config/lab.h"
#include "machine/machine.h"

namespace loopgate {

class BoardSession;  // board/board_session.h: what is known of the board between two cells

// Called around each cell, to read the board's clock source, governor and temperature.
enum class CellPhase { before, during, after };
using CellHooks =
    std::function<Status(CellPhase phase, const CellRequest& request, const RunScript& run_script)>;

struct SshMachineOptions {
  Notify notify;                           // progress in words: booting, returning to the known-good kernel
  CellHooks hooks;                         // may be empty. A failure before or after makes the cell INVALID
  std::chrono::seconds hook_interval{10};  // while measuring
};

class SshMachine : public Machine {
 public:
  // `board` is an SshBoard.
  SshMachine(const Board& board, const LabBoard& lab, SshMachineOptions options);
  ~SshMachine() override;

  // In addition to Machine's files: stamps.lst, where the instrument left one; console.log, where the lab has
  // a console. Errors: `kernel` when the candidate did not boot, panicked, hung or restarted by itself;
  // `infrastructure` when the connection was lost and the board is on the same boot, or the cause is unknown.
  Result<MachineRun> run(const CellRequest& request, const ProgressListener& on_progress) override;

  // The ssh commands and power switches that run() would start.
  std::vector<std::vector<std::string>> commands(const CellRequest& request) const override;

  MachineRecord describe() const override;

  Status finish() override;

  // Runs a script on whichever kernel the board runs, outside of run(): for doctor, audit and the
  // environment.
  Result<std::string> run_script(const std::string& script);

 private:
  std::mutex mutex_;
  std::unique_ptr<BoardSession> session_;
  bool used_ = false;  // the board may be on another kernel than at the start
};

}  // namespace loopgate
