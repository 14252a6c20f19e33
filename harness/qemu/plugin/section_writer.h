// Writes a file of critical sections (protocol/section_file.h).
#pragma once

#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "protocol/section_file.h"
#include "qemu/plugin/section_windows.h"

namespace loopgate {

class SectionWriter {
 public:
  static Result<SectionWriter> create(const std::filesystem::path& path, std::uint64_t windows_at_most);

  // The number of a task, the same for each call with the same process, name and priority.
  std::uint32_t task(std::uint32_t pid, std::int32_t priority, std::string_view name);

  // Whether the window is among the longest of its kind and CPU so far, whose call chains are kept.
  bool wants_chain(const ClosedSection& section, unsigned cpu);
  // `addresses` are the return addresses where it closed, where wants_chain() asked for them.
  void write(const ClosedSection& section, unsigned cpu, const std::vector<std::uint64_t>& addresses);
  // A lock_wait with its lock_holder, the number of a task. Both or none.
  void write_wait(ClosedSection wait, std::uint32_t holder, unsigned cpu,
                  const std::vector<std::uint64_t>& addresses);

  // The tables and the end. `end` has what the writer does not count itself. Whether all could be written.
  bool finish(SectionFileEnd end);

 private:
  // The shortest of a kind leaves first.
  struct KeptChain {
    std::int64_t length_ns = 0;
    SectionChain chain = {};
  };
  struct HashPlaces {
    std::size_t operator()(const SectionPlaces& places) const {
      constexpr std::uint64_t golden =
          0x9e3779b97f4a7c15;  // Fibonacci hashing: spreads addresses that are alike
      std::uint64_t hash = places.kind;
      for (const SectionPlace& place : {places.opened, places.closed})
        for (const std::uint64_t word : {place.address, place.link}) hash = (hash ^ word) * golden;
      return static_cast<std::size_t>(hash ^ hash >> 32U);
    }
  };
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  SectionWriter(std::FILE* file, std::uint64_t at_most) : file_(file), at_most_(at_most) {}
  bool has_room_for(const ClosedSection& section, std::uint64_t records) const;
  void put_record(const ClosedSection& section, unsigned cpu);
  std::uint32_t places(const SectionPlaces& places);
  void keep(const ClosedSection& section, unsigned cpu, const std::vector<std::uint64_t>& addresses);
  template <class Record>
  void put(const std::vector<Record>& records) {
    if (!records.empty()) std::fwrite(records.data(), sizeof(Record), records.size(), file_.get());
  }

  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t at_most_;
  std::uint64_t windows_ = 0;
  std::uint64_t lost_ = 0;
  std::unordered_map<SectionPlaces, std::uint32_t, HashPlaces> place_numbers_;
  std::vector<SectionPlaces> places_;
  std::map<std::tuple<std::uint32_t, std::int32_t, std::string>, std::uint32_t> task_numbers_;
  std::vector<SectionTask> tasks_;
  std::map<std::pair<unsigned, SectionKind>, std::vector<KeptChain>> longest_;
};

}  // namespace loopgate
