// The file that cyclictest --json writes, as rt-tests 2.0 to 2.10 do, thread by thread.
#pragma once

#include <memory>

#include "programs/result/self_measurement.h"

namespace loopgate {

std::unique_ptr<ResultReader> read_cyclictest_json(ResultOptions options);

// How many bins cyclictest was told to keep, by its command; nothing where it does not say.
std::optional<std::uint64_t> bins_of_cyclictest(const std::string& command);

}  // namespace loopgate
