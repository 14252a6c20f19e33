// What a suite measures where a plan file leaves it open, by the suite's text that run.json has.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "record/run_record.h"
#include "run/amount.h"

namespace loopgate {

struct SuitesOwn {
  std::vector<std::string> kernels;
  std::vector<std::string> loads;
  Amount amount;
};

// Pure, so that a bundle is verified without the files that the suite names. A data error where the record
// has no text, or one that is no suite's.
Result<SuitesOwn> suites_own(const InputFile& suite);

}  // namespace loopgate
