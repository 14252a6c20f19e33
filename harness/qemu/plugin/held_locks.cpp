#include "qemu/plugin/held_locks.h"

#include <algorithm>

namespace loopgate {
namespace {

constexpr std::int64_t longest_ns = 10'000'000;

}  // namespace

std::optional<OpenedSection> HeldLocks::take(std::uint64_t lock, std::uint64_t caller, bool real_time,
                                             std::int64_t at_ns) {
  if (real_time) {
    if (under_way_) wanted_.insert(lock);
    return std::nullopt;
  }
  if (!wanted_.contains(lock)) return std::nullopt;
  // Its holder still has it, unless it was given back by a way that is not followed.
  if (const auto before = held_.find(lock);
      before != held_.end() && at_ns - before->second.since_ns < longest_ns)
    return std::nullopt;
  const Held held{{caller, lock}, at_ns, switches_};
  held_[lock] = held;
  const auto beside = std::ranges::count_if(
      held_, [&](const auto& each) { return each.first != lock && each.second.switches != switches_; });
  return OpenedSection{SectionKind::lock_held, at_ns, held.place, static_cast<std::uint32_t>(beside)};
}

std::optional<ClosedSection> HeldLocks::give(std::uint64_t lock, std::int64_t at_ns) {
  const auto found = held_.find(lock);
  if (found == held_.end()) return std::nullopt;
  const Held held = found->second;
  held_.erase(found);
  if (held.switches != switches_) return std::nullopt;
  return ClosedSection{SectionKind::lock_held, held.since_ns, at_ns, held.place, held.place, 0};
}

}  // namespace loopgate
