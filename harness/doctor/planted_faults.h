// Whether this very program catches a wrong PASS: faults are planted in copies of a run that was measured,
// and each must end with the exit status that it deserves, from `gate`, `bundle`, `verify` or `report`, as
// they are run by a user. harness/TOOL-CONFIDENCE.md says what it is evidence of.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/run_record.h"

namespace loopgate {

struct SelfTestCheck {
  std::string name;
  std::string planted;    // what was done, as a sentence; of a sound run: that nothing was
  int expected_exit = 0;  // exit status, as in the README
  int exit = -1;          // -1: it came to none in time
  std::string said = {};  // the first line of standard error, or the first failed check
  bool passed() const { return exit == expected_exit; }
};

struct SelfTest {
  std::string run;  // its folder's name
  std::string suite;
  std::string board;
  std::string time_base;
  std::vector<SelfTestCheck> checks;
  bool passed() const;
};

// `program`: the loopgate that is tested. A usage error where the folder holds no run, or one without cells.
// Where a stimulus of it was not answered, `sound-run` does not pass: faults could not be told from that.
Result<SelfTest> self_test(const std::filesystem::path& run, const std::string& program,
                           const std::function<void(const SelfTestCheck&)>& on_check);

// format 1: loopgate {version, commit}, run, suite, board, time_base, passed, checks [{name, planted,
// expected_exit, exit, said, passed}].
std::string to_json(const SelfTest& test, const LoopgateVersion& loopgate);

}  // namespace loopgate
