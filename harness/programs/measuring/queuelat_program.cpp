// queuelat of rt-tests: whether a queue of packets would overflow while the program is kept from running. It
// exits with 0 always.
#include <fmt/format.h>

#include "programs/measuring/program_text.h"

namespace loopgate {
namespace queuelat {
namespace {

constexpr const char* clock = "the CPU's counter";

class Queuelat : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "queuelat",
        .command = {"queuelat"},
        .duration = "--timeout",
        .aliases = {"-t"},
        .options = words_of("-c --cycles -f --freq -m --max-len -p --packets -q --queue-len"),
        // rt-tests 2.6 reads no counter elsewhere, and crashes.
        .needs = {.machine = "x86_64"}};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>&, const ProgramEnd& end) const override {
    if (auto bad = ended_badly(end)) return *bad;
    if (const auto line = line_with(end.printed, "failure to allocate"))
      return invalid_result(std::string(*line));
    if (const auto line = line_with(end.printed, "queue length exceeded:"))
      return failed_result(std::string(*line));
    // "Max loop processing time: [1200 - 1299] = 1"
    const auto longest = line_with(end.printed, "Max loop processing time:");
    std::uint64_t from = 0, to = 0, loops = 0;
    LineScan scan(longest.value_or(""));
    scan.text("Max loop processing time:").text("[").count(&from).text("-").count(&to).text("]").text("=");
    if (!scan.count(&loops).at_end() || from > to || !line_with(end.printed, "Avg loop processing time:"))
      return invalid_result("it did not print its statistics");
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    // The end of its class: of one that begins at 0 its beginning would be no figure.
    result.figures = {
        {"longest loop", static_cast<double>(to + 1), "ns", clock, static_cast<double>(to - from + 1), true}};
    return result;
  }
};

}  // namespace
}  // namespace queuelat

const MeasuringProgram& queuelat_program() {
  static const queuelat::Queuelat program;
  return program;
}

}  // namespace loopgate
