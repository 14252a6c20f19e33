// rt-migrate-test of rt-tests: whether the tasks of highest priority are those that run, on all CPUs. Without
// its --check it would always exit with 0.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "programs/measuring/program_text.h"

namespace loopgate {
namespace rt_migrate_test {
namespace {

constexpr int failed_status = 255;
constexpr const char* clock = "CLOCK_REALTIME";  // gettimeofday(2)

// "   Max: 10 us", a line for each task.
std::vector<double> printed_maxima(const std::string& text) {
  std::vector<double> maxima;
  for (const std::string_view line : lines_in(text)) {
    double max = 0;
    if (LineScan scan(line); scan.text("Max:").number(&max).text("us").at_end()) maxima.push_back(max);
  }
  return maxima;
}

// How late the task of the highest priority ran at the most.
Result<double> highest_tasks_max(const ProgramEnd& end) {
  TRY(document, rt_tests_json(end));
  TRY(threads, threads_in(document));
  const std::vector<double> printed = printed_maxima(end.printed);
  const JsonThread* highest = nullptr;
  double priority = -1;
  for (const JsonThread& thread : threads) {
    const auto its = number_in(*thread.fields, "prio");
    if (!its || !number_in(*thread.fields, "max"))
      return fail(ErrorKind::data, fmt::format("its JSON file's thread {} lacks its figures", thread.number));
    if (thread.number >= printed.size() || printed[thread.number] != number_in(*thread.fields, "max"))
      return fail(ErrorKind::data, fmt::format("it did not print what it wrote of task {}", thread.number));
    if (*its <= priority) continue;
    priority = *its;
    highest = &thread;
  }
  return *number_in(*highest->fields, "max");
}

class RtMigrateTest : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "rt-migrate-test",
        .command = {"rt-migrate-test"},
        .last = {"--check", "--quiet", "--json", "{file}"},
        .loops = "--loops",
        .duration = "--duration",
        .priority = "--prio",
        .aliases = {"-D", "-l", "-p"},
        .options = words_of("-c --check -e --equal -m --maxerr -q --quiet -r --run-time -s --sleep-time"),
        .needs = {.cpus = 2},  // else nothing can migrate
        .all_cpus = true};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>&, const ProgramEnd& end) const override {
    const bool passed = line_with(end.printed, " Passed!").has_value();
    const bool failed = line_with(end.printed, " Failed!").has_value();
    if (failed && !passed && end.status == failed_status)
      return failed_result("a task of lower priority ran before one of higher");
    if (auto bad = ended_badly(end)) return *bad;
    if (!passed || failed) return invalid_result("it did not print that it passed");
    const auto max = highest_tasks_max(end);
    if (!max) return invalid_result(max.error().what);
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    result.figures = {us_figure("max of the highest task", *max, clock)};
    return result;
  }
};

}  // namespace
}  // namespace rt_migrate_test

const MeasuringProgram& rt_migrate_test_program() {
  static const rt_migrate_test::RtMigrateTest program;
  return program;
}

}  // namespace loopgate
