// What a program that measures by itself came to: programs/ reads it from what the program left, record/
// keeps it, the gate judges by it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/latency_histogram.h"

namespace loopgate {

enum class ProgramVerdict {
  pass,            // it ran as it was told to, and found nothing wrong
  fail,            // it found the kernel wanting
  inconclusive,    // it ran, and its outcome proves nothing
  invalid,         // nobody can say: it crashed, was cut off, or contradicts itself
  not_applicable,  // the target lacks something that it needs, so it was not started
};

inline constexpr std::array<std::pair<ProgramVerdict, const char*>, 5> program_verdicts = {
    {{ProgramVerdict::pass, "pass"},
     {ProgramVerdict::fail, "fail"},
     {ProgramVerdict::inconclusive, "inconclusive"},
     {ProgramVerdict::invalid, "invalid"},
     {ProgramVerdict::not_applicable, "not applicable"}}};

constexpr const char* name_of(ProgramVerdict verdict) {
  for (const auto& [each, name] : program_verdicts)
    if (each == verdict) return name;
  return "";
}

constexpr std::optional<ProgramVerdict> program_verdict_named(std::string_view name) {
  for (const auto& [each, known] : program_verdicts)
    if (name == known) return each;
  return std::nullopt;
}

// A number that the program gave.
struct ProgramFigure {
  std::string name;   // "max", "missed deadlines"
  double value = 0;   // not negative
  std::string unit;   // "us", "cycles"
  std::string clock;  // of the target that a time is of; empty: it is a count
  // The program cuts off what is less: the truth is from `value` to below this more. Or it rounds up: the
  // truth is from above this less, and `value` at the most.
  double resolution = 0;
  bool rounded_up = false;

  bool operator==(const ProgramFigure&) const = default;
};

struct ProgramResult {
  ProgramVerdict verdict = ProgramVerdict::invalid;
  std::string reason;  // one sentence; empty where it passed
  std::vector<ProgramFigure> figures;
  std::optional<LatencyHistogram> histogram;  // of latencies, which it took of itself
  std::string clock;                          // of the histogram; empty where there is none

  bool operator==(const ProgramResult&) const = default;
};

}  // namespace loopgate
