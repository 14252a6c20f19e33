#include "run/describe_run.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/utc_time.h"
#include "qemu/qemu_command.h"
#include "run/contenders.h"
#include "run/frame_truth.h"
#include "run/given_files.h"
#include "run/job.h"
#include "run/null_change.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// `input` is what a TOML file became.
template <class T>
InputFile input_file(const T& input) {
  return {{input.name, input.sha256}, input.title, input.toml};
}

KernelInput kernel_input(const Plan& plan, const Kernel& kernel, const KernelFiles& image) {
  KernelInput input{input_file(kernel)};
  input.package = image.provenance.package;
  input.version = image.provenance.version;
  input.release = image.release;
  input.image_sha256 = image.image_sha256;
  input.image_form = image.image_form;
  input.built_from = {image.build.tree_sha256, image.build.config_sha256, image.build.toolchain,
                      image.build.unknown_options};
  input.modules = modules_to_load(kernel.source);
  if (image.target) input.initrd_sha256 = image.target->initrd_sha256;
  // A board's whole command line is known once it has booted: evidence.json has it.
  const std::string arguments = given_arguments(kernel, plan.null_change);
  if (plan.board.is_virtual()) {
    input.command_line = kernel_command_line(plan.board, arguments);
  } else {
    input.arguments = arguments;
  }
  return input;
}

TargetRecord target_record(const TargetImage& target) {
  TargetRecord record{target.base_sha256, target.programs_sha256, {}};
  for (const InstalledPackage& each : target.packages)
    record.packages.push_back({each.package, each.version});
  return record;
}

DescribedCell described(const Plan& plan, const Cell& cell) {
  return {cell.name,
          plan.kernels[cell.kernel].name,
          plan.loads[cell.load].name,
          cell.repetition,
          cell.seed,
          plan.board.is_virtual() ? std::string() : boot_of(plan, cell)};
}

// From any working directory. Links among the folders are followed, since `link/..` is not where its letters
// say; a file that is a link stays one, since what it names is looked for beside the link.
std::string whole_path(const fs::path& path) {
  std::error_code gone;  // the working directory, as it may be
  const fs::path whole = fs::absolute(path, gone);
  if (gone) return path.string();
  const fs::path folder = fs::weakly_canonical(whole.parent_path(), gone);
  return ((gone ? whole.parent_path() : folder) / whole.filename()).string();
}

// Files of the user's own, by the name that the run has for them.
void add_file(const char* kind, const std::string& name, const std::string& given,
              Circumstances* circumstances) {
  if (given.ends_with(".toml")) circumstances->files[kind][name] = whole_path(given);
}

// A suite is a folder, which is what it is named by.
std::string suite_file(const std::string& given) {
  std::error_code ignored;
  const fs::path file = fs::path(given) / "suite.toml";
  return given.find('/') != std::string::npos && fs::exists(file, ignored) ? file.string() : given;
}

Circumstances circumstances_of(const Plan& plan, const PlanRequest& request,
                               const std::vector<KernelFiles>& kernels, int jobs, const std::string& commit) {
  Circumstances now;
  now.started = utc_now();
  now.commit = commit;
  now.jobs = jobs;
  utsname host{};
  ::uname(&host);
  now.host_system = fmt::format("{} {} {}", host.sysname, host.release, host.machine);
  now.host_processors = std::thread::hardware_concurrency();
  for (std::size_t i = 0; i < kernels.size(); ++i)
    now.images[plan.kernels[i].name] = whole_path(kernels[i].image);
  add_file("suites", plan.suite.name, suite_file(request.suite), &now);
  // What was not asked for is the suite's choice, and may be a file as well.
  add_file("boards", plan.board.name, request.board.empty() ? plan.suite.board : request.board, &now);
  const auto kernels_given = kernel_choices(request.kernels.empty() ? plan.suite.kernels : request.kernels,
                                            payload_of(plan.suite.work));
  for (std::size_t i = 0; i < std::min(kernels_given.size(), plan.kernels.size()); ++i)
    add_file("kernels", name_without_contender(plan.kernels[i].name, plan.kernels[i].contender),
             kernels_given[i].kernel, &now);
  const auto& loads_given = request.loads.empty() ? plan.suite.loads : request.loads;
  for (std::size_t i = 0; i < std::min(loads_given.size(), plan.loads.size()); ++i)
    add_file("loads", plan.loads[i].name, loads_given[i], &now);
  if (!request.inputs.empty()) now.files[inputs_kind]["run"] = whole_path(request.inputs);
  return now;
}

void describe_schedule(const Plan& plan, RunRecord* run) {
  const StimulusSchedule& schedule = schedule_of(plan.suite.work);
  run->seed = plan.seed;
  run->samples = static_cast<std::uint64_t>(plan.samples);
  run->warm_up = static_cast<std::uint64_t>(schedule.warm_up);
  run->self_checks = static_cast<std::uint64_t>(schedule.self_checks);
  run->repeat = plan.repeat;
  run->repetition = plan.repetition;
  run->deadline_ns = schedule.deadline_ns;
  run->response_timeout_ns = schedule.response_timeout_ns;
  run->interval_ns = {schedule.interval_min_ns, schedule.interval_max_ns};
  run->back_to_back = schedule.back_to_back;
  if (const auto* work = std::get_if<DecisionWork>(&plan.suite.work))
    run->decisions = {static_cast<std::uint32_t>(work->frames), work->frame_interval_ns, truth_of(*work)};
}

}  // namespace

RunRecord describe_run(const Plan& plan, const PlanRequest& request, const std::vector<KernelFiles>& kernels,
                       const TargetImage& target, MachineRecord machine, int jobs,
                       const LoopgateVersion& loopgate) {
  RunRecord run;
  run.loopgate = loopgate.version;
  run.time_base = plan.board.time_base();
  run.suite = input_file(plan.suite);
  run.board = {input_file(plan.board), plan.board.emulator};
  describe_schedule(plan, &run);
  run.payload = payload_command(plan, plan.cells.front());
  for (const PayloadFile& file : payload_of(plan.suite.work).files)
    run.payload_files.push_back({file.key, file.file.filename().string(), file.sha256});
  for (const SuiteProgram& each : all_programs(plan.suite.work))
    run.programs.push_back({each.name, each.adapter->form().key, each.argv(), each.timeout_s});
  run.programs_left_out = plan.programs_left_out;
  run.probe = plan.probe;
  run.machine = std::move(machine);
  for (std::size_t i = 0; i < plan.kernels.size(); ++i) {
    KernelInput& kernel = run.kernels.emplace_back(kernel_input(plan, plan.kernels[i], kernels[i]));
    if (plan.kernels[i].contender.empty()) continue;
    kernel.contender = {plan.kernels[i].contender,
                        command_of(payload_of(plan.suite.work), plan.kernels[i].contender)};
  }
  for (const Load& load : plan.loads) run.loads.push_back(input_file(load));
  run.target = target_record(target);
  for (const Cell& cell : plan.cells) run.cells.push_back(described(plan, cell));
  run.shard = plan.shard;
  run.circumstances = circumstances_of(plan, request, kernels, jobs, loopgate.commit);
  return run;
}

Outcome unjudged_outcome(const Plan& plan, const Cell& cell) {
  Outcome outcome;
  outcome.cell = cell.name;
  outcome.suite = plan.suite.name;
  outcome.board = plan.board.name;
  outcome.kernel = plan.kernels[cell.kernel].name;
  outcome.load = plan.loads[cell.load].name;
  outcome.repetition = cell.repetition;
  outcome.time_base = plan.board.time_base();
  return outcome;
}

}  // namespace loopgate
