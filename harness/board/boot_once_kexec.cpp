// The running kernel starts the candidate itself; the boot after that goes through the boot loader, which
// does not know the candidate. The candidate inherits the hardware as the known-good kernel's drivers left
// it, not as the firmware sets it up: the other methods are closer to a real boot.
#include <fmt/format.h>

#include "base/process.h"
#include "board/boot_once.h"

namespace loopgate {
namespace {

constexpr const char* lockdown = "/sys/kernel/security/lockdown";

class Kexec : public BootOnce {
 public:
  explicit Kexec(const std::string& folder) : BootOnce(folder) {}

  std::string check() const override {
    return fmt::format(
        "say() {{ echo \"$1\" >&2; exit 1; }}\n"
        "[ -d {0} ] || say {1}\n"
        "command -v kexec > /dev/null || say 'kexec is not on the board -> install kexec-tools'\n"
        // Secure Boot does it. The kernel then loads no image without a signature that it knows.
        "! grep -Eqs '\\[(integrity|confidentiality)\\]' {2} || say {3}\n"
        "[ -e /sys/kernel/kexec_loaded ] || say 'the known-good kernel has no kexec (CONFIG_KEXEC) -> boot "
        "another one, or set another method in the board'\\''s file'\n"
        "[ \"$(cat /proc/sys/kernel/kexec_load_disabled)\" = 0 ] || say 'kexec is disabled "
        "(kernel.kexec_load_disabled) -> reboot: nothing else enables it again'\n",
        quoted({folder()}), quoted({folder() + ": no such folder -> set folder in the board's file"}),
        lockdown,
        quoted({std::string(lockdown) +
                ": the known-good kernel is locked down, as Secure Boot does it, and refuses kexec of "
                "unsigned kernels -> switch Secure Boot off in the firmware, or boot without lockdown="}));
  }

  std::string arm(const std::string& arguments) const override {
    return fmt::format("kexec -l {} {} {}\n", quoted({kernel()}), quoted({"--initrd=" + initrd()}),
                       quoted({"--command-line=" + arguments}));
  }

  // systemd ends the services and unmounts first; without it, what is mounted is at least on the disk.
  std::string restart() const override {
    return "sync\n"
           "if [ -d /run/systemd/system ]; then restart='systemctl kexec'; else restart='kexec -e'; fi\n"
           "( sleep 1; eval \"$restart\" ) > /dev/null 2>&1 < /dev/null &\n";
  }

  std::string remove() const override {
    return fmt::format(
        "if [ \"$(cat /sys/kernel/kexec_loaded 2> /dev/null)\" = 1 ]; then kexec -u; fi\nrm -rf {} && sync\n",
        quoted({place()}));
  }
};

}  // namespace

std::unique_ptr<BootOnce> make_kexec(const std::string& folder) { return std::make_unique<Kexec>(folder); }

}  // namespace loopgate
