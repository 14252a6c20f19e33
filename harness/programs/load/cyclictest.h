// cyclictest of rt-tests 2, which measures how late a timer wakes its threads. It writes a JSON file when it
// is told to stop (cyclictest_file.h).
#pragma once

#include "programs/load/load_program.h"

namespace loopgate {

class Cyclictest : public LoadProgram {
 public:
  const char* key() const override { return "cyclictest"; }
  std::vector<std::string> argv(const std::string& part,
                                const std::vector<std::string>& arguments) const override;
  std::vector<std::string> files(const std::string& part) const override;
  Result<LoadFindings> parse(const LoadOutput& output) const override;
  std::optional<OptionReadBack> read_back(const ProgramOption& option,
                                          const LoadOutput& output) const override;
};

}  // namespace loopgate
