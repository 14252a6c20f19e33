// A probe in the kernel that measures beside the payload: which there are, and what the agent is told. It
// costs each answer some time, so that a run with one is another measurement than a run without.
#pragma once

#include <array>
#include <string>

#include "base/result.h"
#include "config/suite.h"
#include "protocol/job.h"
#include "run/plan.h"

namespace loopgate {

struct ProbeKind {
  const char* name;        // of --probe
  const char* transport;   // what carries its events from the kernel: an option of the target's program
  bool has_trace = false;  // it leaves trace.dat
};

inline constexpr std::array<ProbeKind, 3> probes = {
    {{"ebpf", "ring"}, {"ebpf-perf", "perf"}, {"ftrace", "ftrace", true}}};

// What --probe names: "ebpf", or "ebpf:replaced=3".
struct ProbeChoice {
  const ProbeKind* kind = nullptr;
  int replacements = 0;  // a copy of its kernel part takes over so often while stimuli come
};

// A usage error where nothing is named so.
Result<ProbeChoice> probe_named(const std::string& name);

// Refuses an unknown one, and a suite whose answers it cannot follow. Empty: none is asked for.
Status check_probe(const std::string& probe, const Suite& suite);

// Of a plan that has one.
ProbeSpec probe_of(const Plan& plan);

}  // namespace loopgate
