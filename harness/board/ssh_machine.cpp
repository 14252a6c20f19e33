#include "board/ssh_machine.h"

#include "board/board_session.h"

namespace loopgate {

SshMachine::SshMachine(const Board& board, const LabBoard& lab, SshMachineOptions options)
    : session_(std::make_unique<BoardSession>(board, lab, std::move(options))) {}

SshMachine::~SshMachine() {
  if (used_) (void)finish();
}

Result<MachineRun> SshMachine::run(const CellRequest& request, const ProgressListener& on_progress) {
  const std::lock_guard guard(mutex_);
  used_ = true;
  return session_->run(request, on_progress);
}

std::vector<std::vector<std::string>> SshMachine::commands(const CellRequest& request) const {
  return session_->commands(request);
}

MachineRecord SshMachine::describe() const { return session_->describe(); }

Status SshMachine::finish() {
  const std::lock_guard guard(mutex_);
  used_ = false;
  return session_->finish();
}

Result<std::string> SshMachine::run_script(const std::string& script) {
  const std::lock_guard guard(mutex_);
  return session_->run_script(script);
}

}  // namespace loopgate
