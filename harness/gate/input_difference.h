// What two measurements must share to be held against each other, and what they do not. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "record/run_record.h"

namespace loopgate {

// An input of both, in words.
struct SharedInput {
  std::string what;
  std::string theirs;  // the baseline's, or the calibration's
  std::string ours;    // the run's
};

// The first that is not equal; null when all are.
const SharedInput* first_difference(std::span<const SharedInput> inputs);

// "the baseline's QEMU is 9, and this run's is 10.0.2"
std::string difference_text(const char* whose, const SharedInput& input);

// The first twelve digits, or "not recorded": a file that is older than the key does not say.
std::string digest_text(const std::string& sha256);
std::string known(const std::string& text);
// Of --probe: "none" where there was none.
std::string probe_text(const std::string& probe);
// "mixed (0123456789ab)"
std::string input_text(const NamedInput& input);
std::string input_text(const std::string& name, const std::string& sha256);

// Null when there is none of that name.
const NamedInput* input_named(std::span<const NamedInput> inputs, const std::string& name);

}  // namespace loopgate
