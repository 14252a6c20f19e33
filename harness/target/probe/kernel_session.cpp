#include "target/probe/kernel_session.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

// The kernel part, as clang left it.
asm(".section .rodata\n"
    ".balign 8\n"
    ".global loopgate_kernel_part\n"
    ".global loopgate_kernel_part_end\n"
    "loopgate_kernel_part:\n"
    ".incbin \"" LOOPGATE_KERNEL_PART
    "\"\n"
    "loopgate_kernel_part_end:\n"
    ".previous\n");
extern "C" const char loopgate_kernel_part[];
extern "C" const char loopgate_kernel_part_end[];

namespace loopgate {
namespace {

constexpr const char* types_file = "/sys/kernel/btf/vmlinux";
constexpr const char* lockdown_file = "/sys/kernel/security/lockdown";
#if defined(__aarch64__)
constexpr const char* system_call_prefix = "__arm64_sys_";
#elif defined(__arm__)
constexpr const char* system_call_prefix = "sys_";
#else
constexpr const char* system_call_prefix = "__x64_sys_";
#endif
constexpr std::size_t perf_pages = 512;  // 2 MB a CPU: 0.7 s of 25,000 stimuli a second

struct CloseObject {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
struct DestroyLink {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
struct FreeRing {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};
struct FreePerf {
  void operator()(perf_buffer* perf) const { perf_buffer__free(perf); }
};

// libbpf tells its reasons by a callback without an argument of the caller's.
std::string& last_said() {
  static std::string said;
  return said;
}

int note_said(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  char line[512];
  std::vsnprintf(line, sizeof(line), format, arguments);
  std::string& said = last_said();
  said += line;
  if (said.size() > 4096) said.erase(0, said.size() - 4096);
  return 0;
}

Refusal refused(int error) {
  Refusal refusal;
  refusal.error = error < 0 ? -error : error;
  refusal.said = last_said();
  std::getline(std::ifstream(lockdown_file), refusal.lockdown);
  refusal.has_types = ::access(types_file, R_OK) == 0;
  refusal.is_root = ::geteuid() == 0;
  return refusal;
}

// One of the kernel part's memories, which is mapped once it is loaded.
bpf_map* memory_of(bpf_object* object, std::string_view ending) {
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (std::string_view(bpf_map__name(map)).ends_with(ending)) return map;
  }
  return nullptr;
}

int handle_ring(void* context, void* data, size_t size) {
  (*static_cast<KernelSession::OnEvent*>(context))(data, size);
  return 0;
}

void handle_perf(void* context, int /*cpu*/, void* data, __u32 size) {
  (*static_cast<KernelSession::OnEvent*>(context))(data, size);
}

int missing(const char* what) {
  last_said() += std::string(what) + " of the kernel part cannot be found\n";
  return EINVAL;
}

}  // namespace

struct KernelSession::Parts {
  OnEvent on_event;
  std::unique_ptr<bpf_object, CloseObject> object;
  std::vector<std::unique_ptr<bpf_link, DestroyLink>> links;
  std::unique_ptr<ring_buffer, FreeRing> ring;
  std::unique_ptr<perf_buffer, FreePerf> perf;
  ProbeShared* shared = nullptr;
  int naming = -1;    // the function that names addresses
  int counting = -1;  // while it is open, the kernel counts

  ~Parts() {
    if (counting >= 0) ::close(counting);
  }
  int name_calls();
  int load(const ProbeTarget& target);
  int open_queue(ProbeTransport transport);
  int attach();
  bool are_called();
};

// The functions of read(2) and ioctl(2) have the architecture in their names.
int KernelSession::Parts::name_calls() {
  for (const auto& [function, call] : {std::pair{"on_read", "read"}, {"on_answer", "ioctl"}}) {
    bpf_program* program = bpf_object__find_program_by_name(object.get(), function);
    const std::string name = std::string(system_call_prefix) + call;
    if (const int error = bpf_program__set_attach_target(program, 0, name.c_str()); error != 0) return error;
  }
  return 0;
}

int KernelSession::Parts::load(const ProbeTarget& target) {
  bpf_object_open_opts options{};
  options.sz = sizeof(options);
  options.object_name = "loopgate";
  const auto size = static_cast<size_t>(loopgate_kernel_part_end - loopgate_kernel_part);
  object.reset(bpf_object__open_mem(loopgate_kernel_part, size, &options));
  if (!object) return errno;
  const bool use_ring = target.transport == ProbeTransport::ring_buffer;
  bpf_map__set_autocreate(bpf_object__find_map_by_name(object.get(), use_ring ? "perf" : "ring"), false);
  size_t size_of_constants = 0;
  void* constants = bpf_map__initial_value(memory_of(object.get(), ".rodata.target"), &size_of_constants);
  const ProbeConstants values{target.thread, target.payload, use_ring ? 1U : 0U};
  if (constants == nullptr || size_of_constants != sizeof(values)) return missing("the constants");
  std::memcpy(constants, &values, sizeof(values));
  if (const int error = name_calls(); error != 0) return error;
  if (const int error = bpf_object__load(object.get()); error != 0) return error;
  size_t size_of_state = 0;
  shared = static_cast<ProbeShared*>(bpf_map__initial_value(memory_of(object.get(), ".bss"), &size_of_state));
  return shared == nullptr || size_of_state < sizeof(*shared) ? missing("the shared memory") : 0;
}

// No event wakes anybody: fetch() is called by the clock.
int KernelSession::Parts::open_queue(ProbeTransport transport) {
  if (transport == ProbeTransport::ring_buffer) {
    const int map = bpf_object__find_map_fd_by_name(object.get(), "ring");
    ring.reset(ring_buffer__new(map, handle_ring, &on_event, nullptr));
    return ring ? 0 : errno;
  }
  perf_buffer_opts options{};
  options.sz = sizeof(options);
  options.sample_period = perf_pages * 4096 / sizeof(ProbeRecord);  // events to a wake-up: never reached
  const int map = bpf_object__find_map_fd_by_name(object.get(), "perf");
  perf.reset(perf_buffer__new(map, perf_pages, handle_perf, nullptr, &on_event, &options));
  return perf ? 0 : errno;
}

int KernelSession::Parts::attach() {
  bpf_program* function = nullptr;
  bpf_object__for_each_program(function, object.get()) {
    if (bpf_program__type(function) == BPF_PROG_TYPE_SYSCALL) {
      naming = bpf_program__fd(function);
      continue;
    }
    bpf_link* link = bpf_program__attach(function);
    if (link == nullptr) return errno;
    links.emplace_back(link);
  }
  return 0;
}

// A kernel whose function tracer is switched off takes the hooks and never calls them.
bool KernelSession::Parts::are_called() {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  int none = 0;
  (void)!::read(nothing, &none, 1);
  ::ioctl(nothing, FIONREAD, &none);
  ::close(nothing);
  ::poll(nullptr, 0, 20);  // some interrupt, of the clock at the latest
  bpf_program* function = nullptr;
  bpf_object__for_each_program(function, object.get()) {
    const bpf_attach_type type = bpf_program__expected_attach_type(function);
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    if (type != BPF_TRACE_FENTRY && type != BPF_TRACE_FEXIT) continue;
    if (bpf_prog_get_info_by_fd(bpf_program__fd(function), &info, &size) == 0 && info.run_cnt == 0)
      return false;
  }
  return true;
}

KernelSession::KernelSession(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
KernelSession::~KernelSession() = default;
KernelSession::KernelSession(KernelSession&&) noexcept = default;

tl::expected<KernelSession, Refusal> KernelSession::load(const ProbeTarget& target, OnEvent on_event) {
  libbpf_set_print(note_said);
  if (::access(types_file, R_OK) != 0) return tl::unexpected<Refusal>(refused(ENOENT));
  auto parts = std::make_unique<Parts>();
  parts->on_event = std::move(on_event);
  int error = parts->load(target);
  if (error == 0) error = parts->open_queue(target.transport);
  if (error != 0) return tl::unexpected<Refusal>(refused(error));
  return KernelSession(std::move(parts));
}

std::optional<Refusal> KernelSession::attach(bool costs) {
  if (const int error = parts_->attach(); error != 0) return refused(error);
  if (costs) parts_->counting = bpf_enable_stats(BPF_STATS_RUN_TIME);
  if (parts_->counting >= 0 && !parts_->are_called()) return refused(EBUSY);
  return std::nullopt;
}

bool KernelSession::fetch() {
  const int got =
      parts_->ring ? ring_buffer__consume(parts_->ring.get()) : perf_buffer__consume(parts_->perf.get());
  return got >= 0;
}

ProbeShared& KernelSession::shared() { return *parts_->shared; }

std::vector<FunctionCost> KernelSession::end_costs() {
  std::vector<FunctionCost> costs;
  if (parts_->counting < 0) return costs;
  bpf_program* function = nullptr;
  bpf_object__for_each_program(function, parts_->object.get()) {
    bpf_prog_info info{};
    __u32 size = sizeof(info);
    if (bpf_program__type(function) == BPF_PROG_TYPE_SYSCALL) continue;
    if (bpf_prog_get_info_by_fd(bpf_program__fd(function), &info, &size) != 0) continue;
    costs.push_back({bpf_program__name(function), info.run_cnt, info.run_time_ns});
  }
  ::close(parts_->counting);
  parts_->counting = -1;
  return costs;
}

void KernelSession::detach() { parts_->links.clear(); }

std::string KernelSession::name_of(std::uint64_t address) {
  ProbeShared& memory = shared();
  memory.address = address;
  memory.symbol[0] = '\0';
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  if (parts_->naming < 0 || bpf_prog_test_run_opts(parts_->naming, &options) != 0) return {};
  return {memory.symbol, ::strnlen(memory.symbol, sizeof(memory.symbol))};
}

}  // namespace loopgate
