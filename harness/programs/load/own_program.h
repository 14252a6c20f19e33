// A program that prints its counts at its end, as fixtures/loads/programs/ have them.
#pragma once

#include "programs/load/load_program.h"

namespace loopgate {

class OwnProgram : public LoadProgram {
 public:
  const char* key() const override { return "program"; }
  std::vector<std::string> argv(const std::string&,
                                const std::vector<std::string>& arguments) const override {
    return arguments;
  }
  std::vector<std::string> files(const std::string&) const override { return {}; }
  // {"seconds": 2.0, "interrupts": 50000}: each count over the seconds, which must be nearly all that stimuli
  // were sent in.
  Result<LoadFindings> parse(const LoadOutput& output) const override;
  std::optional<OptionReadBack> read_back(const ProgramOption& option,
                                          const LoadOutput& output) const override;
};

}  // namespace loopgate
