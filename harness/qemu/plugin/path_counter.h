// Counts the instructions between two marks: how many were executed at which address, and on whose behalf.
// Knows nothing of QEMU.
//
// Each block is told as it begins, with its time, and has what passed until the next one began: an
// instruction takes 1 ns, so a block that an exception or a device access left in the middle counts for the
// instructions that it came to, and the sum is the window's time whatever happened in between (decision
// 0040).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace loopgate {

// On whose behalf a block runs.
struct PathRunner {
  std::uint64_t task = 0;  // address of its task_struct
  bool interrupt = false;  // in an interrupt that it did not ask for

  auto operator<=>(const PathRunner&) const = default;
};

// What is about to run.
struct PathBlock {
  std::uint64_t address = 0;  // 0: user space
  std::uint32_t instructions = 0;
  bool waits = false;  // its last instruction waits for an interrupt
};

// What is outside of the parts that are timed.
struct OutsideParts {
  std::uint64_t instructions = 0;
  std::int64_t idle_ns = 0;
};

struct CountedPath {
  using Instructions = std::map<std::uint64_t, std::uint64_t>;  // by address

  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t idle_ns = 0;     // after a block that waits
  std::int64_t unknown_ns = 0;  // after one that does not
  bool finished = false;        // the end mark was reached
  PathRunner opened_by;
  std::map<PathRunner, Instructions> parts;
  // Where parts of iterations are timed, and of no others the above but for unknown_ns.
  std::uint64_t timed_parts = 0;
  OutsideParts outside;
  std::uint64_t misplaced_marks = 0;  // a part in a part, or an end of none
};

class PathCounter {
 public:
  bool is_open() const { return open_; }

  // The begin mark is over; `rest` is what is left of its block. Not while a window is open.
  void open(std::int64_t at_ns, const PathRunner& runner, const PathBlock& rest);
  // A block begins. Only while a window is open.
  void enter(std::int64_t at_ns, const PathRunner& runner, const PathBlock& block);
  // A part that is timed begins, `later_ns` from now; below 0: when is not known. The first takes all before
  // it out of the path. Only while a window is open.
  void begin_part(std::int64_t at_ns, std::int64_t later_ns);
  void end_part(std::int64_t at_ns);
  // The end mark is next.
  CountedPath close(std::int64_t at_ns);
  // No end mark will come: the window ends where the last block began.
  CountedPath give_up();

 private:
  void settle(std::int64_t until_ns);
  void pass(std::int64_t until_ns);
  void take_out();
  CountedPath take(std::int64_t end_ns, bool finished);

  bool open_ = false;
  CountedPath path_;
  std::int64_t began_ns_ = 0;  // the running block
  PathBlock running_;
  PathRunner runner_;
  CountedPath::Instructions* counts_ = nullptr;  // of `runner_`
  bool timed_ = false;                           // what passes now
  std::optional<std::int64_t> part_begins_ns_;   // then it will be
};

}  // namespace loopgate
