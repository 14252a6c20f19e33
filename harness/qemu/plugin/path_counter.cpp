#include "qemu/plugin/path_counter.h"

#include <algorithm>
#include <utility>

namespace loopgate {

void PathCounter::open(std::int64_t at_ns, const PathRunner& runner, const PathBlock& rest) {
  path_ = {};
  path_.begin_ns = at_ns;
  path_.opened_by = runner_ = runner;
  counts_ = &path_.parts[runner];
  open_ = timed_ = true;
  part_begins_ns_.reset();
  began_ns_ = at_ns;
  running_ = rest;
}

void PathCounter::enter(std::int64_t at_ns, const PathRunner& runner, const PathBlock& block) {
  settle(at_ns);
  if (runner != runner_) {
    runner_ = runner;
    counts_ = &path_.parts[runner];
  }
  running_ = block;
}

// A part may begin at a time, in the middle of a block or while the CPU waits.
void PathCounter::settle(std::int64_t until_ns) {
  if (part_begins_ns_ && *part_begins_ns_ <= until_ns) {
    pass(*part_begins_ns_);
    timed_ = true;
    part_begins_ns_.reset();
  }
  pass(until_ns);
}

// Fewer ns than instructions: the block was left in the middle. More: none was executed for some time.
void PathCounter::pass(std::int64_t until_ns) {
  const std::int64_t passed_ns = until_ns - began_ns_;
  const std::int64_t executed = std::min<std::int64_t>(passed_ns, running_.instructions);
  const std::int64_t waited_ns = passed_ns - executed;
  if (executed > 0) {
    (timed_ ? (*counts_)[running_.address] : path_.outside.instructions) +=
        static_cast<std::uint64_t>(executed);
    running_.instructions -= static_cast<std::uint32_t>(executed);
  }
  (!running_.waits ? path_.unknown_ns : timed_ ? path_.idle_ns : path_.outside.idle_ns) += waited_ns;
  began_ns_ = until_ns;
}

void PathCounter::begin_part(std::int64_t at_ns, std::int64_t later_ns) {
  settle(at_ns);
  if (path_.timed_parts++ == 0)
    take_out();
  else if (timed_ || part_begins_ns_)
    ++path_.misplaced_marks;
  // A register of the guest's: a time of eleven days is none.
  constexpr std::int64_t latest_ns = 1'000'000'000'000'000;
  const bool is_time = later_ns >= 0 && later_ns <= latest_ns;
  if (!is_time) ++path_.misplaced_marks;
  timed_ = later_ns == 0;
  if (is_time && later_ns > 0) part_begins_ns_ = at_ns + later_ns;
}

void PathCounter::end_part(std::int64_t at_ns) {
  settle(at_ns);
  if (!timed_ || path_.timed_parts == 0) ++path_.misplaced_marks;
  timed_ = false;
  part_begins_ns_.reset();
}

// What was counted so far was not timed.
void PathCounter::take_out() {
  for (auto& [runner, instructions] : path_.parts) {
    for (const auto& [address, count] : instructions) path_.outside.instructions += count;
    instructions.clear();
  }
  path_.outside.idle_ns += std::exchange(path_.idle_ns, 0);
}

CountedPath PathCounter::close(std::int64_t at_ns) {
  settle(at_ns);
  if (path_.timed_parts > 0 && (timed_ || part_begins_ns_)) ++path_.misplaced_marks;
  return take(at_ns, true);
}

CountedPath PathCounter::give_up() { return take(began_ns_, false); }

CountedPath PathCounter::take(std::int64_t end_ns, bool finished) {
  open_ = false;
  counts_ = nullptr;
  path_.end_ns = end_ns;
  path_.finished = finished;
  std::erase_if(path_.parts, [](const auto& part) { return part.second.empty(); });
  return std::exchange(path_, {});
}

}  // namespace loopgate
