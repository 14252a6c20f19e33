// ssdd of rt-tests: stops and steps processes by ptrace. Its exit status and its last line say the same; what
// failed stands above.
#include "programs/measuring/program_text.h"

namespace loopgate {
namespace ssdd {
namespace {

// "forktest#0/124: EXITING, ERROR: attach failed.  errno 1"
std::string what_failed(const ProgramEnd& end) {
  const auto line = line_with(end.printed, "EXITING, ERROR: ");
  return "one or more of its tests failed" + (line ? ": " + std::string(*line) : "");
}

class Ssdd : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {.key = "ssdd",
                                     .command = {"ssdd"},
                                     .last = {"--quiet"},
                                     .loops = "--iters",
                                     .aliases = {"-i"},
                                     .options = {"-f", "--forks", "-q", "--quiet"}};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>&, const ProgramEnd& end) const override {
    const bool passed = line_with(end.printed, "All tests PASSED.").has_value();
    const bool failed = line_with(end.printed, "One or more tests FAILED.").has_value();
    if (failed && !passed && end.status == 1) return failed_result(what_failed(end));
    if (auto bad = ended_badly(end)) return *bad;
    if (!passed || failed) return invalid_result("it did not print that its tests passed");
    return result_of(ProgramVerdict::pass, "");
  }
};

}  // namespace
}  // namespace ssdd

const MeasuringProgram& ssdd_program() {
  static const ssdd::Ssdd program;
  return program;
}

}  // namespace loopgate
