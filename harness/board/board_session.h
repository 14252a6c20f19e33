// What is known of a board from one cell to the next: the connection, the kernel that runs, and what lies
// there.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "board/agent_run.h"
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

  Result<MachineRun> run(const CellRequest& order, const ProgressListener& observe);
  Status finish();
  Result<std::string> ask(const std::string& script);
  std::vector<std::vector<std::string>> commands(const CellRequest& order) const;
  MachineRecord describe() const;

 private:
  Result<MachineRun> measure(const CellRequest& order, const ProgressListener& observe);
  Status bring_up(const CellRequest& order, const ProgressListener& observe, MachineRun* run);
  Status watch(CellPhase moment, const CellRequest& order);
  Status fetch(const CellRequest& order, MachineRun* run);
  Error whose_fault(const Error& error);
  bool lost_its_console() const { return console_ && console_->losses() != console_losses_; }

  Board board_;
  LabBoard lab_;
  SshMachineOptions options_;
  BoardLink link_;
  Deployment deployment_;
  BoardFolder folder_;
  std::unique_ptr<ConsoleLog> console_;
  std::string boot_;             // whose boot the board is on, as CellRequest::boot has it; empty: nobody's
  RunningKernel kernel_;         // of that boot
  unsigned console_losses_ = 0;  // when that boot was up
  bool ran_ = false;             // an agent was started on that boot
  bool spoiled_ = false;         // something of a cell may still run there: only a restart is sure to end it
};

}  // namespace loopgate
