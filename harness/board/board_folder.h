// What lies on a board while it is measured: a file system in its memory with the target's programs, in which
// the agent runs as on the virtual bench (chroot, with the board's /proc, /sys and /dev). Nothing of it is
// left after a restart, and nothing has to be installed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "board/remote.h"
#include "machine/machine.h"

namespace loopgate {

class BoardFolder {
 public:
  // Brings what the cell needs and is not there yet. `boot_id`: what was brought is gone with the boot.
  Status deliver(Remote* remote, const std::string& boot_id, const CellRequest& order);

  // For the board's sh: the agent, whose events come on standard output.
  std::string agent_script() const;

  // A file that the agent, the payload or the instrument left in /run/loopgate.
  std::string result(const std::string& name) const { return inner() + "/" + name; }

  // Takes all of it away.
  Status remove(Remote* remote);

 private:
  std::string root() const { return place_ + "/root"; }
  std::string inner() const { return root() + "/run/loopgate"; }
  Status make(Remote* remote);
  Status bring_programs(Remote* remote, const CellRequest& order);
  Status bring_base(Remote* remote, const std::string& base, const std::string& digest);
  Status bring_file(Remote* remote, const PayloadFile& file);
  Status clear_results(Remote* remote);
  Status check_room(Remote* remote, const PulseSettings& pulses);
  Status bring(Remote* remote, std::string_view bytes, const std::string& path, const std::string& mode);

  std::string place_;
  std::string boot_id_;
  std::map<std::string, std::string> brought_;  // digests by path
};

// For the board's sh: makes a folder in its memory from which programs may be started, sets $place to it and
// prints it. A file system of its own, since where Debian mounts /run none may. And takes it away.
std::string make_place(const std::string& name);
std::string remove_place(const std::string& place);

// The programs that a job starts, as paths below the root: "bin/responder". The agent is not among them.
// Pure.
std::vector<std::string> programs_of(const Job& job);

}  // namespace loopgate
