#include "qemu/plugin/path_counter.h"

#include <algorithm>
#include <utility>

namespace loopgate {

void PathCounter::open(std::int64_t at_ns, const PathRunner& runner, const PathBlock& rest) {
  path_ = {};
  path_.begin_ns = at_ns;
  path_.opened_by = runner_ = runner;
  counts_ = &path_.parts[runner];
  open_ = true;
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

// Fewer ns than instructions: the block was left in the middle. More: none was executed for some time.
void PathCounter::settle(std::int64_t until_ns) {
  const std::int64_t passed_ns = until_ns - began_ns_;
  const std::int64_t executed = std::min<std::int64_t>(passed_ns, running_.instructions);
  if (executed > 0) (*counts_)[running_.address] += static_cast<std::uint64_t>(executed);
  (running_.waits ? path_.idle_ns : path_.unknown_ns) += passed_ns - executed;
  began_ns_ = until_ns;
}

CountedPath PathCounter::close(std::int64_t at_ns) {
  settle(at_ns);
  return take(at_ns, true);
}

CountedPath PathCounter::give_up() { return take(began_ns_, false); }

CountedPath PathCounter::take(std::int64_t end_ns, bool finished) {
  open_ = false;
  counts_ = nullptr;
  path_.end_ns = end_ns;
  path_.finished = finished;
  return std::exchange(path_, {});
}

}  // namespace loopgate
