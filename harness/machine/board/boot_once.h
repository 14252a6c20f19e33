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
  static std::unique_ptr<BootOnce> make(const BoardBoot& boot);
  virtual ~BootOnce() = default;

  // Where the candidate's files go: FOLDER/loopgate.
  std::string place() const { return folder_ + "/loopgate"; }
  std::string kernel() const { return place() + "/kernel"; }
  std::string initrd() const { return place() + "/initrd"; }

  // Exits with 0 when this board can boot a kernel once in this way; else says what is missing, in one line
  // on standard error.
  virtual std::string check() const = 0;
  // With the files there: the next boot, and that one alone, is theirs.
  virtual std::string arm(const std::string& arguments) const = 0;
  // Starts it. The connection ends with it.
  virtual std::string restart() const;
  // The next boot is the known-good kernel's again, and nothing of ours is left. Does no harm when there is
  // nothing.
  virtual std::string remove() const;

 protected:
  explicit BootOnce(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

// Restarts a board by its own system's means.
std::string restart_script();

}  // namespace loopgate
