// Boards whose U-Boot boots by extlinux.conf. That has no label for one boot, so a boot.scr of ours, which
// U-Boot looks for as well, boots what is armed: it takes the mark away before it reads anything of the
// candidate. fixtures/disk/boot.cmd is that script; it has to be on the board once.
#include <fmt/format.h>

#include "base/process.h"
#include "board/boot_once.h"

namespace loopgate {
namespace {

class Extlinux : public BootOnce {
 public:
  explicit Extlinux(const std::string& folder) : BootOnce(folder) {}

  std::string check() const override {
    return fmt::format(
        "grep -q {0} /proc/mounts || {{ echo {1} >&2; exit 1; }}\n"
        "grep -q /loopgate/armed {2} || {{ echo {3} >&2; exit 1; }}\n",
        quoted({" " + folder() + " vfat "}),
        quoted({folder() + ": is no FAT partition's place, and only there U-Boot takes the mark away "
                           "(folder in the board's file)"}),
        quoted({folder() + "/boot.scr"}),
        quoted({folder() +
                "/boot.scr does not boot what is armed: put the one made of fixtures/disk/boot.cmd "
                "there (mkimage -T script)"}));
  }

  // The mark last: a power cut before it leaves an ordinary boot.
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
