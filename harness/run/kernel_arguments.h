// What became of each argument that a kernel's file asks for: did the running kernel know it, and is it in
// effect? Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/job.h"
#include "protocol/report.h"
#include "run/asked_for.h"

namespace loopgate {

// The arguments of a command line one by one, "--" included. As the kernel parts them (kernel/params.c,
// next_arg()): blanks within double quotes belong to the argument.
std::vector<std::string> argument_words(std::string_view text);

struct ArgumentRow {
  std::string argument;  // as it was asked for: nohz_full=2-3
  AskedState state = AskedState::not_told;
  std::string why;  // what says so; may be empty
};

// What the agent is to ask the running kernel, so that these arguments can be judged.
KernelQuestions questions_on(std::string_view arguments);

// A row for each argument up to "--", in their order. An argument of isolcpus=, nohz_full=, rcu_nocbs=,
// threadirqs, preempt= and of modules is compared with what the kernel has in force.
// The CPUs that `isolcpus=` names, as a list without its flags; empty where it is not there.
std::string isolated_by(std::string_view arguments);

std::vector<ArgumentRow> argument_rows(std::string_view arguments, const Report& report);

// Why the cell is INVALID, in one sentence: the first argument that the kernel did not know, or that has no
// effect. Empty when there is none.
std::string argument_problem(const std::vector<ArgumentRow>& rows);

}  // namespace loopgate
