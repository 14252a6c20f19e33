#include "programs/measuring/measuring_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <sstream>

#include "programs/measuring/suite_arguments.h"

namespace loopgate {
namespace {

constexpr const char* file_word = "{file}";

Status add_count(const ProgramForm& form, const char* option, const char* key, std::int64_t count,
                 std::vector<std::string>* argv) {
  if (count == 0) return {};
  if (*option == '\0') return refuse(form, fmt::format("has no option for {}", key));
  argv->insert(argv->end(), {option, std::to_string(count)});
  return {};
}

Status add_scheduling(const ProgramForm& form, const ProgramScheduling& scheduling,
                      std::vector<std::string>* argv) {
  if (*form.priority == '\0') return refuse(form, "has no option for a priority: it chooses its own");
  if (scheduling.policy == "deadline" && !form.deadline) return refuse(form, "does not run as deadline");
  if (form.joined_policy) {
    argv->insert(argv->end(),
                 {form.priority, fmt::format("{}:{}", scheduling.policy.front(), scheduling.priority)});
    return {};
  }
  if (*form.policy != '\0') {
    argv->insert(argv->end(), {form.policy, scheduling.policy});
  } else if (scheduling.policy != "fifo") {
    return refuse(form, "runs as fifo alone");
  }
  if (scheduling.priority > 0)
    argv->insert(argv->end(), {form.priority, std::to_string(scheduling.priority)});
  return {};
}

}  // namespace

tl::unexpected<Error> refuse(const ProgramForm& form, const std::string& why) {
  return fail(ErrorKind::usage, fmt::format("{} {}", form.key, why));
}

const std::vector<const MeasuringProgram*>& measuring_programs() {
  static const std::vector<const MeasuringProgram*> all = {&cyclicdeadline_program(),
                                                           &cyclictest_program(),
                                                           &deadline_test_program(),
                                                           &google_benchmark_program(),
                                                           &hackbench_program(),
                                                           &hwlatdetect_program(),
                                                           &oslat_program(),
                                                           &pi_stress_program(),
                                                           &pip_stress_program(),
                                                           &pmqtest_program(),
                                                           &ptsematest_program(),
                                                           &queuelat_program(),
                                                           &rt_migrate_test_program(),
                                                           &rtla_hwnoise_program(),
                                                           &rtla_osnoise_program(),
                                                           &rtla_timerlat_program(),
                                                           &signaltest_program(),
                                                           &sigwaittest_program(),
                                                           &ssdd_program(),
                                                           &svsematest_program()};
  return all;
}

const MeasuringProgram* find_measuring_program(std::string_view key) {
  const auto& all = measuring_programs();
  const auto found =
      std::ranges::find_if(all, [&](const MeasuringProgram* each) { return key == each->form().key; });
  return found == all.end() ? nullptr : *found;
}

std::string other_option(const MeasuringProgram& program, const std::vector<std::string>& argv,
                         const ProgramEnd& end) {
  for (const ProgramOption& option : options_in(argv)) {
    const auto told = program.read_back(option, end);
    if (told && !told->as_asked)
      return fmt::format("it was given {}, and by its own word it had {}", text_of(option), told->text);
  }
  return {};
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

bool leaves_file(const ProgramForm& form) {
  return std::ranges::find(form.last, file_word) != form.last.end();
}

Result<std::vector<std::string>> command_line_of(const ProgramForm& form, const ProgramOrder& order,
                                                 const std::string& file) {
  TRY_STATUS(check_arguments(form, order.arguments));
  std::vector<std::string> argv = form.command;
  argv.insert(argv.end(), order.arguments.begin(), order.arguments.end());
  TRY_STATUS(add_count(form, form.loops, "loops", order.loops, &argv));
  TRY_STATUS(add_count(form, form.duration, "duration_s", order.duration_s, &argv));
  if (order.scheduling) TRY_STATUS(add_scheduling(form, *order.scheduling, &argv));
  for (const std::string& word : form.last) argv.push_back(word == file_word ? file : word);
  return argv;
}

}  // namespace loopgate
