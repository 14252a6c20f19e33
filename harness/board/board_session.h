// The state of a board from one cell to the next: the connection, the running kernel and the files on it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "board/agent_run.h"
#include "board/board_claim.h"
#include "board/board_folder.h"
#include "board/board_link.h"
#include "board/console_log.h"
#include "board/deployment.h"
#include "board/ssh_machine.h"
#include "config/board.h"

namespace loopgate {

class BoardSession {
 public:
  BoardSession(const Board& board, const LabBoard& lab, SshMachineOptions options);

  Result<MachineRun> run(const CellRequest& request, const ProgressListener& on_progress);
  Status finish();
  Result<std::string> run_script(const std::string& script);
  std::vector<std::vector<std::string>> commands(const CellRequest& request) const;
  MachineRecord describe() const;

 private:
  Status claim();
  Result<MachineRun> measure(const CellRequest& request, const ProgressListener& on_progress);
  Status bring_up(const CellRequest& request, const ProgressListener& on_progress, MachineRun* run);
  Status watch(CellPhase phase, const CellRequest& request);
  Status fetch(const CellRequest& request, MachineRun* run);
  Error classify_failure(const Error& error);
  bool console_disconnected() const { return console_ && console_->disconnects() != console_disconnects_; }

  Board board_;
  LabBoard lab_;
  SshMachineOptions options_;
  std::optional<BoardClaim> claim_;  // from the first use to finish()
  BoardLink link_;
  Deployment deployment_;
  BoardFolder folder_;
  std::unique_ptr<ConsoleLog> console_;
  std::string boot_;                  // the CellRequest::boot that the board is on; empty: none
  RunningKernel kernel_;              // of that boot
  unsigned console_disconnects_ = 0;  // when that boot was up
  bool ran_ = false;                  // an agent was started on that boot
  bool needs_reboot_ = false;  // a cell's processes may still run there: only a restart ends them for sure
  bool method_checked_ = false;
};

}  // namespace loopgate
