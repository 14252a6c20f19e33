// Boots a kernel once, for each boot loader: generates sh scripts for the board. Pure: does not contact it.
//
// The board holds one candidate at a time, in FOLDER/loopgate: kernel, initrd and what the boot loader
// needs. The default is never changed, so whatever happens to the candidate, the next boot starts the
// known-good kernel.
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

  // Exits with 0 when this board can boot a kernel once with this method; else says in one line on standard
  // error what is wrong and what to do: see split_refusal().
  virtual std::string check() const = 0;
  // With the files in place: makes the next boot, and only that one, start the candidate.
  virtual std::string arm(const std::string& arguments) const = 0;
  // Restarts the board, which ends the connection.
  virtual std::string restart() const;
  // Makes the next boot start the known-good kernel again and removes our files. Harmless when there are
  // none.
  virtual std::string remove() const = 0;

 protected:
  explicit BootOnce(std::string folder) : folder_(std::move(folder)) {}

 private:
  std::string folder_;
};

// Of a check's line "WHAT -> NEXT STEP", each by itself.
struct BootRefusal {
  std::string what;
  std::string next_step;
};
BootRefusal split_refusal(const std::string& line);

// Restarts a board with its own system's command, a second later, so that the connection can be closed first.
// `argument`: of reboot(2), as the firmware expects it; may be empty.
std::string restart_script(const std::string& argument = {});

// One for each method.
std::unique_ptr<BootOnce> make_extlinux(const std::string& folder);
std::unique_ptr<BootOnce> make_tryboot(const std::string& folder);
std::unique_ptr<BootOnce> make_grub(const std::string& folder);
std::unique_ptr<BootOnce> make_kexec(const std::string& folder);

}  // namespace loopgate
