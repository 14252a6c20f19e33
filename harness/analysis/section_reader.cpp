#include "analysis/section_reader.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <map>
#include <utility>

namespace loopgate {
namespace {

// 146 years: sums of such times have room in 64 bits.
constexpr std::int64_t latest_ns = std::int64_t{1} << 62U;

auto damaged(const char* what) {
  return fail(ErrorKind::data, std::string("the recorded sections are damaged: ") + what);
}

// Takes `count` records from the front. False where there are fewer.
template <class Record>
bool take(std::string_view* rest, std::uint64_t count, std::vector<Record>* out) {
  if (rest->size() / sizeof(Record) < count) return false;
  out->resize(count);
  const std::size_t size = count * sizeof(Record);
  if (size > 0) std::memcpy(out->data(), rest->data(), size);
  rest->remove_prefix(size);
  return true;
}

// What makes the recording no whole one.
Status check_end(const SectionFileEnd& end) {
  const auto incomplete = [](const std::string& what, const char* next_step) {
    return fail(ErrorKind::infrastructure, "the recording of sections is not whole: " + what, next_step);
  };
  if (end.lost > 0)
    return incomplete(fmt::format("{} windows had no room in its file", end.lost),
                      "record a run of fewer stimuli");
  if (end.priority_masks > 0)
    return incomplete(fmt::format("this kernel set the interrupt controller's priority mask {} times "
                                  "(pseudo-NMI), which is not followed",
                                  end.priority_masks),
                      "boot it without irqchip.gicv3_pseudo_nmi=1");
  if (end.wrong_counts > 0)
    return incomplete(fmt::format("at {} task switches the kernel's preempt count was not the followed one",
                                  end.wrong_counts),
                      "this kernel changes it in a way that is not known: please report it");
  if (end.no_count > 0)
    return incomplete("where this kernel keeps its preempt count was not found in what _raw_spin_lock does",
                      "this kernel counts in a way that is not known: please report it");
  return {};
}

bool is_of_lock(SectionKind kind) {
  return kind == SectionKind::lock_wait || kind == SectionKind::lock_holder;
}

bool is_holder_of(const RecordedSections& sections, const SectionRecord& wait, const SectionRecord& holder) {
  const SectionPlaces& asked = sections.places[wait.places];
  const SectionPlaces& had = sections.places[holder.places];
  return sections.kind_of(wait) == SectionKind::lock_wait &&
         sections.kind_of(holder) == SectionKind::lock_holder && wait.begin_ns == holder.begin_ns &&
         wait.length_ns == holder.length_ns && wait.cpu == holder.cpu && asked.opened == had.opened &&
         asked.closed == had.closed;
}

// Each wait is followed by its holder, and each holder follows its wait.
Status check_lock_waits(const RecordedSections& sections) {
  const auto& windows = sections.windows;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (!is_of_lock(sections.kind_of(windows[i]))) continue;
    if (!sections.follows_locks) return damaged("a wait for a lock where none is followed");
    if (i + 1 == windows.size() || !is_holder_of(sections, windows[i], windows[i + 1]))
      return damaged("a wait for a lock without its holder");
    ++i;
  }
  return {};
}

Status check_windows(const RecordedSections& sections) {
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::int64_t> ends;  // by CPU and kind
  for (const SectionRecord& window : sections.windows) {
    if (window.places >= sections.places.size() || window.task >= sections.tasks.size())
      return damaged("a window points behind its tables");
    // Before anything is added to it, which might not fit.
    if (window.begin_ns < 0 || window.begin_ns > latest_ns - window.length_ns)
      return damaged("a window outside of it");
    const std::int64_t end_ns = window.begin_ns + window.length_ns;
    if (end_ns <= sections.begin_ns) return damaged("a window outside of it");
    const SectionKind kind = sections.kind_of(window);
    std::int64_t& before = ends[{window.cpu, static_cast<std::uint64_t>(kind)}];
    if (window.length_ns == 0) return damaged("a window of no length");
    // Several tasks of one CPU may wait at once.
    if ((is_of_lock(kind) ? end_ns : window.begin_ns) < before)
      return damaged(is_of_lock(kind) ? "waits for locks are not in the order of their ends"
                                      : "two windows of one kind overlap");
    before = end_ns;
  }
  return {};
}

Status check_tables(RecordedSections* sections) {
  for (const SectionPlaces& places : sections->places)
    if (places.kind >= section_kinds) return damaged("a window of no known kind");
  for (SectionTask& task : sections->tasks) task.name[sizeof(task.name) - 1] = '\0';
  for (const SectionChain& chain : sections->chains)
    if (chain.window >= sections->windows.size() || chain.count > section_chain_length)
      return damaged("a call chain of no window");
  return {};
}

}  // namespace

Result<RecordedSections> read_sections(std::string_view bytes) {
  SectionFileEnd end{};
  if (bytes.size() < sizeof(end)) return damaged("they were cut off");
  std::memcpy(&end, bytes.data() + bytes.size() - sizeof(end), sizeof(end));
  bytes.remove_suffix(sizeof(end));
  if (end.magic != section_magic) return damaged("they were cut off");
  if (end.begin_ns < 0 || end.begin_ns > end.end_ns || end.end_ns > latest_ns)
    return damaged("they end before they begin");
  RecordedSections sections;
  if (!take(&bytes, end.windows, &sections.windows) || !take(&bytes, end.places, &sections.places) ||
      !take(&bytes, end.tasks, &sections.tasks) || !take(&bytes, end.chains, &sections.chains) ||
      !bytes.empty())
    return damaged("they are not as long as they say");
  sections.begin_ns = end.begin_ns;
  sections.end_ns = end.end_ns;
  sections.unclosed = end.unclosed;
  sections.preemptible = end.preemptible != 0;
  sections.follows_locks = end.locks != 0;
  TRY_STATUS(check_tables(&sections));
  TRY_STATUS(check_windows(sections));
  TRY_STATUS(check_lock_waits(sections));
  TRY_STATUS(check_end(end));
  return sections;
}

}  // namespace loopgate
