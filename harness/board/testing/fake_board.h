// A board that is a folder: programs named ssh, reboot and the like stand before this machine's in PATH, and
// play a board with U-Boot that boots, hangs or panics as it is told. Nothing is connected to or restarted.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "base/testing/temp_folder.h"
#include "board/testing/fake_console.h"
#include "config/board.h"
#include "config/lab.h"
#include "machine/machine.h"

namespace loopgate {

class FakeBoard {
 public:
  FakeBoard();
  ~FakeBoard();
  FakeBoard(const FakeBoard&) = delete;
  FakeBoard& operator=(const FakeBoard&) = delete;

  // What becomes of an armed boot: good, hang, panic, other (the known-good kernel comes up), stays (it does
  // not restart at all).
  void set_fate(const std::string& fate) const { folder_.write("fate", fate); }
  // The agent: a sh script with $OUT, the folder where results go.
  void set_agent(const std::string& script) const { folder_.write("agent.sh", script); }
  void set_switch(bool works) { switch_ = works; }
  // Gives it a serial console; what it prints there is in order with its boots.
  void attach_console() { console_ = std::make_unique<FakeConsole>(at("console")); }
  void print(const std::string& text) const;
  void set_within(int seconds) { boot_timeout_s_ = seconds; }

  Board board() const;
  LabBoard lab() const;
  CellRequest request(const std::string& cell) const;  // of the candidate
  KernelFiles candidate(const std::string& content) const;

  std::filesystem::path at(const std::string& name) const { return folder_.path() / name; }
  std::string text(const std::string& name) const { return text_of_file(at(name)); }
  // What happened to it, one word a line: boot, candidate, power.
  std::string history() const { return text("history"); }
  bool on_known_good() const { return text("proc/cmdline").find("loopgate") == std::string::npos; }
  const TempFolder& folder() const { return folder_; }

 private:
  void program(const std::string& name, const std::string& script) const;

  TempFolder folder_;
  std::string path_before_;
  std::unique_ptr<FakeConsole> console_;
  bool switch_ = true;
  int boot_timeout_s_ = 60;
};

}  // namespace loopgate
