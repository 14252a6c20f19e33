// Brings a candidate kernel onto a board, boots it once, makes sure that it is the one that runs, and takes
// the board back to its known-good kernel. It is always the known-good kernel that installs and arms: a
// candidate is not trusted with the boot partition.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/notify.h"
#include "board/board_link.h"
#include "board/boot_once.h"
#include "board/console_log.h"
#include "board/power.h"
#include "config/board.h"
#include "kernel/kernel_files.h"

namespace loopgate {

class Deployment {
 public:
  // `link` must outlive it.
  Deployment(const Board& board, const LabBoard& lab, BoardLink* link, Notify tell);

  // What the console says meanwhile is evidence; null where there is none.
  void listen_to(ConsoleLog* console) { console_ = console; }

  // Boots the kernel anew, from the known-good one. Errors: `kernel` when it panicked or did not come up
  // within the board's limit and the board is back; `infrastructure` for everything else. After an error the
  // board was taken back as far as it goes, and the error says so when it is not.
  Result<RunningKernel> boot(const KernelFiles& kernel, const std::string& arguments);

  // On the known-good kernel: by a restart, or by the power switch, when it is not there already. `anew`: by
  // another boot in any case.
  Result<RunningKernel> go_home(bool anew = false);

  // Known-good, and nothing of ours is left in the boot folder.
  Status leave();

 private:
  struct Files;

  Result<Candidate> candidate_of(const KernelFiles& kernel, const std::string& arguments, Files* files) const;
  Status install(const Files& files);
  Status make_room(const Files& files, std::uintmax_t bytes);
  Result<RunningKernel> start(const Candidate& candidate, const RunningKernel& home);
  Error why_not(const Candidate& candidate, const Result<RunningKernel>& seen) const;
  Result<RunningKernel> restart_home(const RunningKernel& now);
  Result<RunningKernel> switch_home();
  Result<RunningKernel> is_home(const RunningKernel& kernel);
  bool panicked() const;
  void tell(const std::string& line) const {
    if (tell_) tell_(line);
  }

  std::string name_;  // the board's
  SshBoard boot_;
  Power power_;
  BoardLink* link_;
  Notify tell_;
  std::unique_ptr<BootOnce> once_;
  ConsoleLog* console_ = nullptr;
  std::string known_good_;  // /proc/version of the kernel that the board was found with
};

}  // namespace loopgate
