#include "target/agent/boot.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "protocol/agents_last_word.h"
#include "target/agent/descriptor.h"
#include "target/agent/proc.h"
#include "target/agent/text_file.h"

namespace loopgate {
namespace {

struct Mount {
  const char* type;
  const char* where;
};

constexpr std::array<Mount, 8> mounts = {{{"proc", "/proc"},
                                          {"sysfs", "/sys"},
                                          {"devtmpfs", "/dev"},
                                          {"tmpfs", "/dev/shm"},
                                          {"tmpfs", "/tmp"},
                                          {"tmpfs", "/run"},
                                          {"debugfs", "/sys/kernel/debug"},
                                          {"tracefs", "/sys/kernel/tracing"}}};

// An initramfs without /dev/console starts init with no descriptor at all; the next files opened would become
// 0, 1 and 2.
void open_standard_descriptors() {
  while (true) {
    const int fd = ::open("/dev/console", O_RDWR | O_NOCTTY);
    if (fd < 0) return;
    if (fd > STDERR_FILENO) {
      ::close(fd);
      return;
    }
  }
}

// What still keeps the boot from being over; empty when nothing does. Debian's kernels test their
// cryptographic algorithms in threads of this name, for up to 19 ms at a stretch.
std::string what_boots_still(const std::string& proc) {
  for (const ProcessStat& process : read_processes(proc)) {
    if (process.kernel_thread && process.name.starts_with("cryptomgr_test")) return "a crypto self-test runs";
  }
  const auto deferred = read_text("/sys/kernel/debug/devices_deferred");
  if (deferred && !without_end(*deferred).empty())
    return "a device waits for its driver: " +
           std::string(without_end(deferred->substr(0, deferred->find('\n'))));
  return {};
}

std::string what_keeps_cpu_busy(const std::string& proc) {
  constexpr std::chrono::milliseconds window{200};
  constexpr double idle_at_least = 0.95;
  const auto before =
      read_text(proc + "/stat").and_then([](const std::string& text) { return parse_cpu_ticks(text); });
  std::this_thread::sleep_for(window);
  const auto after =
      read_text(proc + "/stat").and_then([](const std::string& text) { return parse_cpu_ticks(text); });
  if (!before || !after) return "the CPU's idle time is unknown: " + (before ? after : before).error().what;
  const double share = idle_share(*before, *after);
  if (share >= idle_at_least) return {};
  return "the CPU idles " + std::to_string(static_cast<int>(share * 100)) + " % of the time";
}

}  // namespace

void prepare_as_init() {
  for (const Mount& mount : mounts) {
    ::mkdir(mount.where, 0755);
    ::mount(mount.type, mount.where, mount.type, MS_NOSUID, nullptr);
  }
  ::chmod("/tmp", 01777);
  ::chmod("/dev/shm", 01777);
  open_standard_descriptors();
  ::setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", 1);
  ::setenv("HOME", "/tmp", 1);
  ::setenv("LC_ALL", "C", 1);
}

Status load_modules(const std::string& folder) {
  std::vector<std::filesystem::path> modules;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) modules.push_back(entry.path());
  std::ranges::sort(modules);
  for (const std::filesystem::path& module : modules) {
    const Descriptor file(::open(module.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.valid() && ::syscall(SYS_finit_module, file.get(), "", 0) == 0) continue;
    if (errno == EEXIST || module.filename().string().ends_with(".soft.ko"))
      continue;  // fixtures/kernels/modules
    return fail(ErrorKind::kernel, "module " + module.filename().string() + " can't be loaded: " +
                                       std::strerror(errno) + " (was it built for this kernel?)");
  }
  return {};
}

Status bring_loopback_up() {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", 3);
  if (socket.valid() && ::ioctl(socket.get(), SIOCGIFFLAGS, &request) == 0) {
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0) return {};
  }
  return fail(ErrorKind::infrastructure,
              std::string("the loopback interface does not come up: ") + std::strerror(errno));
}

double idle_share(const CpuTicks& before, const CpuTicks& after) {
  if (after.total <= before.total || after.idle < before.idle) return 0;
  return static_cast<double>(after.idle - before.idle) / static_cast<double>(after.total - before.total);
}

Status wait_until_boot_is_over(std::chrono::seconds at_most, const std::string& proc) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    // The wait of the second look comes in any case, so the first is looked at again after it.
    std::string busy = what_keeps_cpu_busy(proc);
    if (std::string boots = what_boots_still(proc); !boots.empty()) busy = std::move(boots);
    if (busy.empty()) return {};
    if (std::chrono::steady_clock::now() > end)
      return fail(ErrorKind::kernel,
                  "boot is not over after " + std::to_string(at_most.count()) + " s: " + busy);
  }
}

void log_line(const std::string& line, bool problem) {
  const std::string text = (problem ? "<3>" : "<6>") + std::string(agents_mark) + line + "\n";
  if (write_text("/dev/kmsg", text)) return;
  (void)!::write(STDERR_FILENO, text.data() + 3, text.size() - 3);
}

}  // namespace loopgate
