#include "target/probe/relay.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

namespace loopgate {
namespace {

constexpr std::uint64_t no_end = std::numeric_limits<std::uint64_t>::max();

// One stimulus is followed at a time: two records of one overlap, and two of different ones do not.
bool are_one(const ProbeRecord& one, const ProbeRecord& other) {
  return one.taken_ns < other.answer_ns && other.taken_ns < one.answer_ns;
}

const ProbeRecord* find_same(const std::vector<ProbeRecord>& records, const ProbeRecord& wanted) {
  const auto found = std::find_if(records.rbegin(), records.rend(),
                                  [&](const ProbeRecord& each) { return are_one(each, wanted); });
  return found == records.rend() ? nullptr : &*found;
}

}  // namespace

void Relay::begin(std::int64_t attached_ns) {
  next_.emplace(capacity_);
  attached_ns_ = attached_ns;
}

bool Relay::has_met() const {
  return std::ranges::any_of(next_->records(), [&](const ProbeRecord& each) {
    return each.taken_ns >= attached_ns_ && find_same(current_.records(), each) != nullptr;
  });
}

std::optional<Relay::Handover> Relay::hand_over() {
  const std::vector<LongWait> old_waits = current_.long_waits();
  const std::vector<ProbeRecord> old = current_.take_records();
  Handover handover;
  std::uint64_t first = 0, shift = 0;
  for (const ProbeRecord& record : next_->records()) {
    const ProbeRecord* same = record.taken_ns >= attached_ns_ ? find_same(old, record) : nullptr;
    if (same == nullptr) continue;
    if (same->number < record.number) return std::nullopt;
    if (handover.twice++ == 0) {
      first = record.number;
      shift = same->number - record.number;
    }
    if (same->number - record.number != shift) return std::nullopt;
    first = std::min(first, record.number);
  }
  if (handover.twice == 0) return std::nullopt;
  keep(old, first + shift);
  for (const LongWait& wait : old_waits)
    if (wait.number >= first_ && wait.number < first + shift)
      waits_.push_back({wait.number + offset_, wait.holder});
  events_ += current_.events();
  damaged_ += current_.damaged();
  beyond_ += current_.beyond();
  slow_ns_ = slow_ns();
  offset_ += shift;
  first_ = first;
  current_ = std::move(*next_);
  next_.reset();
  handover.number = first_ + offset_;
  return handover;
}

// Of the current one, those that count up to `end`, which is a number of its own.
void Relay::keep(std::vector<ProbeRecord> records, std::uint64_t end) {
  for (ProbeRecord& record : records) {
    if (record.number < first_ || record.number >= end) continue;
    record.number += offset_;
    kept_.push_back(record);
  }
}

std::vector<ProbeRecord> Relay::take_records() {
  keep(current_.take_records(), no_end);
  return std::move(kept_);
}

std::vector<LongWait> Relay::long_waits() const {
  std::vector<LongWait> all = waits_;
  for (const LongWait& wait : current_.long_waits())
    if (wait.number >= first_) all.push_back({wait.number + offset_, wait.holder});
  std::ranges::stable_sort(all, std::greater(), [](const LongWait& wait) { return wait.holder.waited_ns; });
  if (all.size() > long_waits_kept) all.resize(long_waits_kept);
  return all;
}

}  // namespace loopgate
