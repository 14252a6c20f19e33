// How many cells are measured at a time. On virtual time that changes no figure (decision 0012), so that the
// default is what this machine carries; a board is one machine, whose cells come one after the other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "run/plan.h"
#include "run/runner.h"

namespace loopgate {

// What this process may use, by affinity, control group and memory. Never less than 1 CPU.
struct Capacity {
  int cpus = 1;
  std::int64_t memory_mib = 0;  // free for use
};

// Reads /proc and /sys below `root`, which only tests give. What cannot be read limits nothing.
Capacity read_capacity(const std::filesystem::path& root = "/");

// The CPUs that the quota of a control group's cpu.max ("150000 100000") allows, rounded up; 0 without one.
int cpus_of_quota(std::string_view cpu_max);

// As many guests as there are CPUs, and memory for: at least 1.
int jobs_that_fit(const Capacity& capacity, int guest_memory_mib);

// What was asked for, else what fits.
int jobs_for(const Plan& plan, const RunOptions& options);

}  // namespace loopgate
