// hunt.json: what `loopgate hunt` found of a run's cells: the worst stimuli, each with what it takes to send
// it again, and how random stimuli compare.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify.h"
#include "base/result.h"

namespace loopgate {

inline constexpr const char* hunt_file = "hunt.json";

// Times are virtual ns. What the line's irq thread or the payload waited for before the response; only where
// the kernel's locks are followed.
struct HuntedLockWait {
  std::string waiter;
  std::int64_t wait_ns = 0;
  std::int64_t usual_ns = 0;  // the median stimulus of the run waits for a lock between the same two places
  std::string lock;           // where it was asked for
  // Who had it, and where that task took it. Empty and 0 where that was not seen.
  std::string holder;
  std::uint64_t holder_pid = 0;
  std::string taken;

  bool operator==(const HuntedLockWait&) const = default;
};

struct HuntedStimulus {
  std::uint64_t seed = 0;  // of the run that it was sent in
  // When that run's counted stimuli fell due, up to this one, which is the last.
  std::vector<std::int64_t> shots_ns;
  std::int64_t stimulus_ns = 0;
  bool answered = true;
  std::int64_t latency_ns = 0;  // where it was not answered: how long that was waited for
  bool exact = false;  // sent at the begin of a window that an equal run had recorded; else where one opened
  // Of the windows in which it fell, the one that lasted longest from there: what held, where it opened and
  // closed, how long it lasted, and how much of it had passed. Empty and 0 where it fell in none.
  std::string section;
  std::string opened;
  std::string closed;
  std::int64_t section_ns = 0;
  std::int64_t passed_ns = 0;
  // By what each was longer than usual, falling.
  std::vector<HuntedLockWait> lock_waits;

  bool operator==(const HuntedStimulus&) const = default;
};

// A kernel that failed in a hunted run: what it takes to make that run again.
struct HuntedFailure {
  std::string what;        // one sentence, as of a cell whose kernel failed
  std::uint64_t seed = 0;  // of the run
  // When its counted stimuli fell due until it failed; none: it failed before the first.
  std::vector<std::int64_t> shots_ns;
  bool repeated = false;  // it failed after the same stimuli in a run that nothing recorded
  std::string console;    // the file with the console's text, in the run's folder
  std::string console_sha256;

  bool operator==(const HuntedFailure&) const = default;
};

struct RandomStimuli {
  std::uint64_t count = 0;  // counted and answered, of all replicates of the kernel and load
  std::int64_t max_ns = 0;
  double host_s = 0;  // that measuring them took

  bool operator==(const RandomStimuli&) const = default;
};

// How several CPUs took turns, and which of them took most stimuli's interrupts and ran their thread: none
// where no aimed run has ended.
struct HuntedTurns {
  std::int64_t cpus = 1;
  std::int64_t slice_ns = 0;
  std::optional<std::uint32_t> interrupt_cpu;  // its windows with interrupts off are told
  std::optional<std::uint32_t> thread_cpu;     // and of this one those with preemption off

  bool operator==(const HuntedTurns&) const = default;
};

struct HuntedCell {
  std::string cell;  // the replicate that was made again
  std::string kernel;
  std::string load;
  std::string samples_sha256;  // of it, as it was measured
  HuntedTurns turns;           // of one CPU: none
  // Of all hunts in this measurement of the cell.
  double budget_s = 0;          // host time
  double host_s = 0;            // that they took
  std::uint64_t runs = 0;       // of the guest
  std::uint64_t next_seed = 0;  // of the aimed run that a later hunt begins with
  std::uint64_t stimuli = 0;    // counted, in all runs
  std::uint64_t unanswered = 0;
  std::uint64_t not_sent = 0;
  RandomStimuli random;
  // By falling latency; the first was sent again, and came to the same. At least one, but where the kernel
  // failed.
  std::vector<HuntedStimulus> worst;
  std::vector<HuntedFailure> kernel_failures;

  bool operator==(const HuntedCell&) const = default;
};

// The largest latency; nothing where there is none, or one was never answered and so has no end.
std::optional<std::int64_t> largest_hunted_ns(const std::vector<HuntedCell>& cells);

// How many of the worst are kept.
inline constexpr std::size_t hunted_kept = 10;
// And of each how many waits for locks.
inline constexpr std::size_t hunted_locks_kept = 4;

// Puts a stimulus into its place among the worst, unless it is known or is not among them.
void keep_worst(HuntedStimulus stimulus, std::vector<HuntedStimulus>* worst);

// Adds a failure, or replaces what is known of the same one.
void keep_failure(HuntedFailure failure, std::vector<HuntedFailure>* failures);

// The earlier hunts with a later one in one of their cells: what was found in the same measurement stays
// found.
std::vector<HuntedCell> with_hunt(std::vector<HuntedCell> earlier, HuntedCell later);

std::string to_json(const std::vector<HuntedCell>& cells);

// Adds a hunt to the run's hunt.json, into which other hunts may write meanwhile; gives what stands there
// then. One that is damaged is replaced, and `notify` told.
Result<std::vector<HuntedCell>> add_to_hunt_file(const std::filesystem::path& run_folder, HuntedCell later,
                                                 const Notify& notify);

// A data error names the key. `name` stands for the file.
Result<std::vector<HuntedCell>> parse_hunt(std::string_view text, const std::string& name);

// Nothing where nobody has hunted.
Result<std::optional<std::vector<HuntedCell>>> read_hunt(const std::filesystem::path& run_folder);

}  // namespace loopgate
