// hackbench of rt-tests: how long many tasks take to send each other messages. It exits with 0 where it gave
// up half-way, too.
#include <fmt/format.h>

#include "programs/measuring/program_text.h"

namespace loopgate {
namespace hackbench {
namespace {

class Hackbench : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "hackbench",
        .command = {"hackbench"},
        .loops = "--loops",
        .aliases = {"-l"},
        .options = words_of(
            "-f --fds -F --fifo -g --groups -i --inet -p --pipe -P --process -s --datasize -T --threads")};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>&, const ProgramEnd& end) const override {
    if (auto bad = ended_badly(end)) return *bad;
    for (const char* words : {"longjmp", "No measurements available", "(error:"}) {
      if (const auto line = complained(end, words))
        return invalid_result(fmt::format("it gave up: {}", *line));
    }
    double seconds = 0;
    const auto line = line_with(end.printed, "Time:");
    LineScan scan(line.value_or(""));
    if (!line || !scan.text("Time:").number(&seconds).at_end() || line->find('.') == std::string_view::npos)
      return invalid_result("it did not print its time");
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    result.figures = {{"time", seconds, "s", "CLOCK_REALTIME", 0.001}};
    return result;
  }
};

}  // namespace
}  // namespace hackbench

const MeasuringProgram& hackbench_program() {
  static const hackbench::Hackbench program;
  return program;
}

}  // namespace loopgate
