#include "explain/trace_reader.h"

#include <algorithm>
#include <cstring>

namespace loopgate {
namespace {

// 146 years: sums and differences of such times have room in 64 bits.
constexpr std::int64_t latest_ns = std::int64_t{1} << 62U;
constexpr std::size_t words_of_task = sizeof(TraceTask) / 8;

auto damaged(const char* what) { return fail(ErrorKind::data, std::string("the trace is damaged: ") + what); }

// The fewest words that a record of a kind has.
std::size_t min_words(TraceKind kind) {
  switch (kind) {
    case TraceKind::block:
      return 4;
    case TraceKind::begin:
    case TraceKind::end:
    case TraceKind::preempt_jump:
    case TraceKind::given_up:
    case TraceKind::system_call:
      return 1;
    case TraceKind::vector:
    case TraceKind::returns:
      return 2;
    case TraceKind::current:
    case TraceKind::woken:
    case TraceKind::waking:
      return words_of_task;
    case TraceKind::switched:
      return 2 * words_of_task;
    case TraceKind::stack:
      return 2;
    case TraceKind::interrupt:
      return 5;
    case TraceKind::path:
      return sizeof(TracePath) / 8;
    case TraceKind::path_part:
      return sizeof(TracePathPart) / 8;
    case TraceKind::header:
    case TraceKind::run:
      return 0;
  }
  return 0;
}

template <class Record>
Record record_in(const std::vector<std::uint64_t>& words) {
  Record record{};
  std::memcpy(&record, words.data(), sizeof(record));
  return record;
}

TraceTask with_ended_name(TraceTask task) {
  task.name[sizeof(task.name) - 1] = '\0';
  return task;
}

// Takes the sum's next part from what is left of a time. False where it is more than that.
bool take_from(std::int64_t* left_ns, std::uint64_t part) {
  if (part > static_cast<std::uint64_t>(*left_ns)) return false;
  *left_ns -= static_cast<std::int64_t>(part);
  return true;
}

}  // namespace

TraceTask task_in(const std::vector<std::uint64_t>& words, std::size_t number) {
  TraceTask task{};
  std::memcpy(&task, words.data() + number * words_of_task, sizeof(task));
  return with_ended_name(task);
}

bool has_callers(const TracedSample& sample) {
  return std::ranges::any_of(sample.events, [](const TraceEvent& event) {
    return event.kind == TraceKind::stack && event.words.size() > 2;
  });
}

Result<TraceReader> TraceReader::open(std::string_view bytes) {
  TraceReader reader(bytes);
  TraceRecord record{};
  std::vector<std::uint64_t> words;
  if (auto taken = reader.take_record(&record, &words); !taken) return tl::unexpected(taken.error());
  if (record.kind != 0 || record.at_ns != static_cast<std::int64_t>(trace_magic))
    return damaged("it does not begin as it should");
  return reader;
}

Status TraceReader::take_record(TraceRecord* record, std::vector<std::uint64_t>* words) {
  if (rest_.size() < sizeof(*record)) return damaged("it ends within a record");
  std::memcpy(record, rest_.data(), sizeof(*record));
  rest_.remove_prefix(sizeof(*record));
  if (record->kind > static_cast<std::uint16_t>(last_trace_kind)) return damaged("a record of no known kind");
  if (record->at_ns < 0 || record->at_ns > latest_ns) return damaged("a time that no run comes to");
  const auto kind = static_cast<TraceKind>(record->kind);
  words->clear();
  if (kind == TraceKind::run) return {};
  if (record->value < min_words(kind)) return damaged("a record is too short");
  if (rest_.size() / 8 < record->value) return damaged("it ends within a record");
  words->resize(record->value);
  if (words->empty()) return {};  // its data() may be null, which memcpy must not get
  std::memcpy(words->data(), rest_.data(), std::size_t{8} * record->value);
  rest_.remove_prefix(std::size_t{8} * record->value);
  return {};
}

Status TraceReader::take_block(const std::vector<std::uint64_t>& words) {
  // Blocks are numbered as they are translated and written as they first run, so some numbers have no block.
  constexpr std::uint64_t max_blocks = 1U << 24U;
  if (words[0] >= max_blocks) return damaged("a block of an impossible number");
  if (words[0] >= blocks_.size()) blocks_.resize(words[0] + 1);
  blocks_[words[0]] = {words[1], static_cast<std::uint32_t>(words[2]),
                       static_cast<std::uint32_t>(words[2] >> 32U), static_cast<std::uint32_t>(words[3])};
  return {};
}

Result<bool> TraceReader::next(TracedSample* out) {
  TraceRecord record{};
  std::vector<std::uint64_t> words;
  bool within = false;
  while (!rest_.empty()) {
    if (auto taken = take_record(&record, &words); !taken) return tl::unexpected(taken.error());
    const auto kind = static_cast<TraceKind>(record.kind);
    if (kind == TraceKind::block) {
      if (auto taken = take_block(words); !taken) return tl::unexpected(taken.error());
    } else if (kind == TraceKind::begin) {
      if (within) return damaged("a sample begins within another");
      *out = {};
      out->sample = static_cast<std::uint32_t>(words[0]);
      out->stimulus_ns = record.at_ns;
      within = true;
    } else if (!within || kind == TraceKind::path || kind == TraceKind::path_part) {
      return damaged("a record outside of any sample");
    } else if (kind == TraceKind::end || kind == TraceKind::given_up) {
      out->response_ns = record.at_ns;
      out->response_cpu = record.cpu;
      out->given_up = kind == TraceKind::given_up;
      return true;
    } else if (kind == TraceKind::preempt_jump) {
      out->preempt_jump = words[0];
    } else {
      if (kind == TraceKind::run &&
          (record.value >= blocks_.size() || blocks_[record.value].instructions == 0))
        return damaged("a block that was never described");
      out->events.push_back({kind, record.cpu, record.at_ns, record.value, std::move(words)});
    }
  }
  if (within) return damaged("it ends within a sample");
  return false;
}

Status TraceReader::take_path_part(PathWindow* path, std::int64_t* left_ns) {
  TraceRecord record{};
  std::vector<std::uint64_t> words;
  TRY_STATUS(take_record(&record, &words));
  if (static_cast<TraceKind>(record.kind) != TraceKind::path_part) return damaged("a path lacks a part");
  const auto head = record_in<TracePathPart>(words);
  TracedPathPart part{with_ended_name(head.task), head.interrupt != 0, {}};
  constexpr std::size_t words_of_head = sizeof(head) / 8;
  if ((words.size() - words_of_head) % 2 != 0) return damaged("an address has no count");
  for (std::size_t i = words_of_head; i < words.size(); i += 2) {
    if (!take_from(left_ns, words[i + 1])) return damaged("a path has more instructions than its time");
    part.counts.push_back({words[i], words[i + 1]});
  }
  path->parts.push_back(std::move(part));
  return {};
}

Result<bool> TraceReader::next_path(PathWindow* out) {
  if (rest_.empty()) return false;
  TraceRecord record{};
  std::vector<std::uint64_t> words;
  TRY_STATUS(take_record(&record, &words));
  if (static_cast<TraceKind>(record.kind) != TraceKind::path) return damaged("a record outside of any path");
  const auto head = record_in<TracePath>(words);
  *out = {record.at_ns,
          head.end_ns,
          head.idle_ns,
          head.unknown_ns,
          head.outside_instructions,
          head.outside_idle_ns,
          head.timed_parts,
          head.misplaced_marks,
          head.finished != 0,
          with_ended_name(head.task),
          {}};
  if (head.end_ns < record.at_ns || head.end_ns > latest_ns) return damaged("a path ends before it begins");
  if (head.idle_ns < 0 || head.unknown_ns < 0 || head.outside_idle_ns < 0)
    return damaged("a path has a time below 0");
  std::int64_t left_ns = head.end_ns - record.at_ns;
  if (!take_from(&left_ns, static_cast<std::uint64_t>(head.idle_ns)) ||
      !take_from(&left_ns, static_cast<std::uint64_t>(head.unknown_ns)) ||
      !take_from(&left_ns, static_cast<std::uint64_t>(head.outside_idle_ns)))
    return damaged("a path waited for longer than its time");
  if (!take_from(&left_ns, head.outside_instructions))
    return damaged("a path has more instructions than its time");
  for (std::uint32_t i = 0; i < head.parts; ++i) TRY_STATUS(take_path_part(out, &left_ns));
  if (left_ns != 0) return damaged("a path has fewer instructions than its time");
  return true;
}

}  // namespace loopgate
