// The job: what the agent is to do in one cell. The harness writes it, the agent reads it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/program_needs.h"
#include "base/result.h"

namespace loopgate {

// The lines by their names in PinLines, of those that the board has. The agent's own two come to it by the
// kernel's command line, since it needs them before there is a job.
struct JobBoard {
  std::string chip;
  std::map<std::string, int> lines;

  bool operator==(const JobBoard&) const = default;
};

struct FileRule {
  std::string path;
  std::string value;
  std::string reads;  // what reading it back must give

  bool operator==(const FileRule&) const = default;
};

// In less, a load cannot prove that it ran: stress-ng has not begun every stressor. Programs that end earlier
// are waited after.
constexpr std::chrono::milliseconds shortest_load_window{250};

// Holds for the kernel threads whose name the pattern (fnmatch(3)) matches, unless an earlier rule matched.
struct ThreadRule {
  std::string name;
  int policy = 0;  // SCHED_OTHER, SCHED_FIFO or SCHED_RR; the agent's own rule has SCHED_DEADLINE
  int priority = 0;
  bool required = true;        // at least one thread must match
  std::vector<int> cpus = {};  // that it keeps to; empty: those that it has

  bool operator==(const ThreadRule&) const = default;
};

struct FileCheck {
  std::string name;
  std::string file;
  std::string expected;
  bool whole = true;  // the whole content without its end of line, or a part of it

  bool operator==(const FileCheck&) const = default;
};

// What the agent is to read of the running kernel, for the harness to judge.
struct KernelQuestions {
  std::vector<std::string> files;  // whole; one that is not there is no error
  std::vector<std::string> log;    // words: each line of the kernel's log that has one of them

  bool operator==(const KernelQuestions&) const = default;
};

struct PartSpec {
  std::string name;
  std::vector<std::string> argv;
  int stop_signal = 0;  // SIGINT or SIGTERM
  std::string output;   // a file that the part writes at its end; empty: none
  int min_processes = 1;
  double min_cpu_ms = 0;
  std::chrono::milliseconds ready_timeout{};

  bool operator==(const PartSpec&) const = default;
};

// A file for the payload, in the shared memory's area for files.
struct FileSpec {
  std::string path;  // where the agent writes it
  std::size_t offset = 0;
  std::size_t size = 0;

  bool operator==(const FileSpec&) const = default;
};

struct PayloadSpec {
  std::vector<std::string> argv;
  std::vector<FileSpec> files;
  std::chrono::milliseconds ready_timeout{};
  std::vector<int> cpus{};  // that it is bound to; empty: any

  bool operator==(const PayloadSpec&) const = default;
};

// A program that measures by itself, and has a session of its own. In place of a payload they are run one
// after the other.
struct ProgramSpec {
  std::string name;
  std::vector<std::string> argv;
  std::string file;  // that it leaves; empty: none
  std::chrono::milliseconds timeout{};
  ProgramNeeds needs;
  std::vector<int> cpus{};  // that it is bound to; empty: any

  bool operator==(const ProgramSpec&) const = default;
};

// The probe in the kernel, which starts when the payload is ready, and follows each of its stimuli.
struct ProbeSpec {
  std::vector<std::string> argv;  // --payload PID is added
  std::string file;               // that it leaves
  bool in_report = false;         // the report is to carry what it leaves
  std::chrono::milliseconds ready_timeout{};
  std::string trace = {};  // the kernel's own trace, where it leaves one

  bool operator==(const ProbeSpec&) const = default;
};

// The loopback program, which measures on the board itself: it checks its jumpers before the payload has its
// lines, and measures once all is ready. Its end ends the measurement.
struct InstrumentSpec {
  std::vector<std::string> check_argv;
  std::vector<std::string> argv;
  int cpu = -1;  // that it is bound to; -1: any
  std::chrono::milliseconds check_timeout{};
  std::chrono::milliseconds timeout{};
  std::vector<std::string> files;  // that it leaves and the report is to carry

  bool operator==(const InstrumentSpec&) const = default;
};

// What makes a replicate another trajectory of the same kernel: it begins in the same saved state as the
// others, and is no change of what is measured.
struct Perturbation {
  std::uint64_t seed = 0;             // mixed into the kernel's random numbers
  int held_pages = 0;                 // of memory, taken before the load starts
  std::chrono::microseconds delay{};  // before the load starts

  bool operator==(const Perturbation&) const = default;
};

inline constexpr int held_pages_max = 65'536;  // 256 MB

struct Job {
  JobBoard board;
  std::vector<FileRule> files;
  std::vector<ThreadRule> threads;
  std::vector<FileCheck> checks;
  std::optional<KernelQuestions> kernel;
  std::optional<Perturbation> perturbation;  // nothing: a boot draws its own
  std::vector<PartSpec> parts;
  std::chrono::milliseconds settle{};  // how long the load runs, once attested, before the payload starts
  PayloadSpec payload;                 // without a command where programs stand in its place
  // In place of a payload, or one beside it, which runs until measuring is over and is then told to end.
  std::vector<ProgramSpec> programs;
  std::optional<ProbeSpec> probe;
  std::optional<InstrumentSpec> instrument;  // nothing: the bench measures, outside of the board

  bool operator==(const Job&) const = default;

  bool has_payload() const { return !payload.argv.empty(); }
};

// "fifo", "rr" and "other" as sched.h's numbers; nothing for another name.
std::optional<int> scheduling_policy(const std::string& name);

std::string to_json(const Job& job);

// Refuses what is missing, unknown or out of bounds: the sentence names the key. Kind: data.
Result<Job> parse_job(std::string_view text);

}  // namespace loopgate
