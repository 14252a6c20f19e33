// What the agent saw, for the bench. Plain data, and its JSON.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "target/agent/proc.h"
#include "target/agent/tuning.h"

namespace loopgate {

// Why nothing was measured, or not to the end.
struct Failure {
  std::string part;  // job, tuning, checks, load, instrument, payload or agent
  std::string name;  // of the load part, the knob, the check; may be empty
  std::string what;  // one sentence
};

struct KernelFacts {
  std::string release;  // uname -r
  std::string version;  // uname -v
  std::string machine;
  std::string command_line;
  std::optional<bool> realtime;  // PREEMPT_RT; nothing when it can't be told
};

struct PartReport {
  std::string name;
  bool died_early = false;
  std::string exit;
  GroupUsage attested;
  std::uint64_t cpu_ns_in_window = 0;
  std::string output;               // the last 16 KiB of its standard output
  std::string errors;               // the last 4 KiB of its standard error
  std::optional<std::string> file;  // the output file that the job names, if it is there
};

struct PayloadReport {
  std::string exit;
  std::string output;
  std::string errors;
  std::optional<std::chrono::nanoseconds> ready_after;  // nothing when it never was
  std::vector<CodeMap> code;                            // before it was told to stop
};

// The instrument on the board itself.
struct InstrumentReport {
  std::string check_exit;
  std::string check;  // the JSON that its check printed; empty when it printed none
  std::string exit;   // of its measuring; empty when that never began
  std::string end;    // its last word on standard output (JSON)
  std::string errors;
  std::vector<std::pair<std::string, std::string>> files;  // path and bytes, of those that the job names
};

// On the guest's monotonic clock, which begins with the kernel.
struct Timing {
  std::optional<std::chrono::nanoseconds> job_read;  // nothing when there was none to run
  std::optional<std::chrono::nanoseconds> attested;  // the load
  std::optional<std::chrono::nanoseconds> ready;
  std::optional<std::chrono::nanoseconds> stopped;  // told to stop, or something failed
};

struct Report {
  std::optional<Failure> failure;
  Timing timing;
  KernelFacts kernel;
  std::vector<CheckRow> checks;
  std::vector<TuningRow> tuning;
  std::vector<ProcessStat> threads;  // the audit, after the tuning
  std::string interrupts_start;      // /proc/interrupts when the agent was ready
  std::string interrupts_end;        // and when it was told to stop
  std::vector<PartReport> parts;
  std::optional<PayloadReport> payload;
  std::optional<InstrumentReport> instrument;
};

KernelFacts read_kernel_facts();

std::string to_json(const Report& report);

}  // namespace loopgate
