#include "target/probe/trace_keeper.h"

#include <algorithm>
#include <map>
#include <utility>

namespace loopgate {

void TraceKeeper::add(std::size_t cpu, const TracePage& page, std::string bytes) {
  if (numbers_.size() <= cpu) numbers_.resize(cpu + 1);
  recent_.push_back(std::make_shared<const NumberedPage>(
      NumberedPage{cpu, ++numbers_[cpu], page.begin_ns, page.end_ns(), std::move(bytes)}));
  if (recent_.size() <= recent_pages_most) return;
  dropped_ns_ = std::max(dropped_ns_, recent_.front()->end_ns);
  recent_.pop_front();
}

void TraceKeeper::forget_before(std::int64_t at_ns) {
  std::erase_if(recent_, [&](const auto& page) { return page->end_ns < at_ns - trace_context_ns; });
}

KeptStimulus TraceKeeper::cut_out(const ProbeRecord& record) const {
  const std::int64_t from_ns = record.taken_ns - trace_context_ns;
  KeptStimulus kept{record, {}, dropped_ns_ >= from_ns};
  for (const auto& page : recent_) {
    if (page->end_ns >= from_ns && page->begin_ns <= record.set_ns) kept.pages.push_back(page);
  }
  if (kept.pages.size() <= pages_most_) return kept;
  std::ranges::stable_sort(kept.pages, {}, [](const auto& page) { return page->begin_ns; });
  const auto half = static_cast<std::ptrdiff_t>(pages_most_ / 2);
  kept.pages.erase(kept.pages.begin() + half, kept.pages.end() - half);
  kept.cut = true;
  return kept;
}

void TraceKeeper::offer(const ProbeRecord& record) {
  const std::int64_t own_ns = kernel_ns(record);
  const auto shorter =
      std::ranges::find_if(kept_, [&](const KeptStimulus& each) { return kernel_ns(each.record) < own_ns; });
  if (shorter == kept_.end() && kept_.size() >= probe_traced_most) return;
  kept_.insert(shorter, cut_out(record));
  if (kept_.size() > probe_traced_most) kept_.pop_back();
}

std::vector<std::string> TraceKeeper::pages() const {
  std::map<std::pair<std::size_t, std::uint64_t>, const NumberedPage*> all;
  for (const KeptStimulus& stimulus : kept_)
    for (const auto& page : stimulus.pages) all[{page->cpu, page->number}] = page.get();
  std::vector<std::string> pages(numbers_.size());
  const NumberedPage* before = nullptr;
  for (const auto& [place, page] : all) {
    std::string bytes = page->bytes;
    if (before != nullptr && before->cpu == page->cpu && before->number + 1 != page->number)
      mark_loss(&bytes);
    pages[page->cpu] += bytes;
    before = page;
  }
  return pages;
}

}  // namespace loopgate
