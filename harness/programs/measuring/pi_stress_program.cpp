// pi_stress of rt-tests: groups of three threads that invert their priorities over and over. Where a group
// comes to a standstill its watchdog sends SIGTERM to the whole process group, itself included.
#include <fmt/format.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "programs/measuring/program_text.h"

namespace loopgate {
namespace pi_stress {
namespace {

constexpr const char* watchdog = "WATCHDOG triggered";
constexpr const char* ignored = "ignoring invalid options";  // of --sched; it goes on without them

// Nobody but its own watchdog sends it that: the agent kills what does not end in time.
std::optional<ProgramResult> standstill(const ProgramEnd& end) {
  const auto line = complained(end, watchdog);
  if (line) return failed_result(std::string(*line));
  if (end.signal == SIGTERM) return failed_result("it ended itself by SIGTERM, as it does on a deadlock");
  return std::nullopt;
}

Result<std::uint64_t> inversions_of(const ProgramEnd& end) {
  TRY(document, rt_tests_json(end));
  const auto written = document.find("inversion");
  if (written == document.end() || !written->is_number_unsigned())
    return fail(ErrorKind::data, "its JSON file has no number of inversions");
  std::uint64_t printed = 0;
  const auto line = line_with(end.printed, "Total inversion performed:");
  if (!line || !(LineScan(*line).text("Total inversion performed:").count(&printed).at_end()))
    return fail(ErrorKind::data, "it did not print how many inversions it performed");
  if (printed != written->get<std::uint64_t>())
    return fail(ErrorKind::data,
                fmt::format("it printed {} inversions, and wrote {}", printed, written->dump()));
  return printed;
}

class PiStress : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "pi_stress",
        .command = {"pi_stress"},
        .last = {"--quiet", "--json", "{file}"},
        .loops = "--inversions",
        .duration = "--duration",
        .aliases = {"-D", "-i"},
        .options = words_of("-d --debug -g --groups -m --mlockall -q --quiet -r --rr -s --sched -u "
                            "--uniprocessor -v --verbose"),
        .refused = {"-p", "--prompt"},
        .all_cpus = true};  // where there are several it binds its threads itself
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (const auto line = complained(end, ignored)) return invalid_result(*line);
    if (auto failed = standstill(end)) return *failed;
    if (auto bad = ended_badly(end)) return *bad;
    const auto inversions = inversions_of(end);
    if (!inversions) return invalid_result(inversions.error().what);
    const double wanted = option_number(argv, {"-i", "--inversions"}).value_or(1);
    if (static_cast<double>(*inversions) < wanted)
      return invalid_result(fmt::format("it performed {} of {} inversions", *inversions, wanted));
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    result.figures = {count_figure("inversions", *inversions, "inversions")};
    return result;
  }
};

}  // namespace
}  // namespace pi_stress

const MeasuringProgram& pi_stress_program() {
  static const pi_stress::PiStress program;
  return program;
}

}  // namespace loopgate
