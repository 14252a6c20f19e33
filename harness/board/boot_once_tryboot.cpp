// Raspberry Pi: `reboot "0 tryboot"` has the firmware read tryboot.txt instead of config.txt, for that one
// boot (bootloader EEPROMs from 2020-10). tryboot.txt is the board's config.txt with our kernel behind it.
// The firmware takes paths of at most 63 bytes, "/mfs/sd/" among them (raspberrypi/firmware#1720).
#include <fmt/format.h>

#include "base/process.h"
#include "board/boot_once.h"

namespace loopgate {
namespace {

class Tryboot : public BootOnce {
 public:
  explicit Tryboot(const std::string& folder) : BootOnce(folder) {}

  // os_prefix would apply to our paths too, and without it the board's device tree is not found. A
  // tryboot.txt that we did not write belongs to another update.
  std::string check() const override {
    return fmt::format(
        "[ -f {0} ] || {{ echo {1} >&2; exit 1; }}\n"
        "! grep -Eq '^[[:space:]]*(os_prefix|tryboot_a_b)=' {0} || {{ echo {2} >&2; exit 1; }}\n"
        "[ ! -e {3} ] || grep -q {4} {3} || {{ echo {5} >&2; exit 1; }}\n",
        quoted({config()}), quoted({config() + ": no such file (folder in the board's file)"}),
        quoted({config() + ": sets os_prefix or tryboot_a_b, which our tryboot.txt cannot honour"}),
        quoted({tryboot()}), quoted({mark}),
        quoted({tryboot() + ": exists and was not written by loopgate: remove it"}));
  }

  std::string arm(const std::string& arguments) const override {
    return fmt::format(
        "set -e\n"
        "printf '%s\\n' {0} > {1}\n"
        "{{ cat {2}; printf '\\n%s\\n' {3}; }} > {4}.part\n"
        "mv -f {4}.part {4}\n"
        "sync\n",
        quoted({arguments}), quoted({place() + "/cmdline.txt"}), quoted({config()}),
        quoted({std::string(mark) + "\n[all]\n"
                                    "arm_64bit=1\n"
                                    "kernel=loopgate/kernel\n"
                                    "auto_initramfs=0\n"
                                    "initramfs loopgate/initrd followkernel\n"
                                    "cmdline=loopgate/cmdline.txt"}),
        quoted({tryboot()}));
  }

  std::string restart() const override { return restart_script("0 tryboot"); }

  std::string remove() const override {
    return fmt::format("! grep -qs {0} {1} || rm -f {1}\nrm -rf {2} && sync\n", quoted({mark}),
                       quoted({tryboot()}), quoted({place()}));
  }

 private:
  static constexpr const char* mark = "# loopgate: a kernel for one boot";
  std::string config() const { return folder() + "/config.txt"; }
  std::string tryboot() const { return folder() + "/tryboot.txt"; }
};

}  // namespace

std::unique_ptr<BootOnce> make_tryboot(const std::string& folder) {
  return std::make_unique<Tryboot>(folder);
}

}  // namespace loopgate
