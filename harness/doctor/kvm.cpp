#include "doctor/kvm.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace loopgate {
namespace {

constexpr int limit_ms = 2000;

#if defined(__x86_64__)

constexpr std::size_t page = 4096;

// In a child process, whose end is the answer: 0 when the guest came to its HLT.
int run_tiny_guest() {
  const int kvm = ::open("/dev/kvm", O_RDWR | O_CLOEXEC);
  const int vm = ::ioctl(kvm, KVM_CREATE_VM, 0UL);
  void* memory = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (kvm < 0 || vm < 0 || memory == MAP_FAILED) return 1;
  const unsigned char code[] = {0xb0, 0x2a, 0x90, 0xf4};  // mov al, 42; nop; hlt
  std::memcpy(memory, code, sizeof(code));
  kvm_userspace_memory_region region{};
  region.guest_phys_addr = page;
  region.memory_size = page;
  region.userspace_addr = reinterpret_cast<std::uint64_t>(memory);
  if (::ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) != 0) return 1;
  const int cpu = ::ioctl(vm, KVM_CREATE_VCPU, 0UL);
  const int size = ::ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0UL);
  if (cpu < 0 || size <= 0) return 1;
  void* shared = ::mmap(nullptr, static_cast<std::size_t>(size), PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
  kvm_sregs segments{};
  if (shared == MAP_FAILED || ::ioctl(cpu, KVM_GET_SREGS, &segments) != 0) return 1;
  segments.cs.base = 0;
  segments.cs.selector = 0;
  kvm_regs registers{};
  registers.rip = page;
  registers.rflags = 2;
  if (::ioctl(cpu, KVM_SET_SREGS, &segments) != 0 || ::ioctl(cpu, KVM_SET_REGS, &registers) != 0) return 1;
  if (::ioctl(cpu, KVM_RUN, 0UL) != 0) return 1;
  return static_cast<kvm_run*>(shared)->exit_reason == KVM_EXIT_HLT ? 0 : 1;
}

#endif

}  // namespace

KvmAnswer try_kvm() {
  const int device = ::open("/dev/kvm", O_RDWR | O_CLOEXEC);
  if (device < 0) return {false, std::string("/dev/kvm: ") + std::strerror(errno)};
  ::close(device);
#if defined(__x86_64__)
  const pid_t child = ::fork();
  if (child < 0)  // kill(-1) below would be everybody's
    return {false, std::string("/dev/kvm is there, but no process could be started to try it: ") +
                       std::strerror(errno)};
  if (child == 0) ::_exit(run_tiny_guest());
  const int handle = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  const std::string untold = handle < 0 ? std::strerror(errno) : "";
  pollfd watched{handle, POLLIN, 0};
  const bool ended = handle >= 0 && ::poll(&watched, 1, limit_ms) == 1;
  if (handle >= 0) ::close(handle);
  if (!ended) ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!untold.empty())
    return {false, "/dev/kvm is there, but nothing told when a guest on it ended: " + untold};
  if (!ended) return {false, "/dev/kvm is there, but a guest of three instructions did not end within 2 s"};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return {false, "/dev/kvm is there, but runs no guest"};
  return {true, "a guest of three instructions ran"};
#else
  return {false, "/dev/kvm is there; whether it runs guests is not tried on this architecture"};
#endif
}

}  // namespace loopgate
