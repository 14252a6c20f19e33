// Raspberry Pi: `reboot "0 tryboot"` has the firmware read tryboot.txt instead of config.txt, for that one
// boot (bootloader EEPROMs from 2020-10). tryboot.txt is the board's config.txt with our kernel behind it.
// The word reaches the firmware through rpi_firmware_notify_reboot(), which Raspberry Pi's kernels have and
// mainline does not (raspberrypi/rpi-eeprom#716); nor does mainline have /dev/vcio, the other way to it.
// The firmware takes paths of at most 63 bytes, "/mfs/sd/" among them (raspberrypi/firmware#1720).
#include <fmt/format.h>

#include "base/process.h"
#include "board/boot_once.h"

namespace loopgate {
namespace {

class Tryboot : public BootOnce {
 public:
  explicit Tryboot(const std::string& folder) : BootOnce(folder) {}

  std::string check() const override { return check_folder() + check_layout() + check_kernel(); }

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
  // os_prefix would apply to our paths too, and without it the board's device tree is not found. A
  // tryboot.txt that we did not write belongs to another update.
  std::string check_folder() const {
    return fmt::format(
        "[ -f {0} ] || {{ echo {1} >&2; exit 1; }}\n"
        "! grep -Eq '^[[:space:]]*(os_prefix|tryboot_a_b)=' {0} || {{ echo {2} >&2; exit 1; }}\n"
        "[ ! -e {3} ] || grep -q {4} {3} || {{ echo {5} >&2; exit 1; }}\n",
        quoted({config()}), quoted({config() + ": no such file -> set folder in the board's file"}),
        quoted(
            {config() +
             ": sets os_prefix or tryboot_a_b, which our tryboot.txt cannot honour -> set method = \"kexec\" "
             "in the board's file"}),
        quoted({tryboot()}), quoted({mark}),
        quoted({tryboot() + ": exists and was not written by loopgate -> remove it"}));
  }

  // With tryboot_a_b the flag chooses a partition, not a file: the other slot would start, with write access
  // (raspberrypi/rpi-eeprom#575). autoboot.txt is in the first FAT partition, which need not be mounted, so
  // the firmware is asked, too: it started another partition than the first (0: the default) only where
  // something chose one. Of a firmware that does not tell, the partition that is mounted must be the first. A
  // system that was itself started by tryboot, and is not ours, is not settled yet.
  std::string check_layout() const {
    return fmt::format(
        "! grep -Eqs '^[[:space:]]*tryboot_a_b=1' {0} || {{ echo {1} >&2; exit 1; }}\n"
        "said={2}\n"
        "if [ \"$(cat $said/partition 2> /dev/null | wc -c)\" -eq 0 ]; then\n"
        "  case $(grep {5} /proc/mounts | cut -d ' ' -f 1) in '' | *[!0-9]1) ;; *) echo {6} >&2; exit 1 ;; "
        "esac\n"
        "fi\n"
        "[ \"$(cat $said/partition 2> /dev/null | tr -d '\\000\\001' | wc -c)\" -eq 0 ] || "
        "{{ echo {3} >&2; exit 1; }}\n"
        "[ \"$(cat $said/tryboot 2> /dev/null | tr -d '\\000' | wc -c)\" -eq 0 ] || "
        "grep -q loopgate.candidate= /proc/cmdline || {{ echo {4} >&2; exit 1; }}\n",
        quoted({autoboot()}),
        quoted({autoboot() +
                ": sets tryboot_a_b, so tryboot would start the other slot -> set method = \"kexec\" in "
                "the board's file"}),
        firmware_said,
        quoted({std::string(firmware_said) +
                "/partition: the firmware started another partition than the first (A/B slots, or several "
                "systems), so tryboot would start another system -> set method = \"kexec\" in the board's "
                "file"}),
        quoted(
            {std::string(firmware_said) +
             "/tryboot: the running system was itself started by tryboot -> finish or undo that update, then "
             "reboot"}),
        quoted({" " + folder() + " "}),
        quoted({folder() +
                ": is not the disk's first partition, and the firmware does not say why it started it (A/B "
                "slots, or several systems), so tryboot may start another system -> set method = "
                "\"kexec\" in the board's file"}));
  }

  static std::string check_kernel() {
    return fmt::format(
        "grep -qs rpi_firmware_notify_reboot {0} || {{ echo {1} >&2; exit 1; }}\n", kernel_symbols,
        quoted({std::string(kernel_symbols) +
                ": has no rpi_firmware_notify_reboot, so the running kernel does not pass tryboot on to the "
                "firmware, and the candidate would not start (mainline's and Debian's lack it) -> boot a "
                "kernel of Raspberry Pi, or set method = \"kexec\""}));
  }

  static constexpr const char* firmware_said = "/proc/device-tree/chosen/bootloader";
  static constexpr const char* kernel_symbols = "/proc/kallsyms";
  static constexpr const char* mark = "# loopgate: a kernel for one boot";
  std::string config() const { return folder() + "/config.txt"; }
  std::string tryboot() const { return folder() + "/tryboot.txt"; }
  std::string autoboot() const { return folder() + "/autoboot.txt"; }
};

}  // namespace

std::unique_ptr<BootOnce> make_tryboot(const std::string& folder) {
  return std::make_unique<Tryboot>(folder);
}

}  // namespace loopgate
