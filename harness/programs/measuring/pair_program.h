// ptsematest, sigwaittest, svsematest and pmqtest: pairs of threads, one of which wakes the other by a
// semaphore, a signal or a message. All four write the same lines and the same file.
#pragma once

#include "programs/measuring/measuring_program.h"

namespace loopgate {

class PairProgram : public MeasuringProgram {
 public:
  // `key` is the program's name; `path` what it is started by, `options` what it has besides those of all
  // four.
  PairProgram(const char* key, std::string path, bool has_quiet, const std::string& options);

  const ProgramForm& form() const override { return form_; }
  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override;
  std::optional<OptionReadBack> read_back(const ProgramOption& option, const ProgramEnd& end) const override;

 private:
  ProgramForm form_;
};

}  // namespace loopgate
