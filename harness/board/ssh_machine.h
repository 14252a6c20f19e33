// A board that is reached over SSH: boots each candidate once, measures on it in wall-clock time, and leaves
// the board on its known-good kernel. Every piece of it stands in board/.
//
// Who uses it:
// - Cells of one kernel and repetition share a boot: `CellRequest::boot` says which; they must follow each
//   other.
// - A request without a kernel is for the known-good one, which the board boots by itself.
// - A candidate needs `KernelFiles::initramfs`: KernelProvider makes it.
// - finish() takes the board back and removes what was installed; it is to be called however the run ends,
//   and the destructor does it when nobody did. Its error means that the board did not come back.
// - Nothing here runs in parallel: run() waits for the one before it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "config/board.h"
#include "config/lab.h"
#include "machine/machine.h"

namespace loopgate {

class BoardSession;  // board/board_session.h: what is known of the board between two cells

// Runs a sh script on the board and gives its output; fails when it can't be run or does not exit with 0.
using RunScript = std::function<Result<std::string>(const std::string& script)>;

// What looks at the board around each cell: its clock source, governor, temperature.
enum class CellPhase { before, during, after };
using CellHooks = std::function<Status(CellPhase moment, const CellRequest& order, const RunScript& ask)>;

struct SshMachineOptions {
  Notify tell;                           // a line for a person: the board boots, the board is taken back
  CellHooks watch;                       // may be empty. A failure before or after makes the cell INVALID
  std::chrono::seconds watch_every{10};  // while measuring
};

class SshMachine : public Machine {
 public:
  // `board` is an SshBoard.
  SshMachine(const Board& board, const LabBoard& lab, SshMachineOptions options);
  ~SshMachine() override;

  // Beside what Machine promises: stamps.lst, where the instrument left one; console.log, where the lab has
  // a console. Errors: `kernel` when the candidate did not boot, panicked, hung or restarted by itself;
  // `infrastructure` when the connection was lost and the board is on the same boot, or nobody can tell.
  Result<MachineRun> run(const CellRequest& order, const ProgressListener& observe) override;

  // The ssh commands and power switches that run() would start.
  std::vector<std::vector<std::string>> commands(const CellRequest& order) const override;

  MachineRecord describe() const override;

  Status finish() override;

  // A script on whatever kernel the board runs, outside of run(): for doctor, audit and the environment.
  Result<std::string> ask(const std::string& script);

 private:
  std::mutex mutex_;
  std::unique_ptr<BoardSession> session_;
  bool used_ = false;  // the board may be on another kernel than it was found with
};

}  // namespace loopgate
