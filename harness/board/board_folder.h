// The files on a board during a measurement: a file system in its memory with the target's programs, in which
// the agent runs as on the virtual bench (chroot, with the board's /proc, /sys and /dev). A restart removes
// all of it, and nothing has to be installed.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "board/remote.h"
#include "machine/machine.h"
#include "protocol/channel.h"

namespace loopgate {

class BoardFolder {
 public:
  // Copies what the cell needs and the board lacks. `boot_id`: copied files are lost when the board restarts.
  Status deliver(Remote* remote, const std::string& boot_id, const CellRequest& request);

  // For the board's sh: runs the agent, which writes its events to standard output.
  std::string agent_script() const;

  // A file that the agent, the payload or the instrument left in target_folder.
  std::string result(const std::string& name) const { return inner() + "/" + name; }

  // Removes all of it.
  Status remove(Remote* remote);

 private:
  std::string root() const { return place_ + "/root"; }
  std::string inner() const { return root() + target_folder; }
  Status make(Remote* remote);
  Status copy_programs(Remote* remote, const CellRequest& request);
  Status copy_base(Remote* remote, const TargetImage& target);
  Status copy_file(Remote* remote, const PayloadFile& file);
  Status clear_results(Remote* remote);
  Status check_room(Remote* remote, const WorkRequest& work, bool has_probe);
  Status make_records(Remote* remote, const WorkRequest& work);
  Status copy(Remote* remote, std::string_view bytes, const std::string& path, const std::string& mode);

  std::string place_;
  std::string boot_id_;
  std::map<std::string, std::string> copied_;  // digests by path
};

// For the board's sh: makes a folder in its memory from which programs may be started, sets $place to its
// path and prints it. It is a separate file system, because Debian mounts /run noexec. The other script
// removes it.
std::string make_scratch_script(const std::string& name);
std::string remove_scratch_script(const std::string& place);

// Whether a program needs a loader and shared libraries, which are the target image's. Pure.
bool is_dynamic(std::string_view elf);

// The programs that a job starts, as paths below the root: "bin/responder". Without the agent. Pure.
std::vector<std::string> programs_of(const Job& job);

}  // namespace loopgate
