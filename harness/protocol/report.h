// The report: what the agent saw in one cell. The agent writes it, the harness reads it and keeps it whole in
// evidence.json.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/code_map.h"

namespace loopgate {

// Why nothing was measured, or not to the end.
struct Failure {
  std::string part;  // job, tuning, checks, load, instrument, payload, program or agent
  std::string name;  // of the load part, the setting, the check; may be empty
  std::string what;  // one sentence

  bool operator==(const Failure&) const = default;
};

// To the job's KernelQuestions.
struct KernelAnswers {
  std::map<std::string, std::string> files;  // by path, without the end of line; those that could be read
  std::vector<std::string> log;
  bool log_is_whole = false;  // from the boot on: nothing of it was overwritten

  bool operator==(const KernelAnswers&) const = default;
};

struct KernelFacts {
  std::string release;  // uname -r
  std::string version;  // uname -v
  std::string machine;
  std::string command_line;
  std::optional<bool> realtime;               // PREEMPT_RT; nothing when it is not known
  std::optional<KernelAnswers> answers = {};  // nothing when nothing was asked

  bool operator==(const KernelFacts&) const = default;
};

struct CheckRow {
  std::string name;
  std::string expected;
  std::string seen;
  bool passed = false;

  bool operator==(const CheckRow&) const = default;
};

struct TuningRow {
  std::string what;  // a file, or a thread's name
  std::string wanted;
  std::string read_back;
  bool ok = false;
  std::optional<int> pid = {};  // of a thread that was found

  bool operator==(const TuningRow&) const = default;
};

// What a row of a thread says of its CPUs, behind its policy: " on CPU 0,2", sorted.
std::string thread_cpus_text(const std::string& cpus);

// For people: the file, or "irq/45-stimulus (pid 83)".
std::string subject_of(const TuningRow& row);

struct ThreadRow {
  std::string name;
  int pid = 0;
  std::string policy;  // fifo, rr, other, ...
  int priority = 0;

  bool operator==(const ThreadRow&) const = default;
};

struct PartReport {
  std::string name;
  bool died_early = false;
  std::string exit;
  int processes = 0;                  // when the part was attested, and
  std::uint64_t attested_cpu_ns = 0;  // the CPU time that it had had by then
  std::uint64_t cpu_ns_in_window = 0;
  int processes_at_stop = 0;        // when measuring was over and it still had to run
  std::string output;               // the last 16 KiB of its standard output
  std::string errors;               // the last 4 KiB of its standard error
  std::optional<std::string> file;  // the output file that the job names, if it is there
  // The CPUs that any of the processes at stop might run on: "0,2"; empty: nobody knows.
  std::string cpus = {};

  bool operator==(const PartReport&) const = default;
};

struct PayloadReport {
  std::string exit;
  std::string output;
  std::string errors;
  std::optional<std::chrono::nanoseconds> ready_after;  // nothing when it never was
  std::vector<CodeMap> code;                            // before it was stopped

  bool operator==(const PayloadReport&) const = default;
};

// A program that measures by itself.
struct ProgramReport {
  std::string name;
  std::string missing;                            // that it needs, so that it was not started; else empty
  std::string exit;                               // empty where it was not started
  bool timed_out = false;                         // it was ended, since it did not end in its time
  bool cut_off = false;                           // it left more than is kept
  bool told_to_end = false;                       // since the payload beside which it measured was done
  std::optional<std::chrono::nanoseconds> began;  // on the guest's monotonic clock
  std::optional<std::chrono::nanoseconds> ended;
  std::string output;               // what it printed: the last 256 KiB
  std::string errors;               // the last 16 KiB
  std::optional<std::string> file;  // the one that the job names, if it is there

  bool operator==(const ProgramReport&) const = default;
};

// The probe in the kernel, where the job has one.
struct ProbeReport {
  std::string exit;
  std::string output;  // the JSON that it printed at its end; empty when it printed none
  std::string errors;
  std::string file;        // the bytes of the one that it left, where the job asks for them
  std::string trace = {};  // and of its trace

  bool operator==(const ProbeReport&) const = default;
};

// The loopback program, where it measures on the board itself.
struct InstrumentReport {
  std::string check_exit;
  std::string check;  // the JSON that its check printed; empty when it printed none
  std::string exit;   // of its measuring; empty when that never began
  std::string end;    // the last event that it printed (JSON); empty when there was none
  std::string errors;
  std::map<std::string, std::string> files;  // the bytes of those that the job names, by path

  bool operator==(const InstrumentReport&) const = default;
};

// On the guest's monotonic clock, which begins with the kernel.
struct Timing {
  std::optional<std::chrono::nanoseconds> job_read;  // nothing when there was none to run
  std::optional<std::chrono::nanoseconds> attested;  // the load
  std::optional<std::chrono::nanoseconds> ready;
  std::optional<std::chrono::nanoseconds> stopped;  // by the bench, or by a failure

  bool operator==(const Timing&) const = default;

  // From the load's attestation to the stop; 0 when it never was attested.
  std::chrono::nanoseconds window() const;
};

struct Report {
  std::optional<Failure> failure;
  Timing timing;
  KernelFacts kernel;
  std::vector<CheckRow> checks;
  std::vector<TuningRow> tuning;
  std::vector<ThreadRow> threads;  // real-time kernel threads and ksoftirqd, after the tuning
  // The same once more when measuring was over and everything still ran; nothing where it never began. Among
  // the tuning: threads that came meanwhile and match a rule, and of the payload's threads the policy
  // (wanted: the one at the beginning) and the CPUs.
  std::vector<CheckRow> checks_end;
  std::vector<TuningRow> tuning_end;
  std::string interrupts_start;  // /proc/interrupts when the agent was ready
  std::string interrupts_end;    // and when it was stopped
  std::vector<PartReport> parts;
  std::optional<PayloadReport> payload;
  std::vector<ProgramReport> programs;  // in the job's order; those that it came to
  std::optional<ProbeReport> probe;
  std::optional<InstrumentReport> instrument;

  bool operator==(const Report&) const = default;
};

// Bytes of what programs printed that are no UTF-8 are replaced.
std::string to_json(const Report& report);

// Refuses what is missing, unknown or of a wrong type: the sentence names the key. Kind: data.
Result<Report> parse_report(std::string_view text);

}  // namespace loopgate
