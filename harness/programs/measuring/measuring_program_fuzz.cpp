// libFuzzer: whatever a measuring program leaves, it passes with figures that can be, or says in one sentence
// why not. The first byte chooses the program, the second how it ended; text and file are parted by a zero.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "programs/measuring/measuring_program.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  if (size < 2) return 0;
  const MeasuringProgram& program = *measuring_programs()[data[0] % measuring_programs().size()];
  ProgramEnd end;
  if (data[1] < 128) end.status = data[1] % 3;
  if (data[1] > 200) end.signal = 15;
  const std::string_view all(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::size_t middle = all.find('\0');
  end.printed = all.substr(0, middle);
  if (middle != std::string_view::npos) end.file = all.substr(middle + 1);
  const ProgramResult result = program.judge({"program", "--loops", "2", "--histogram", "100"}, end);
  const bool passed = result.verdict == ProgramVerdict::pass;
  if (passed != result.reason.empty() || (passed && !end.status)) std::abort();
  for (const ProgramFigure& figure : result.figures)
    if (figure.name.empty() || !std::isfinite(figure.value) || figure.value < 0) std::abort();
  if (result.histogram && result.histogram->bin_width_ns <= 0) std::abort();
  (void)program.read_back({"--prio", "80"}, end);
  return 0;
}
