#include "target/probe/collector.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace loopgate {
namespace {

constexpr std::size_t perf_padding = 8;

bool is_size_of(std::size_t expected, std::size_t size) {
  return size >= expected && size < expected + perf_padding;
}

bool is_wait(const ProbeHolder& holder) {
  return holder.waited_ns > 0 && holder.of_payload <= 1 && holder.slices > 0;
}

}  // namespace

void Collector::take(const void* data, std::size_t size) {
  ++events_;
  const bool has_holder = is_size_of(sizeof(ProbeEvent), size);
  if (!has_holder && !is_size_of(sizeof(ProbeRecord), size)) {
    ++damaged_;
    return;
  }
  ProbeEvent event{};
  std::memcpy(&event, data, has_holder ? sizeof(ProbeEvent) : sizeof(ProbeRecord));
  if (!can_be(event.record) || (has_holder && !is_wait(event.holder))) {
    ++damaged_;
    return;
  }
  if (has_holder) take_holder(event.record.number, event.holder);
  if (records_.size() < capacity_)
    records_.push_back(event.record);
  else
    ++beyond_;
}

void Collector::take_holder(std::uint64_t number, const ProbeHolder& holder) {
  const auto shorter = std::ranges::find_if(
      long_waits_, [&](const LongWait& each) { return each.holder.waited_ns < holder.waited_ns; });
  long_waits_.insert(shorter, {number, holder});
  if (long_waits_.size() > long_waits_kept) long_waits_.pop_back();
}

std::int64_t Collector::slow_ns() const {
  return long_waits_.size() < long_waits_kept ? 0 : long_waits_.back().holder.waited_ns;
}

std::vector<ProbeRecord> Collector::take_records() {
  std::ranges::stable_sort(records_, {}, &ProbeRecord::number);
  const auto twice = std::ranges::unique(records_, {}, &ProbeRecord::number);
  damaged_ += static_cast<std::uint64_t>(std::ranges::distance(twice));
  records_.erase(twice.begin(), twice.end());
  return std::move(records_);
}

}  // namespace loopgate
