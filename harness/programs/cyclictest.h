// cyclictest of rt-tests 2, which measures how late a timer wakes its threads. It writes a JSON file when it
// is told to stop.
#pragma once

#include "programs/program_adapter.h"

namespace loopgate {

class Cyclictest : public ProgramAdapter {
 public:
  const char* key() const override { return "cyclictest"; }
  std::vector<std::string> argv(const std::string& part,
                                const std::vector<std::string>& arguments) const override;
  std::vector<std::string> files(const std::string& part) const override;
  Result<ProgramFindings> parse(const ProgramOutput& output) const override;
  std::optional<OptionReadBack> read_back(const ProgramOption& option,
                                          const ProgramOutput& output) const override;
};

// The latencies of all threads together in what `cyclictest --histogram BINS --json` wrote. `cycles`: how
// many there were. A data error where a thread made no cycle, or where the file is cut off or contradicts
// itself.
Result<LatencyHistogram> cyclictest_histogram(const std::string& json, std::size_t bins,
                                              std::uint64_t* cycles);

}  // namespace loopgate
