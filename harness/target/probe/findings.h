// What the probe leaves: the file of records, and a JSON object of what was counted and who held longest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/clock_pair.h"
#include "protocol/probe_records.h"
#include "target/probe/collector.h"

namespace loopgate {

// The kernel's own count of what a function of the kernel part took, over the first stimuli.
struct FunctionCost {
  std::string name;
  std::uint64_t calls = 0;
  std::uint64_t ns = 0;
};

struct NamedWait {
  LongWait wait;
  std::vector<std::string> stack;  // outermost first
};

// A stimulus whose events trace.dat holds.
struct TracedStimulus {
  ProbeRecord record{};
  std::size_t pages = 0;
  bool cut = false;  // there were more events than are kept
};

struct Findings {
  ProbeTransport transport = ProbeTransport::ring_buffer;
  int irq = 0;
  std::uint64_t events = 0;
  std::uint64_t damaged = 0;
  std::uint64_t stimuli = 0;
  std::uint64_t unfinished = 0;
  std::uint64_t lost = 0;
  std::uint64_t costed = 0;  // stimuli that the costs are of; 0: the kernel counts none
  std::vector<FunctionCost> costs;
  std::vector<NamedWait> waits;
  std::vector<TracedStimulus> traced;  // longest first
  std::vector<ProbeReplacement> replacements;
};

// Of a stimulus, what else the functions were called for included; -1 where nothing was counted.
std::int64_t cost_ns(const Findings& findings);

std::string file_of(const Findings& findings, const ClockPair& clocks,
                    const std::vector<ProbeRecord>& records);

// One line.
std::string to_json(const Findings& findings);

}  // namespace loopgate
