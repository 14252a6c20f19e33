#include "run/job.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>

#include <algorithm>
#include <csignal>
#include <iterator>

#include "base/overloaded.h"
#include "base/split_mix.h"
#include "machine/loopback_request.h"
#include "protocol/channel.h"
#include "record/artifacts.h"
#include "run/board_words.h"
#include "run/contenders.h"
#include "run/fits.h"
#include "run/kernel_arguments.h"
#include "run/probe.h"
#include "run/thread_rules.h"

namespace loopgate {
namespace {

void set_tuning(const Kernel& kernel, const Work& work, Job* job) {
  for (const FileTuning& file : kernel.files)
    job->files.push_back({file.path, file.value, file.reads.empty() ? file.value : file.reads});
  for (const ThreadTuning& thread : kernel.threads)
    job->threads.push_back({thread.name, scheduling_policy(thread.policy).value_or(SCHED_OTHER),
                            thread.priority, is_required(thread, work), thread.cpus});
}

void set_questions(const Kernel& kernel, Job* job) {
  if (!kernel.arguments.empty()) job->kernel = questions_on(kernel.arguments);
}

void set_checks(const Kernel& kernel, Job* job) {
  for (const KernelCheck& check : kernel.checks) {
    if (check.file.empty()) continue;  // config options are checked on the host, before the boot
    const bool whole = check.contains.empty();
    job->checks.push_back({check.name, check.file, whole ? check.equals : check.contains, whole});
  }
}

// taskset(1) becomes the program, or fails and so ends the load.
std::vector<std::string> kept_to(const std::vector<int>& cpus, std::vector<std::string> argv) {
  if (cpus.empty()) return argv;
  std::vector<std::string> command = {"taskset", "-c", fmt::format("{}", fmt::join(cpus, ","))};
  std::ranges::move(argv, std::back_inserter(command));
  return command;
}

PartSpec part_of(const LoadPart& part, const Board& board) {
  const std::vector<std::string> files = part.program->files(part.name);
  PartSpec spec;
  spec.name = part.name;
  spec.argv =
      kept_to(cpus_for(part.cpus, board), part.program->argv(part.name, filled_in(part.arguments, board)));
  if (!files.empty()) spec.output = files.front();
  spec.stop_signal = SIGINT;
  spec.min_processes = part.min_processes;
  spec.min_cpu_ms = part.min_cpu_ms;
  spec.ready_timeout = std::chrono::milliseconds(part_ready_timeout_ms);
  return spec;
}

// 64 MB of the board's memory, which are locked. What comes after has none, and is counted as left out.
constexpr int stamps_max = 2'000'000;

// Those that the board has.
std::map<std::string, int> lines_of(const PinLines& lines) {
  std::map<std::string, int> named;
  for (const auto& [name, line] : {std::pair{"stimulus", lines.stimulus},
                                   {"response", lines.response},
                                   {"storm", lines.storm},
                                   {"control_in", lines.control_in},
                                   {"control_out", lines.control_out}}) {
    if (line >= 0) named[name] = line;
  }
  return named;
}

constexpr std::uint64_t perturbing_pages = 4'096;      // 16 MB of 4 kB, of a virtual board's 512 MB
constexpr std::uint64_t perturbing_delay_us = 50'000;  // a dozen turns of a load's processes

// On virtual time all replicates begin in one saved state; a board's boots differ by themselves.
std::optional<Perturbation> perturbation_of(const Plan& plan, const Cell& cell) {
  if (!plan.board.is_virtual()) return std::nullopt;
  const std::uint64_t seed = split_mix(cell.seed);
  const std::uint64_t pages = split_mix(seed);
  const std::uint64_t delay = split_mix(pages);
  return Perturbation{seed, static_cast<int>(pages % perturbing_pages),
                      std::chrono::microseconds(delay % perturbing_delay_us)};
}

// Linux takes no thread into SCHED_DEADLINE that may not run on all CPUs (sched(7)).
bool runs_on_all_cpus(const SuiteProgram& program) {
  const auto& scheduling = program.order.scheduling;
  return program.adapter->form().all_cpus || (scheduling && scheduling->policy == "deadline");
}

ProgramSpec program_of(const SuiteProgram& program, const Board& board) {
  return {program.name,          program.argv(),
          program.target_file(), std::chrono::seconds(program.timeout_s),
          program.needs,         runs_on_all_cpus(program) ? std::vector<int>() : board.measured_cpus};
}

InstrumentSpec instrument_of(const Plan& plan, const Cell& cell) {
  LoopbackRequest request = loopback_request(plan.board, pulses_of(plan, cell));
  InstrumentSpec spec;
  spec.check_argv = std::move(request.check_argv);
  spec.argv = std::move(request.argv);
  spec.cpu = request.cpu;
  spec.check_timeout = std::chrono::milliseconds(loopback_check_timeout_ms(plan.board.check_edges));
  spec.timeout = std::chrono::milliseconds(request.timeout_ms);
  // Only a virtual board's files are in the report: from others they are copied.
  if (plan.board.is_virtual()) spec.files = std::move(request.files);
  return spec;
}

// The memory that the payload's records of its frames go to: the bench's on the virtual one, else a file.
std::string with_records(std::string word, const Plan& plan, const Cell& cell) {
  const bool shared = plan.board.is_virtual();
  const std::uint64_t size = shared ? records_size : records_size_on_board(pulses_of(plan, cell));
  word = replaced(std::move(word), "{records}", shared ? target_channel : target_path(frames_artifact));
  word = replaced(std::move(word), "{records_offset}", shared ? std::to_string(records_offset) : "0");
  return replaced(std::move(word), "{records_size}", std::to_string(size));
}

}  // namespace

std::vector<std::string> payload_command(const Plan& plan, const Cell& cell) {
  const Payload& payload = payload_of(plan.suite.work);
  std::vector<std::string> command = command_of(payload, plan.kernels[cell.kernel].contender);
  if (loopback_measures(plan.suite.work, plan.board))
    command.insert(command.end(), payload.stamps.begin(), payload.stamps.end());
  std::vector<std::string> words;
  for (std::string word : filled_in(command, plan.board)) {
    word = replaced(std::move(word), "{stamps}", target_path(stamps_artifact));
    word =
        replaced(std::move(word), "{stamps_records}",
                 std::to_string(std::min(plan.samples + schedule_of(plan.suite.work).warm_up, stamps_max)));
    word = replaced(std::move(word), "{edge}", schedule_of(plan.suite.work).falls ? "falling" : "rising");
    word = replaced(std::move(word), "{seed}", std::to_string(cell.seed));
    word = with_records(std::move(word), plan, cell);
    for (const PayloadFile& file : payload.files)
      word = replaced(std::move(word), "{" + file.key + "}", file.target_path());
    words.push_back(std::move(word));
  }
  return words;
}

Job job_of(const Plan& plan, const Cell& cell) {
  const Load& load = plan.loads[cell.load];
  const Payload& payload = payload_of(plan.suite.work);
  Job job;
  job.board = {plan.board.gpio_chip, lines_of(plan.board.lines)};
  set_tuning(plan.kernels[cell.kernel], plan.suite.work, &job);
  set_checks(plan.kernels[cell.kernel], &job);
  set_questions(plan.kernels[cell.kernel], &job);
  job.perturbation = perturbation_of(plan, cell);
  for (const LoadPart& part : load.parts) job.parts.push_back(part_of(part, plan.board));
  job.settle = std::chrono::milliseconds(load.settle_ms);
  for (const SuiteProgram& program : all_programs(plan.suite.work))
    job.programs.push_back(program_of(program, plan.board));
  if (programs_of(plan.suite.work) != nullptr) return job;
  job.payload.argv = payload_command(plan, cell);
  for (const PayloadFile& file : payload.files)
    job.payload.files.push_back({file.target_path(), file.offset, file.size});
  job.payload.ready_timeout = std::chrono::milliseconds(payload.ready_timeout_ms);
  job.payload.cpus = plan.board.measured_cpus;
  if (!plan.probe.empty()) job.probe = probe_of(plan);
  if (loopback_measures(plan.suite.work, plan.board)) job.instrument = instrument_of(plan, cell);
  return job;
}

}  // namespace loopgate
