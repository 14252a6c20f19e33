#include "run/cells_at_a_time.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/text.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// QEMU itself beyond the guest's memory: 99 MiB seen, at most 300 wanted (ci/bench).
constexpr std::int64_t qemu_memory_mib = 300;
constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::string text_of(const fs::path& file) {
  return read_text_file(file, ErrorKind::infrastructure).value_or("");
}

// The first number behind the word.
std::optional<std::int64_t> number_after(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + word.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return number(text);
}

int cpus_of_affinity() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return std::numeric_limits<int>::max();
  return CPU_COUNT(&allowed);
}

// This process's own control group (version 2), and those above it: each may limit.
std::vector<fs::path> control_groups(const fs::path& root) {
  const std::string groups = text_of(root / "proc/self/cgroup");
  std::vector<fs::path> folders;
  const std::size_t at = groups.find("0::/");
  if (at == std::string::npos) return folders;
  const fs::path top = root / "sys/fs/cgroup";
  fs::path own = groups.substr(at + 4, groups.find('\n', at) - at - 4);
  for (; !own.empty(); own = own.parent_path()) folders.push_back(top / own);
  folders.push_back(top);
  return folders;
}

}  // namespace

int cpus_of_quota(std::string_view cpu_max) {
  const std::size_t space = cpu_max.find(' ');
  if (space == std::string_view::npos) return 0;
  const auto quota = number(cpu_max.substr(0, space));
  const auto period = number(cpu_max.substr(space + 1));
  if (!quota || !period || *quota <= 0 || *period <= 0) return 0;  // "max 100000" is no quota
  return static_cast<int>(
      std::min<std::int64_t>((*quota - 1) / *period + 1, std::numeric_limits<int>::max()));
}

Capacity read_capacity(const fs::path& root) {
  Capacity capacity{cpus_of_affinity(), unlimited};
  if (const auto kib = number_after(text_of(root / "proc/meminfo"), "MemAvailable:"))
    capacity.memory_mib = *kib / 1024;
  for (const fs::path& group : control_groups(root)) {
    if (const int cpus = cpus_of_quota(text_of(group / "cpu.max")); cpus > 0)
      capacity.cpus = std::min(capacity.cpus, cpus);
    const auto most = number(text_of(group / "memory.max"));
    const auto now = number(text_of(group / "memory.current"));
    if (most && now)
      capacity.memory_mib = std::min(capacity.memory_mib, std::max<std::int64_t>(0, *most - *now) >> 20U);
  }
  capacity.cpus = std::max(capacity.cpus, 1);
  return capacity;
}

int jobs_that_fit(const Capacity& capacity, int guest_memory_mib) {
  const std::int64_t of_memory = capacity.memory_mib / (guest_memory_mib + qemu_memory_mib);
  return static_cast<int>(std::clamp<std::int64_t>(of_memory, 1, std::max(capacity.cpus, 1)));
}

int jobs_for(const Plan& plan, const RunOptions& options) {
  if (options.jobs) return *options.jobs;
  return plan.board.is_virtual() ? jobs_that_fit(read_capacity(), plan.board.memory_mib) : 1;
}

}  // namespace loopgate
