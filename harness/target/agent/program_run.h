// A program that measures by itself, from the look at what it needs to what it left.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "protocol/job.h"
#include "protocol/report.h"
#include "target/agent/child.h"

namespace loopgate {

// One that runs, and what is known of it.
struct RunningProgram {
  const ProgramSpec* order = nullptr;
  Child child;
  std::chrono::steady_clock::time_point end_by;  // its timeout's end

  bool is_late(std::chrono::steady_clock::time_point now) const { return !child.ended() && now >= end_by; }
};

// Where the target is looked at; a test gives other places.
struct TargetPlaces {
  std::string tracers = "/sys/kernel/tracing/available_tracers";
  std::string online_cpus = "/sys/devices/system/cpu/online";
  // And the folder of this machine's own in each, as Debian has them.
  std::vector<std::string> libraries = {"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"};
};

// What of the program's needs the target lacks, in one sentence; empty where it has all.
std::string what_target_lacks(const ProgramSpec& order, const TargetPlaces& places = {});

// How many CPUs a list such as "0-3,6" names.
int cpus_in_list(const std::string& list);

// What the ended program left.
void note_what_it_left(const ProgramSpec& order, const Child& program, ProgramReport* report);

// Ends those children of this process that are none of the known, and of none of the sessions: what a program
// left that has made itself a session of its own.
void kill_strays(const std::vector<pid_t>& known, const std::vector<pid_t>& sessions,
                 const std::string& proc = "/proc");

}  // namespace loopgate
