// The files that a cell leaves and a verdict or page shows: one table of their names, who leaves them and who
// needs them. The digest of each that is there stands in outcome.json.
#pragma once

#include <array>
#include <string>

#include "protocol/channel.h"

namespace loopgate {

struct Artifact {
  const char* name;      // in the cell's folder
  bool left_on_a_board;  // by the loopback program or the payload, in target_folder
  bool needed;           // a board's cell without it has nothing
  bool repeats;          // equal wherever the cell repeats; the others name times and folders of their host
};

inline constexpr Artifact samples_artifact = {"samples.lgs", true, true, true};
inline constexpr Artifact frames_artifact = {"frames.lgf", true, false, true};
inline constexpr Artifact stamps_artifact = {"stamps.lst", true, false, true};
inline constexpr Artifact loopback_stamps_artifact = {"loopback.lst", true, false, false};
inline constexpr Artifact check_artifact = {"check.json", true, false, false};
inline constexpr Artifact report_artifact = {"report.json", false, false, false};
inline constexpr Artifact environment_artifact = {"environment.json", false, false, false};
inline constexpr Artifact audit_artifact = {"audit.json", false, false, false};

// What was run, and what the kernel printed.
inline constexpr Artifact commands_artifact = {"commands.txt", false, false, false};
inline constexpr Artifact console_artifact = {"console.log", false, false, false};
inline constexpr Artifact discarded_console_artifact = {"discarded-console.log", false, false, false};

// Of a cell with a probe in the kernel, and where that is ftrace.
inline constexpr Artifact probe_artifact = {"probe.lgp", true, false, true};
inline constexpr Artifact trace_artifact = {"trace.dat", true, false, true};

// What the agent saw and the harness judged: attestation, tuning, checks.
inline constexpr Artifact evidence_artifact = {"evidence.json", false, false, false};

// Of a cell whose programs measure by themselves: in place of samples.
inline constexpr Artifact programs_artifact = {"programs.json", false, false, true};

inline constexpr std::array<Artifact, 15> artifacts = {
    samples_artifact,         frames_artifact,      stamps_artifact,
    loopback_stamps_artifact, check_artifact,       probe_artifact,
    trace_artifact,           evidence_artifact,    programs_artifact,
    report_artifact,          environment_artifact, audit_artifact,
    commands_artifact,        console_artifact,     discarded_console_artifact};

inline std::string target_path(const Artifact& artifact) {
  return std::string(target_folder) + "/" + artifact.name;
}

// nullptr for a name that is not in the table.
const Artifact* find_artifact(const std::string& name);

}  // namespace loopgate
