// stress-ng, which writes its metrics as YAML when it is told to stop.
#pragma once

#include "programs/load/load_program.h"

namespace loopgate {

class StressNg : public LoadProgram {
 public:
  const char* key() const override { return "stress_ng"; }
  std::vector<std::string> argv(const std::string& part,
                                const std::vector<std::string>& arguments) const override;
  std::vector<std::string> files(const std::string& part) const override;
  Result<LoadFindings> parse(const LoadOutput& output) const override;
  std::optional<OptionReadBack> read_back(const ProgramOption& option,
                                          const LoadOutput& output) const override;
};

// Operations per second of each stressor in what `stress-ng --yaml` wrote (bogo-ops over wall-clock time). A
// stressor that ran for less than nearly all of the window is a data error, and so is a number that cannot
// be.
Result<Rates> stress_ng_rates(const std::string& yaml, double window_s);

}  // namespace loopgate
