#include "qemu/plugin/section_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace loopgate {
namespace {

constexpr std::size_t chains_a_kind = 10;

}  // namespace

Result<SectionWriter> SectionWriter::create(const std::filesystem::path& path,
                                            std::uint64_t windows_at_most) {
  std::FILE* file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr) return fail(ErrorKind::infrastructure, path.string() + ": " + std::strerror(errno));
  std::setvbuf(file, nullptr, _IOFBF, 1U << 20U);
  return SectionWriter(file, windows_at_most);
}

std::uint32_t SectionWriter::task(std::uint32_t pid, std::int32_t priority, std::string_view name) {
  const std::string text(name.substr(0, name.find('\0')));
  const auto number = static_cast<std::uint32_t>(tasks_.size());
  const auto [found, added] = task_numbers_.insert({{pid, priority, text}, number});
  if (added) {
    SectionTask task{pid, priority, {}};
    text.copy(task.name, sizeof(task.name) - 1);
    tasks_.push_back(task);
  }
  return found->second;
}

std::uint32_t SectionWriter::places(const SectionPlaces& places) {
  const auto [found, added] = place_numbers_.insert({places, static_cast<std::uint32_t>(places_.size())});
  if (added) places_.push_back(places);
  return found->second;
}

bool SectionWriter::wants_chain(const ClosedSection& section, unsigned cpu) {
  const auto& kept = longest_[{cpu, section.kind}];
  return kept.size() < chains_a_kind || kept.back().length_ns < section.end_ns - section.begin_ns;
}

void SectionWriter::keep(const ClosedSection& section, unsigned cpu,
                         const std::vector<std::uint64_t>& addresses) {
  auto& kept = longest_[{cpu, section.kind}];
  SectionChain chain{windows_, std::min<std::uint64_t>(addresses.size(), section_chain_length), {}};
  std::copy_n(addresses.begin(), chain.count, chain.addresses);
  kept.push_back({section.end_ns - section.begin_ns, chain});
  std::ranges::stable_sort(kept, std::ranges::greater(), &KeptChain::length_ns);
  if (kept.size() > chains_a_kind) kept.pop_back();
}

bool SectionWriter::has_room_for(const ClosedSection& section, std::uint64_t records) const {
  return at_most_ - windows_ >= records &&
         section.end_ns - section.begin_ns <= std::numeric_limits<std::uint32_t>::max();
}

void SectionWriter::put_record(const ClosedSection& section, unsigned cpu) {
  const SectionRecord record{
      section.begin_ns, static_cast<std::uint32_t>(section.end_ns - section.begin_ns),
      places({static_cast<std::uint64_t>(section.kind), section.opened, section.closed}), section.task, cpu};
  std::fwrite(&record, sizeof(record), 1, file_.get());
  ++windows_;
}

void SectionWriter::write(const ClosedSection& section, unsigned cpu,
                          const std::vector<std::uint64_t>& addresses) {
  if (!has_room_for(section, 1)) {
    ++lost_;
    return;
  }
  if (wants_chain(section, cpu)) keep(section, cpu, addresses);
  put_record(section, cpu);
}

void SectionWriter::write_wait(ClosedSection wait, std::uint32_t holder, unsigned cpu,
                               const std::vector<std::uint64_t>& addresses) {
  // A lock may be waited for without an end, and a record counts 4.29 s: of more it has the last.
  constexpr std::int64_t most_ns = std::numeric_limits<std::uint32_t>::max();
  wait.begin_ns = std::max(wait.begin_ns, wait.end_ns - most_ns);
  if (!has_room_for(wait, 2)) {
    ++lost_;
    return;
  }
  if (wants_chain(wait, cpu)) keep(wait, cpu, addresses);
  put_record(wait, cpu);
  wait.kind = SectionKind::lock_holder;
  wait.task = holder;
  put_record(wait, cpu);
}

bool SectionWriter::finish(SectionFileEnd end) {
  std::vector<SectionChain> chains;
  for (const auto& [of, longest] : longest_)
    for (const KeptChain& kept : longest) chains.push_back(kept.chain);
  put(places_);
  put(tasks_);
  put(chains);
  end.magic = section_magic;
  end.windows = windows_;
  end.places = places_.size();
  end.tasks = tasks_.size();
  end.chains = chains.size();
  end.lost = lost_;
  put(std::vector<SectionFileEnd>{end});
  return std::fflush(file_.get()) == 0 && std::ferror(file_.get()) == 0;
}

}  // namespace loopgate
