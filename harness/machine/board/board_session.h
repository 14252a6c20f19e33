// What is known of a board from one cell to the next: the connection, the kernel that runs, and what lies
// there.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/board.h"
#include "machine/board/agent_run.h"
#include "machine/board/board_folder.h"
#include "machine/board/board_link.h"
#include "machine/board/console_log.h"
#include "machine/board/deployment.h"
#include "machine/ssh_machine.h"

namespace loopgate {

class BoardSession {
 public:
  BoardSession(const Board& board, const LabBoard& lab, SshMachineOptions options);

  Result<MachineRun> run(const CellOrder& order, const Observer& observe);
  Status finish();
  Result<std::string> ask(const std::string& script);
  std::vector<std::vector<std::string>> commands(const CellOrder& order) const;

 private:
  Result<MachineRun> measure(const CellOrder& order, const Observer& observe);
  Status bring_up(const CellOrder& order, const Observer& observe, MachineRun* run);
  Status watch(Moment moment, const CellOrder& order);
  Status fetch(const CellOrder& order, MachineRun* run);
  Error whose_fault(const Error& error);
  bool lost_its_console() const { return console_ && console_->losses() != console_losses_; }

  Board board_;
  LabBoard lab_;
  SshMachineOptions options_;
  BoardLink link_;
  Deployment deployment_;
  BoardFolder folder_;
  std::unique_ptr<ConsoleLog> console_;
  std::string boot_;             // whose boot the board is on, as CellOrder::boot has it; empty: nobody's
  RunningKernel kernel_;         // of that boot
  unsigned console_losses_ = 0;  // when that boot was up
  bool ran_ = false;             // an agent was started on that boot
  bool spoiled_ = false;         // something of a cell may still run there: only a restart is sure to end it
};

}  // namespace loopgate
