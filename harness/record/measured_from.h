// What a cell was measured from: of which run, and with which kernel, suite, load, board, programs, machine
// and schedule. outcome.json holds it, so that a cell of another run can't stand for this run's, whatever its
// folder is called. The reports compute the same (reports/loopgate_report/measured_from.py).
#pragma once

#include <string>

#include "record/run_record.h"

namespace loopgate {

// Values of run.json. Of what has several parts there, the sha256 of its JSON with sorted keys and no spaces.
// Empty where a run does not say, as a capture does not.
struct MeasuredFrom {
  std::string image_sha256;
  std::string initrd_sha256;
  std::string kernel_sha256;     // of the kernel's file, as of the three others' below
  std::string kernel_arguments;  // the whole command line, on the virtual bench
  std::string suite_sha256;
  std::string load_sha256;
  std::string board_sha256;
  std::string base_sha256;
  std::string programs_sha256;
  std::string payload_sha256;  // its command, or its contender's, and its files
  std::string instrument_sha256;
  std::string machine_sha256;
  std::string schedule_sha256;
  std::string seed;      // the cell's own
  std::string loopgate;  // the version
  std::string started;   // the run, or the cell's shard: what else is equal may be another day's
  std::string
      plan_sha256;  // all of run.json but its circumstances, and which shard it is: the other cells, too
  bool operator==(const MeasuredFrom&) const = default;
};

// Of a cell whose kernel or load the run does not name, such as one of the health checks, these are empty.
MeasuredFrom measured_from(const RunRecord& run, const DescribedCell& cell);

// The sha256 of all but the program's version, the day and what else was planned: with equal ones a
// trajectory on virtual time is the same to the nanosecond.
std::string inputs_sha256(const MeasuredFrom& from);

// The first that differs, with both values: "image_sha256 is a, and run.json has b". Empty where none does.
std::string first_misfit(const MeasuredFrom& cell, const MeasuredFrom& run);

}  // namespace loopgate
