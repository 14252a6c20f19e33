// The files that other people have, by the word of the program that made them: which reader reads one that
// begins so.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "programs/result/self_measurement.h"

namespace loopgate {

inline constexpr std::array result_programs = {"cyclictest", "rtla", "rteval", "jitterdebugger", "osadl"};

// As much of a file as is looked at before it is read.
inline constexpr std::size_t result_beginning = 65'536;

// Whose file begins so; empty where it is nobody's.
std::string_view program_of_result(std::string_view beginning);

// Reads a file of `program`, one of result_programs, that begins with `beginning`. A usage error where it is
// another program's, which is then named, or the options are another's; a data error where it is nobody's.
Result<std::unique_ptr<ResultReader>> open_result(std::string_view program, std::string_view beginning,
                                                  const ResultOptions& options);

}  // namespace loopgate
