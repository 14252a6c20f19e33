#include "target/loopback/rights.h"

#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "target/gpio_chip.h"
#include "target/real_time.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

std::string what_may_not_be_opened(const std::string& chip) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/dev", error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("gpiochip") || ::access(entry.path().c_str(), R_OK | W_OK) == 0) continue;
    return entry.path().string() + ", where " + chip + " may be, can't be opened (" + std::strerror(errno) +
           "): run as root, or as a member of the group that owns it";
  }
  return {};
}

// "irq/45-loopback"; the kernel cuts a name off at 15 characters.
bool is_edge_thread(std::string_view comm) {
  constexpr std::string_view line = "loopback";
  const auto dash = comm.find('-');
  if (!comm.starts_with("irq/") || dash == std::string_view::npos) return false;
  const std::string_view rest = comm.substr(dash + 1);
  return rest == line || (comm.size() == 15 && !rest.empty() && line.starts_with(rest));
}

}  // namespace

std::string find_chip(const std::string& chip, std::string* problem) {
  std::string path = target::find_gpio_chip(chip);
  if (!path.empty() && ::access(path.c_str(), R_OK | W_OK) == 0) return path;
  *problem = what_may_not_be_opened(chip);
  if (problem->empty()) *problem = "no GPIO chip is labelled or named " + chip;
  return {};
}

std::string keep_to_cpu(int cpu) {
  if (cpu < 0) return {};
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  if (::sched_setaffinity(0, sizeof(set), &set) == 0) return {};
  return "CPU " + std::to_string(cpu) + " can't be had (" + std::strerror(errno) + ")";
}

std::string become_real_time(int priority) {
  std::string refused = target::lock_memory();
  return refused.empty() ? target::take_policy(SCHED_FIFO, priority) : refused;
}

std::string raise_edge_thread(int priority) {
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc", error)) {
    int pid = 0;
    const std::string name = entry.path().filename().string();
    const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (bad != std::errc() || end != name.data() + name.size()) continue;
    std::string comm;
    std::getline(std::ifstream(entry.path() / "comm"), comm);
    if (!is_edge_thread(comm)) continue;
    sched_param parameters{};
    parameters.sched_priority = priority;
    if (::sched_setscheduler(pid, SCHED_FIFO, &parameters) == 0) return {};
    return comm + ": real-time priority " + std::to_string(priority) + " can't be set (" +
           std::strerror(errno) + ")";
  }
  return "the kernel's thread for the response's edges (irq/*-loopback) is not there";
}

}  // namespace loopgate
