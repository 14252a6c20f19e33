#include "qemu/plugin/preempt_count.h"

#include <array>
#include <utility>

namespace loopgate {
namespace {

// A function's begin, in which a lock or local_bh_disable() counts.
constexpr std::size_t code_looked_at = 48;

}  // namespace

PreemptCount::PreemptCount(const ArchOps& ops, const SectionSettings& settings, ReadGuest read)
    : ops_(ops), settings_(settings), read_(std::move(read)), is_per_cpu_(!settings.counting.empty()) {}

bool PreemptCount::may_store(std::uint64_t address, std::span<const std::uint8_t> instruction) {
  if (!is_per_cpu_) return ops_.stores_word(first_bytes(instruction), settings_.preempt_count);
  const auto stored = ops_.per_cpu_operand(address, instruction);
  return stored && stored == operand();
}

std::uint64_t PreemptCount::address_of(std::uint64_t task, std::uint64_t per_cpu) {
  if (!is_per_cpu_) return task + settings_.preempt_count;
  return operand() ? per_cpu + *operand_ : 0;
}

// Its address is a symbol of data, of which the harness has none: the kernel's own code says it.
const std::optional<std::uint64_t>& PreemptCount::operand() {
  std::array<std::uint8_t, code_looked_at> code{};
  for (const std::uint64_t function : settings_.counting) {
    if (operand_ || !read_(function, code.data(), code.size())) continue;
    operand_ = ops_.first_per_cpu_change(function, code);
  }
  return operand_;
}

}  // namespace loopgate
