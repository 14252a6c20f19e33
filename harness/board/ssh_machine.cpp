#include "board/ssh_machine.h"

#include "board/board_session.h"

namespace loopgate {

SshMachine::SshMachine(const Board& board, const LabBoard& lab, SshMachineOptions options)
    : session_(std::make_unique<BoardSession>(board, lab, std::move(options))) {}

SshMachine::~SshMachine() {
  if (used_) (void)finish();
}

Result<MachineRun> SshMachine::run(const CellRequest& order, const ProgressListener& observe) {
  const std::lock_guard guard(mutex_);
  used_ = true;
  return session_->run(order, observe);
}

std::vector<std::vector<std::string>> SshMachine::commands(const CellRequest& order) const {
  return session_->commands(order);
}

MachineRecord SshMachine::describe() const { return session_->describe(); }

Status SshMachine::finish() {
  const std::lock_guard guard(mutex_);
  used_ = false;
  return session_->finish();
}

Result<std::string> SshMachine::ask(const std::string& script) {
  const std::lock_guard guard(mutex_);
  return session_->ask(script);
}

}  // namespace loopgate
