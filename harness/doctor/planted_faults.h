// Whether this very program catches a wrong PASS: faults are planted in copies of a run that was measured,
// and each must end with the exit status that it deserves and be named, by `gate`, `bundle`, `verify` or
// `report`, as they are run by a user. harness/TOOL-CONFIDENCE.md says what it is evidence of.
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
  // What a refusal must name: one for another reason, as of what cannot be drawn, is not of this fault. Empty
  // where nothing was planted.
  std::string must_name = {};
  int exit = -1;  // -1: it came to none in time
  // The line of standard error, or the failed check, that names it; else the first of these.
  std::string said = {};
  bool passed() const;
};

struct SelfTest {
  std::string run;              // its folder's name
  std::string evidence_sha256;  // stats/evidence_digest.h
  std::string suite;
  std::string board;
  std::string time_base;
  std::vector<SelfTestCheck> checks;
  bool passed() const;
};

// `program`: the loopgate that is tested. A usage error where the folder holds no run, or one
// without samples, as of programs that measure by themselves.
// Where a stimulus of it was not answered, `sound-run` does not pass: faults could not be told from that.
Result<SelfTest> self_test(const std::filesystem::path& run, const std::string& program,
                           const std::function<void(const SelfTestCheck&)>& on_check);

// format 1: loopgate {version, commit}, run, evidence_sha256, suite, board, time_base, passed, checks [{name,
// planted, expected_exit, must_name, exit, said, passed}].
std::string to_json(const SelfTest& test, const LoopgateVersion& loopgate);

}  // namespace loopgate
