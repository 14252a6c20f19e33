// How a kernel is booted once, for each boot loader: sh scripts for the board. Pure: nothing here touches it.
//
// One candidate lies on the board at a time, in FOLDER/loopgate: kernel, initrd and what the boot loader
// needs. The default is never changed, so whatever becomes of the candidate, the next boot is the known-good
// kernel's.
#pragma once

#include <memory>
#include <string>

#include "config/board.h"

namespace loopgate {

class BootOnce {
 public:
  static std::unique_ptr<BootOnce> make(const SshBoard& boot);
  virtual ~BootOnce() = default;

  const std::string& folder() const { return folder_; }
  std::string place() const { return folder_ + "/loopgate"; }
  std::string kernel() const { return place() + "/kernel"; }
  std::string initrd() const { return place() + "/initrd"; }

  // Exits with 0 when this board can boot a kernel once in this way; else says what is missing, in one line
  // on standard error.
  virtual std::string check() const = 0;
  // With the files there: the next boot, and that one alone, is theirs.
  virtual std::string arm(const std::string& arguments) const = 0;
  // Starts it: the connection ends with it.
  virtual std::string restart() const;
  // The next boot is the known-good kernel's again, and nothing of ours is left. Does no harm when there is
  // nothing.
  virtual std::string remove() const = 0;

 protected:
  explicit BootOnce(std::string folder) : folder_(std::move(folder)) {}

 private:
  std::string folder_;
};

// Restarts a board by its own system's means, a second later, so that the connection can be closed before.
// `argument`: of reboot(2), as the firmware wants it; may be empty.
std::string restart_script(const std::string& argument = {});

// One for each method.
std::unique_ptr<BootOnce> make_extlinux(const std::string& folder);
std::unique_ptr<BootOnce> make_tryboot(const std::string& folder);
std::unique_ptr<BootOnce> make_grub(const std::string& folder);
std::unique_ptr<BootOnce> make_kexec(const std::string& folder);

}  // namespace loopgate
