// What carries a cell out: brings a kernel up on a board, hands the agent its job, and waits until measuring
// is over.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/suite.h"
#include "kernel/kernel_files.h"
#include "protocol/aim_settings.h"
#include "protocol/instrument_event.h"
#include "protocol/job.h"
#include "protocol/pulses.h"
#include "protocol/trace_settings.h"
#include "record/run_record.h"

namespace loopgate {

// Stimuli that the payload answers. The machine leaves samples.lgs.
struct ResponseRequest {
  PulseSettings pulses;
  bool bench_monitors = false;  // the loopback program stimulates and measures, and the bench monitors it
  bool stamps = false;          // the payload leaves stamps, of the loopback program's clock: stamps.lst
  bool probe = false;           // the job has one, which leaves probe.lgp
  bool trace = false;           // and trace.dat
};

// Stimuli that the payload decides on. The machine leaves samples.lgs and the payload's records, frames.lgf.
struct DecisionRequest {
  PulseSettings pulses;
};

// Programs that measure by themselves, by the job. Nothing is stimulated. They leave what they have in the
// report.
struct ProgramsRequest {
  PulseSettings pulses;         // none falls due
  std::int64_t timeout_ns = 0;  // of all together
};

// What the suite's Work asks of a machine, kind by kind.
using WorkRequest = std::variant<ResponseRequest, DecisionRequest, ProgramsRequest>;

inline const PulseSettings& pulses_of(const WorkRequest& work) {
  return std::visit([](const auto& each) -> const PulseSettings& { return each.pulses; }, work);
}

struct CellRequest {
  std::string cell;
  std::string boot;              // cells that share a boot of a board have the same: kernel and repetition
  std::filesystem::path folder;  // the cell's, in the run directory
  std::optional<KernelFiles>
      kernel;  // the candidate; nothing: the known-good kernel, which the board boots by itself
  TargetImage target;
  std::string kernel_arguments;
  Job job;
  std::vector<PayloadFile> files;
  WorkRequest work;
  AimSettings aim;       // hunting the worst case of a run that was measured
  TraceSettings trace;   // explaining a run that was measured
  bool symbols = false;  // nothing is measured, and the job is not carried out: the guest writes its symbols
  double storm_per_second = 0;
  std::int64_t ready_limit_ns = 0;  // how long load and payload may take to run
  // A machine in QEMU ends soon after it has become true, with an infrastructure error.
  const std::atomic<bool>* stop = nullptr;

  bool is_stopped() const { return stop != nullptr && stop->load(); }
};

// The guest's own word on its addresses.
struct KernelSymbols {
  std::string functions;  // lines of /proc/kallsyms
  std::string types;      // BTF
};

struct MachineRun {
  KernelSymbols symbols;        // where the request asks for them
  std::string report;           // the agent's JSON
  bool agent_failed = false;    // it could not get ready, or a load or the payload died: the report says what
  InstrumentEvent end;          // the counts at the end
  std::string discarded_state;  // what was seen from a saved state, which a fresh boot took the place of
  double boot_s = 0;            // host time; 0 when a saved state was used
  double to_first_stimulus_s = 0;  // from the start of the machine to the first counted stimulus
  double total_s = 0;
};

enum class Stage { booting, restoring, getting_ready, measuring, reporting };

using ProgressListener = std::function<void(Stage stage, const InstrumentEvent& event)>;

class Machine {
 public:
  virtual ~Machine() = default;

  // Errors: `kernel` when the kernel did not boot, panicked or hung; `infrastructure` for everything of the
  // bench. Leaves console.log, commands.txt and, when measuring began, samples.lgs in the cell's folder.
  virtual Result<MachineRun> run(const CellRequest& request, const ProgressListener& on_progress) = 0;

  // The exact commands that run() would start.
  virtual std::vector<std::vector<std::string>> commands(const CellRequest& request) const = 0;

  // run.json's `machine`: what it is, for people and for comparing runs. No secrets.
  virtual MachineRecord describe() const = 0;

  // After the last cell, however the run went: leaves the machine as it was found.
  virtual Status finish() { return {}; }
};

}  // namespace loopgate
