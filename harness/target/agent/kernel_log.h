// The kernel's log, as /dev/kmsg gives it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loopgate {

struct KernelLog {
  std::vector<std::string> lines;  // that have one of the words, without time and level
  bool is_whole = false;           // from its first record on, which has the number 0
};

// Nothing, and not whole, where it can't be read.
KernelLog read_kernel_log(const std::string& path, const std::vector<std::string>& words);

// One record as /dev/kmsg has it (Documentation/ABI/testing/dev-kmsg): "6,339,5140900,-;text", then lines of
// the form " KEY=value". Adds its text if it has one of the words; the record's number is where is_whole is
// from. What is no record adds nothing.
void take_record(std::string_view record, const std::vector<std::string>& words, KernelLog* log);

}  // namespace loopgate
