// Boards whose U-Boot boots from extlinux.conf. That file cannot select a label for a single boot, so our
// boot.scr, which U-Boot looks for as well, boots the armed candidate: it removes the mark before it reads
// any of the candidate's files. fixtures/disk/boot.cmd is that script; it must be installed on the board
// once.
#include <fmt/format.h>

#include "base/process.h"
#include "board/boot_once.h"

namespace loopgate {
namespace {

// Of boot.scr, each as `grep -E` takes it: the mark is looked for, and is removed.
constexpr const char* boot_script_commands = "test.-e rm";

class Extlinux : public BootOnce {
 public:
  explicit Extlinux(const std::string& folder) : BootOnce(folder) {}

  // boot.scr is text behind a header. It must look for the mark and remove it: a comment does neither.
  std::string check() const override {
    return fmt::format(
        "grep -q {0} /proc/mounts || {{ echo {1} >&2; exit 1; }}\n"
        "for needed in {4}; do\n"
        "  LC_ALL=C grep -Eq \"^[^#]*$needed[[:space:]][^#]*/loopgate/armed\" {2} || {{ echo {3} >&2; exit "
        "1; }}\n"
        "done\n",
        quoted({" " + folder() + " vfat "}),
        quoted({folder() + ": not the mount point of a FAT partition, the only kind where U-Boot can remove "
                           "the mark -> mount it there, or set folder in the board's file"}),
        quoted({folder() + "/boot.scr"}),
        quoted({folder() + "/boot.scr does not boot an armed candidate -> install the one made from "
                           "fixtures/disk/boot.cmd (mkimage -T script)"}),
        boot_script_commands);
  }

  // The mark comes last: after a power cut before it, the board boots as usual.
  std::string arm(const std::string& arguments) const override {
    const std::string environment = quoted({place() + "/once.env"});
    return fmt::format(
        "set -e\n"
        "printf '%s\\n' {0} > {1}.part\n"
        "mv -f {1}.part {1}\n"
        "sync\n"
        ": > {2}\n"
        "sync\n",
        quoted({"bootargs=" + arguments}), environment, quoted({place() + "/armed"}));
  }

  std::string remove() const override {
    return fmt::format("rm -f {} && sync && rm -rf {} && sync\n", quoted({place() + "/armed"}),
                       quoted({place()}));
  }
};

}  // namespace

std::unique_ptr<BootOnce> make_extlinux(const std::string& folder) {
  return std::make_unique<Extlinux>(folder);
}

}  // namespace loopgate
