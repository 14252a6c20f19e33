// A traced path put together by hand, as the plugin writes it (protocol/trace_file.h).
#pragma once

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "explain/testing/made_up_trace.h"

namespace loopgate::testing {

using Counts = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // instructions by address

inline void add_record(std::string* bytes, TraceKind kind, std::int64_t at_ns,
                       const std::vector<std::uint64_t>& words) {
  const TraceRecord record{at_ns, static_cast<std::uint16_t>(kind), 0,
                           static_cast<std::uint32_t>(words.size())};
  bytes->append(reinterpret_cast<const char*>(&record), sizeof(record));
  for (const std::uint64_t word : words) bytes->append(reinterpret_cast<const char*>(&word), sizeof(word));
}

template <class Record>
std::vector<std::uint64_t> as_words(const Record& record) {
  std::vector<std::uint64_t> words(sizeof(record) / 8);
  std::memcpy(words.data(), &record, sizeof(record));
  return words;
}

inline std::string empty_trace() {
  std::string bytes;
  add_record(&bytes, TraceKind::header, static_cast<std::int64_t>(trace_magic), {});
  return bytes;
}

inline void add_part(std::string* bytes, const TraceTask& of, bool interrupt, const Counts& counts) {
  std::vector<std::uint64_t> words = as_words(TracePathPart{of, interrupt ? 1U : 0U});
  for (const auto& [address, count] : counts) words.insert(words.end(), {address, count});
  add_record(bytes, TraceKind::path_part, 0, words);
}

}  // namespace loopgate::testing
