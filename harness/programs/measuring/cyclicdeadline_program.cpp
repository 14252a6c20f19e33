// cyclicdeadline of rt-tests: how late SCHED_DEADLINE wakes its threads. It exits with 0 even where the
// kernel took none of them into that class, which a warning alone says.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "programs/measuring/measured_threads.h"

namespace loopgate {
namespace cyclicdeadline {
namespace {

constexpr const char* clock = "CLOCK_MONOTONIC_RAW";

Result<std::vector<ThreadCycles>> read(const ProgramEnd& end) {
  TRY(document, rt_tests_json(end));
  return measured_threads(document);
}

ProgramResult verdict_on(const std::vector<std::string>& argv, const std::vector<ThreadCycles>& threads,
                         const ProgramEnd& end) {
  if (const auto line = complained(end, "Failed sched_setattr"))
    return failed_result(fmt::format("the kernel did not take a thread into SCHED_DEADLINE: {}", *line));
  for (std::size_t i = 0; i < threads.size(); ++i)
    if (threads[i].cycles == 0) return failed_result(fmt::format("thread {} made no cycle", i));
  const double wanted = option_number(argv, {"-t", "--threads"}).value_or(1);
  if (static_cast<double>(threads.size()) < wanted)
    return invalid_result(fmt::format("it ran {} of {} threads", threads.size(), wanted));
  if (const auto line = line_with(end.printed, "# Break value:"))
    return failed_result(fmt::format("it stopped at its limit: {}", line->substr(2)));
  return result_of(ProgramVerdict::pass, "");
}

class Cyclicdeadline : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "cyclicdeadline",
        .command = {"cyclicdeadline"},
        .last = {"--quiet", "--json", "{file}"},
        .duration = "--duration",
        .aliases = {"-D"},
        .options = words_of(
            "-a --affinity -b --breaktrace -i --interval -q --quiet -s --step -t --threads --tracemark"),
        .numbers = {"-t", "--threads"},
        .needs = {.files = {"/proc/sys/kernel/sched_deadline_period_max_us"}},  // the kernel has the class
        .all_cpus = true};  // which takes no thread that is bound
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    // It tries its work as an ordinary task, before any thread is of SCHED_DEADLINE: that the load kept it
    // from the CPU says nothing of the class.
    if (const auto line = gave_up(end, "Failed to perform task within runtime"))
      return result_of(
          ProgramVerdict::inconclusive,
          fmt::format("it tried its work as an ordinary task before it measured, and the load kept "
                      "it from that: {}; a longer --interval leaves it more time",
                      *line));
    if (auto bad = ended_badly(end)) return *bad;
    const auto threads = read(end);
    if (!threads) return invalid_result(threads.error().what);
    if (const auto same = check_printed(*threads, printed_thread_maxima(end.printed)); !same)
      return invalid_result(same.error().what);
    ProgramResult result = verdict_on(argv, *threads, end);
    const ThreadTotal total = total_of(*threads);
    if (total.all.cycles > 0) result.figures = figures_of(total.all, clock);
    return result;
  }
};

}  // namespace
}  // namespace cyclicdeadline

const MeasuringProgram& cyclicdeadline_program() {
  static const cyclicdeadline::Cyclicdeadline program;
  return program;
}

}  // namespace loopgate
