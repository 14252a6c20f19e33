// What the harness knows of one program that is a load: its whole command line, the files that it leaves, and
// how to read them. One file for each program, one line for it in load_program.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/latency_histogram.h"
#include "base/result.h"
#include "programs/options.h"

namespace loopgate {

// What it did, each a second: stressor or counter -> rate.
using Rates = std::map<std::string, double>;

// What a program's output says.
struct LoadFindings {
  Rates rates;
  std::optional<LatencyHistogram> histogram;  // of a program that measures
};

// What the agent hands back when the program has ended.
struct LoadOutput {
  std::string printed;
  std::string file = {};  // the first of files()
  // As the harness saw it; each is 0 when it never came to that.
  double window_s = 0;    // from the load's being attested to its being stopped
  double measured_s = 0;  // of it, while stimuli were sent
  double lived_s = 0;     // at the most, until it was stopped: from the job's being read
};

class LoadProgram {
 public:
  virtual ~LoadProgram() = default;

  // As a load's part names it: `stress_ng = ["--cpu", "4"]`.
  virtual const char* key() const = 0;

  // `part` is the part's name, which is unlike any other's in the load.
  virtual std::vector<std::string> argv(const std::string& part,
                                        const std::vector<std::string>& arguments) const = 0;

  // On the target; the agent hands back the first.
  virtual std::vector<std::string> files(const std::string& part) const = 0;

  // Errors: data, where the output does not prove that it ran all the time.
  virtual Result<LoadFindings> parse(const LoadOutput& output) const = 0;

  // What its output says of an option that it was given, be it a proof that it ran or not; nothing where it
  // says nothing of it.
  virtual std::optional<OptionReadBack> read_back(const ProgramOption& option,
                                                  const LoadOutput& output) const = 0;
};

// All that there are, each with a key of its own.
const std::vector<const LoadProgram*>& all_load_programs();

// Of a program of one's own, whose arguments are the whole command; it prints its counts as one JSON object
// at its end.
const LoadProgram& own_program();

}  // namespace loopgate
