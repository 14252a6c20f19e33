#include "audit/thread_stat.h"

#include <fmt/format.h>

#include "audit/text_parts.h"

namespace loopgate {
namespace {

// proc_pid_stat(5), counted from 0 at the state, which follows the name in brackets.
constexpr std::size_t field_flags = 6;
constexpr std::size_t field_cpu = 36;
constexpr std::size_t field_priority = 37;
constexpr std::size_t field_policy = 38;

constexpr std::uint64_t pf_kthread = 0x00200000;  // include/linux/sched.h: has no user space

}  // namespace

std::optional<ThreadStat> parse_thread_stat(std::string_view line) {
  // A name may contain blanks and brackets, so it ends at the last bracket of the line.
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  const auto words = words_of(line.substr(close + 1));
  if (words.size() <= field_policy) return std::nullopt;
  const auto id = parse_number<int>(trimmed(line.substr(0, open)));
  const auto flags = parse_number<std::uint64_t>(words[field_flags]);
  const auto cpu = parse_number<int>(words[field_cpu]);
  const auto priority = parse_number<int>(words[field_priority]);
  const auto policy = parse_number<int>(words[field_policy]);
  if (!id || !flags || !cpu || !priority || !policy) return std::nullopt;
  return ThreadStat{*id,
                    std::string(line.substr(open + 1, close - open - 1)),
                    (*flags & pf_kthread) != 0,
                    *cpu,
                    *policy,
                    *priority};
}

std::string to_text(const ThreadStat& thread) {
  if (thread.deadline()) return thread.name + " (DEADLINE)";
  if (!thread.real_time()) return thread.name;
  return fmt::format("{} ({} {})", thread.name, thread.policy == 1 ? "FIFO" : "RR", thread.priority);
}

}  // namespace loopgate
