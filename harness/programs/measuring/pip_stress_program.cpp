// pip_stress of rt-tests: makes one priority inversion and sees whether inheritance ends it. It exits with 0
// whichever came of it, and where no inversion came about nothing was shown. Where nothing ends the inversion
// it never ends either, and prints nothing.
#include "programs/measuring/program_text.h"

namespace loopgate {
namespace pip_stress {
namespace {

constexpr const char* handled = "Successfully used priority inheritance to handle an inversion";
constexpr const char* none = "No inversion incurred";

class PipStress : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {.key = "pip_stress", .command = {"pip_stress"}, .options = {"-s"}};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>&, const ProgramEnd& end) const override {
    if (!end.status && !end.signal)  // as where something starves it, which is no fault of the kernel's
      return invalid_result(
          "it did not end within its time: either inheritance did not end its inversion, or a load of higher "
          "priority kept it from running, which load idle cannot");
    if (auto bad = ended_badly(end)) return *bad;
    const bool was_handled = line_with(end.printed, handled) == handled;
    const bool was_none = line_with(end.printed, none) == none;
    if (was_handled == was_none) return invalid_result("it did not print what became of the inversion");
    if (was_none)
      return result_of(ProgramVerdict::inconclusive, "no inversion came about, so nothing was shown");
    return result_of(ProgramVerdict::pass, "");
  }
};

}  // namespace
}  // namespace pip_stress

const MeasuringProgram& pip_stress_program() {
  static const pip_stress::PipStress program;
  return program;
}

}  // namespace loopgate
