// deadline_test of rt-tests: tasks of SCHED_DEADLINE that work for a known part of their period, for ten
// seconds. It prints what each missed, and exits with 0 however much that was.
#include <fmt/format.h>

#include <algorithm>

#include "programs/measuring/program_text.h"

namespace loopgate {
namespace deadline_test {
namespace {

constexpr const char* clock = "CLOCK_MONOTONIC_RAW";

struct Totals {
  std::uint64_t tasks = 0;
  std::uint64_t deadlines = 0, periods = 0;  // missed
  std::uint64_t periods_run = 0;
  double max_us = 0;
};

// A task's section begins with "missed deadlines  = 0" and has all of these.
Result<Totals> read(const std::string& text) {
  Totals totals;
  std::uint64_t with_periods = 0, with_run = 0, with_times = 0;
  for (const std::string_view line : lines_in(text)) {
    std::uint64_t count = 0;
    double max = 0;
    if (LineScan scan(line); scan.text("missed deadlines").text("=").count(&count).at_end()) {
      totals.deadlines += count;
      ++totals.tasks;
    } else if (LineScan missed(line); missed.text("missed periods").text("=").count(&count).at_end()) {
      totals.periods += count;
      ++with_periods;
    } else if (LineScan run(line); run.text("nr_periods").text(":").count(&count).at_end()) {
      totals.periods_run += count;
      ++with_run;
    } else if (LineScan times(line); times.text("max_time:").number(&max).text("us").good()) {
      totals.max_us = std::max(totals.max_us, max);
      ++with_times;
    }
  }
  if (totals.tasks == 0) return fail(ErrorKind::data, "it printed nothing of what its tasks missed");
  if (with_periods != totals.tasks || with_run != totals.tasks || with_times != totals.tasks)
    return fail(ErrorKind::data, "what it printed of its tasks was cut off");
  return totals;
}

class DeadlineTest : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {.key = "deadline_test",
                                     .command = {"deadline_test"},
                                     .options = words_of("-b -c -i -p -P -r -s -t"),
                                     .numbers = {"-t"},
                                     .needs = {.files = {"/proc/sys/kernel/sched_deadline_period_max_us"}},
                                     .all_cpus = true};  // that class takes no thread that is bound
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (auto bad = ended_badly(end)) return *bad;
    const auto totals = read(end.printed);
    if (!totals) return invalid_result(totals.error().what);
    const double wanted = option_number(argv, {"-t"}).value_or(1);
    if (static_cast<double>(totals->tasks) < wanted)
      return invalid_result(fmt::format("it told of {} of {} tasks", totals->tasks, wanted));
    if (totals->periods_run == 0) return invalid_result("its tasks ran in no period");
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    if (totals->deadlines + totals->periods > 0)
      result = failed_result(
          fmt::format("{} deadlines and {} periods were missed", totals->deadlines, totals->periods));
    result.figures = {count_figure("missed deadlines", totals->deadlines, "deadlines"),
                      count_figure("missed periods", totals->periods, "periods"),
                      count_figure("periods", totals->periods_run, "periods"),
                      us_figure("max", totals->max_us, clock)};
    return result;
  }
};

}  // namespace
}  // namespace deadline_test

const MeasuringProgram& deadline_test_program() {
  static const deadline_test::DeadlineTest program;
  return program;
}

}  // namespace loopgate
