#include "qemu/plugin/lock_waits.h"

#include <algorithm>
#include <utility>

namespace loopgate {
namespace {

// More locks than one task holds. What is given back by a way that is not followed stays, and is the oldest.
constexpr std::size_t calls_a_task = 32;

}  // namespace

// What was given back before is over. A lock of which that was not seen is asked for anew.
void LockWaits::take(std::uint64_t task, const LockCall& call) {
  auto& calls = calls_[task];
  std::erase_if(calls, [&](const Kept& each) { return each.given || each.call.lock == call.lock; });
  if (calls.size() == calls_a_task) calls.erase(calls.begin());
  calls.push_back({call});
}

// Its task still has the lock, and may be preempted before it has not.
void LockWaits::give(std::uint64_t task, std::uint64_t lock) {
  const auto found = calls_.find(task);
  if (found == calls_.end()) return;
  std::erase_if(found->second, [](const Kept& each) { return each.given; });
  for (Kept& each : found->second)
    if (each.call.lock == lock) each.given = true;
}

bool LockWaits::may_be_in_call(std::uint64_t task) const {
  const auto found = calls_.find(task);
  return found != calls_.end() &&
         std::ranges::any_of(found->second, [](const Kept& each) { return !each.given; });
}

// The latest first: an earlier one may have returned to the same place.
const LockCall* LockWaits::call_in(std::uint64_t task, std::span<const std::uint64_t> chain) const {
  const auto found = calls_.find(task);
  if (found == calls_.end()) return nullptr;
  const auto& calls = found->second;
  const auto in_it = std::find_if(calls.rbegin(), calls.rend(), [&](const Kept& each) {
    return !each.given && std::ranges::find(chain, each.call.place.link) != chain.end();
  });
  return in_it == calls.rend() ? nullptr : &in_it->call;
}

SectionPlace LockWaits::taken_by(std::uint64_t task, std::uint64_t lock) const {
  const auto found = calls_.find(task);
  if (found == calls_.end()) return {};
  const auto taken =
      std::ranges::find_if(found->second, [&](const Kept& each) { return each.call.lock == lock; });
  return taken == found->second.end() ? SectionPlace() : taken->call.place;
}

void LockWaits::leave(const TraceTask& task, const LockCall& call, const TraceTask& holder,
                      std::int64_t at_ns, std::vector<std::uint64_t> chain) {
  auto& calls = calls_[task.address];
  const auto kept =
      std::ranges::find_if(calls, [&](const Kept& each) { return each.call.lock == call.lock; });
  if (kept == calls.end()) return;
  LockWait wait;
  wait.lock = call.lock;
  wait.begin_ns = std::exchange(kept->slept, true) ? at_ns : call.at_ns;
  wait.asked = call.place;
  if (holder.address != 0) wait.taken = taken_by(holder.address, call.lock);
  wait.waiter = task;
  wait.holder = holder;
  wait.chain = std::move(chain);
  waits_[task.address] = std::move(wait);
}

TraceTask LockWaits::next_for(std::uint64_t lock) const {
  const LockWait* next = nullptr;
  const auto rank = [](const LockWait& wait) { return std::pair(wait.waiter.priority, wait.begin_ns); };
  for (const auto& [task, wait] : waits_)
    if (wait.lock == lock && (next == nullptr || rank(wait) < rank(*next))) next = &wait;
  return next == nullptr ? TraceTask{} : next->waiter;
}

std::optional<LockWait> LockWaits::resume(std::uint64_t task, std::int64_t at_ns) {
  auto found = waits_.extract(task);
  if (!found) return std::nullopt;
  found.mapped().end_ns = at_ns;
  return std::move(found.mapped());
}

}  // namespace loopgate
