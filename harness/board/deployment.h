// Copies a candidate kernel to a board, boots it once, verifies that it is the one that runs, and returns the
// board to its known-good kernel. Only the known-good kernel installs and arms: a candidate is not trusted
// with the boot partition.
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
  Deployment(const Board& board, const LabBoard& lab, BoardLink* link, Notify notify);

  // The console's output is evidence; null where there is no console.
  void listen_to(ConsoleLog* console) { console_ = console; }

  // Whether the board can boot a kernel once: asked of its known-good kernel, before anything is copied.
  Status check_method();

  // Boots the candidate from the known-good kernel. Errors: `kernel` when it panicked or did not come up
  // within the board's limit and the board is back; `infrastructure` for everything else. After an error the
  // board is back on its known-good kernel, unless the error says otherwise.
  Result<RunningKernel> boot(const KernelFiles& kernel, const std::string& arguments);

  // Restarts the board, or cycles its power, unless it runs the known-good kernel already. `anew`: restarts
  // it in any case.
  Result<RunningKernel> return_to_known_good(bool anew = false);

  // Returns to the known-good kernel and removes our files from the boot folder.
  Status leave();

 private:
  struct Files;

  Result<Candidate> make_candidate(const KernelFiles& kernel, const std::string& arguments,
                                   Files* files) const;
  Status install(const Files& files);
  Status make_room(const Files& files, std::uintmax_t bytes);
  Result<RunningKernel> start(const Candidate& candidate, const RunningKernel& known_good);
  Error boot_failure(const Candidate& candidate, const Result<RunningKernel>& seen) const;
  Result<RunningKernel> reboot_to_known_good(const RunningKernel& now);
  Result<RunningKernel> power_cycle_to_known_good();
  Result<RunningKernel> verify_known_good(const RunningKernel& kernel);
  bool panicked() const;
  void notify(const std::string& line) const {
    if (notify_) notify_(line);
  }

  std::string name_;  // the board's
  SshBoard boot_;
  Power power_;
  BoardLink* link_;
  Notify notify_;
  std::unique_ptr<BootOnce> once_;
  ConsoleLog* console_ = nullptr;
  std::string known_good_;  // /proc/version of the first known-good kernel seen
};

}  // namespace loopgate
