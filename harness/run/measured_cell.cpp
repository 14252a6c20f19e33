#include "run/measured_cell.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/nearest.h"
#include "record/cell_files.h"
#include "record/outcome.h"
#include "run/contenders.h"
#include "run/given_files.h"
#include "run/null_change.h"
#include "run/own_texts.h"
#include "stats/summary.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t median_per_million = 500'000;

Result<DescribedCell> cell_in(const RunRecord& run, const std::string& wanted, const fs::path& path) {
  std::vector<std::string> names;
  for (const DescribedCell& cell : run.cells) {
    if (cell.name == wanted) return cell;
    names.push_back(cell.name);
  }
  return fail(ErrorKind::usage, fmt::format("{} has no cell \"{}\"", path.string(), wanted),
              meant_or_known(wanted, names));
}

// A file of the user's own, of this name, is there still, but with another text.
Status check_file_of(const RunRecord& measured, const std::string& kind, const std::string& name,
                     const InputFile& then, const InputFile& now) {
  if (then.sha256 == now.sha256) return {};
  const std::string* path = given_path(measured, kind, name);
  if (path == nullptr) return {};
  return fail(ErrorKind::usage,
              fmt::format("the run can't be made again: it was made from {}, which has changed since", *path),
              "put its text back, which run.json holds, or measure it anew");
}

const KernelInput* kernel_of(const RunRecord& run, const DescribedCell& cell) {
  const auto found = std::ranges::find(run.kernels, cell.kernel, &KernelInput::name);
  return found == run.kernels.end() ? nullptr : &*found;
}

// With its contender, as the command line names the two.
Result<std::string> kernel_as_given(const RunRecord& run, const DescribedCell& cell, const fs::path& texts) {
  const KernelInput* kernel = kernel_of(run, cell);
  if (kernel == nullptr) return cell.kernel;
  TRY(given, own_text(run, "kernels", name_without_contender(kernel->name, kernel->contender.name), *kernel,
                      texts, files_of_kernel(run, *kernel)));
  return KernelChoice{given, kernel->contender.name}.text();
}

Result<std::string> load_as_given(const RunRecord& run, const DescribedCell& cell, const fs::path& texts) {
  const auto load = std::ranges::find(run.loads, cell.load, &InputFile::name);
  if (load == run.loads.end()) return cell.load;
  return own_text(run, "loads", load->name, *load, texts);
}

Result<PlanRequest> request_of(const RunRecord& run, const DescribedCell& cell, const fs::path& texts) {
  PlanRequest request;
  TRY(suite, own_text(run, "suites", run.suite.name, run.suite, texts, files_of_suite(run)));
  TRY(board, own_text(run, "boards", run.board.name, run.board, texts));
  TRY(kernel, kernel_as_given(run, cell, texts));
  TRY(load, load_as_given(run, cell, texts));
  request.suite = std::move(suite);
  request.board = std::move(board);
  request.kernels = {std::move(kernel)};
  request.loads = {std::move(load)};
  if (run.has_programs_alone())
    for (const ProgramInput& program : run.programs) request.programs.push_back(program.name);
  request.samples = static_cast<int>(run.samples);
  request.repeat = static_cast<int>(run.repeat);
  request.seed = run.seed;
  request.probe = run.probe;
  if (const KernelInput* described = kernel_of(run, cell))
    request.null_change = null_change_in(described->command_line);
  return request;
}

// Sorted by latency, then by index.
std::vector<Sample> by_latency(const SampleFile& file) {
  std::vector<Sample> counted;
  for (const Sample& sample : file.samples) {
    if (sample.counted() && sample.answered()) counted.push_back(sample);
  }
  std::stable_sort(counted.begin(), counted.end(),
                   [](const Sample& a, const Sample& b) { return a.latency_ns() < b.latency_ns(); });
  return counted;
}

template <class T>
const T* named(const std::vector<T>& inputs, const std::string& name) {
  const auto found =
      std::find_if(inputs.begin(), inputs.end(), [&](const T& input) { return input.name == name; });
  return found == inputs.end() ? nullptr : &*found;
}

// What must be equal, and both values.
struct Precondition {
  std::string what;
  std::string measured;
  std::string now;
};

std::string text_of(const std::vector<PayloadInput>& files) {
  std::vector<std::string> texts;
  for (const PayloadInput& file : files) texts.push_back(fmt::format("{} {}", file.key, file.sha256));
  return fmt::format("{}", fmt::join(texts, ", "));
}

void add_machine(const RunRecord& measured, const RunRecord& now, std::vector<Precondition>* conditions) {
  const auto* then = std::get_if<QemuMachineRecord>(&measured.machine);
  const auto* here = std::get_if<QemuMachineRecord>(&now.machine);
  if (then == nullptr || here == nullptr) return;  // both runs are of virtual time
  conditions->push_back({"machine qemu", then->version, here->version});
  conditions->push_back({"machine binary_sha256", then->binary_sha256, here->binary_sha256});
}

void add_target(const RunRecord& measured, const RunRecord& now, std::vector<Precondition>* conditions) {
  const TargetRecord none;
  const TargetRecord& then = measured.target ? *measured.target : none;
  const TargetRecord& here = now.target ? *now.target : none;
  conditions->push_back({"target base_sha256", then.base_sha256, here.base_sha256});
  conditions->push_back({"target programs_sha256", then.programs_sha256, here.programs_sha256});
}

Status check_measured_by(MeasuredBy by, const RunRecord& run, const fs::path& run_folder) {
  if (run.time_base != TimeBase::virtual_time)
    return fail(ErrorKind::usage,
                fmt::format("{} was measured in wall-clock time, which does not repeat", run_folder.string()),
                "explain needs the virtual bench: measure with --board qemu-virt-arm64");
  if (by == MeasuredBy::instrument && run.has_programs_alone())
    return fail(
        ErrorKind::usage,
        fmt::format("{} holds programs that measured by themselves: there is no sample to explain",
                    run_folder.string()),
        "explain a run of a suite that stimulates, such as irq-to-gpio, or a program's path by --program");
  if (by == MeasuredBy::programs && !run.has_programs_alone())
    return fail(ErrorKind::usage,
                fmt::format("{} holds no programs that measured alone", run_folder.string()),
                "leave --program out, or explain a run of a suite of programs, such as primitives");
  return {};
}

Status load_samples_of(const Outcome& outcome, MeasuredCell* cell) {
  cell->samples_sha256 = outcome.sha256_of(samples_artifact);
  if (cell->samples_sha256.empty())
    return fail(ErrorKind::usage, fmt::format("{} has no samples: {}", cell->name, outcome.reason));
  TRY(samples, load_samples(cell->folder, cell->samples_sha256));
  cell->samples = std::move(samples.file);
  return {};
}

Status load_programs_of(const Outcome& outcome, MeasuredCell* cell) {
  if (outcome.kind != OutcomeKind::measured)
    return fail(ErrorKind::usage, fmt::format("{} can't be explained: {}", cell->name, outcome.reason),
                "measure it anew");
  TRY(programs, load_programs(cell->folder, outcome.sha256_of(programs_artifact)));
  cell->programs_sha256 = std::move(programs.sha256);
  cell->programs = std::move(programs.file.programs);
  return {};
}

}  // namespace

Result<MeasuredCell> find_measured_cell(const fs::path& run_folder, const std::string& cell_name,
                                        MeasuredBy by, Again again) {
  TRY(run, read_run_record(run_folder));
  TRY_STATUS(check_measured_by(by, run, run_folder));
  TRY(described, cell_in(run, cell_name, run_folder));
  MeasuredCell cell;
  cell.name = cell_name;
  cell.by = by;
  cell.folder = run_folder / "cells" / cell_name;
  const fs::path texts = again == Again::to_compare ? cell.folder / "own-files" : fs::path();
  TRY(request, request_of(run, described, texts));
  cell.request = std::move(request);
  cell.repetition = static_cast<int>(described.repetition);
  if (!has_outcome(cell.folder))
    return fail(ErrorKind::usage, fmt::format("{} was not finished: it has no outcome.json", cell_name),
                "go on with the run by --resume");
  TRY(outcome, read_outcome(cell.folder, run, described));
  cell.evidence_sha256 = outcome.sha256_of(evidence_artifact);
  if (outcome.kind != OutcomeKind::measured) cell.why_invalid = outcome.reason;
  cell.run = std::move(run);
  TRY_STATUS(by == MeasuredBy::instrument ? load_samples_of(outcome, &cell)
                                          : load_programs_of(outcome, &cell));
  return cell;
}

Status check_sound(const MeasuredCell& cell) {
  if (cell.why_invalid.empty()) return {};
  return fail(ErrorKind::usage, fmt::format("{} was not measured soundly: {}", cell.name, cell.why_invalid),
              "measure it anew; `loopgate explain` looks into it all the same");
}

Status check_one_cpu(const RunRecord& run) {
  const auto* qemu = std::get_if<QemuMachineRecord>(&run.machine);
  if (qemu == nullptr || qemu->cpus == 1) return {};
  return fail(
      ErrorKind::usage,
      fmt::format(
          "board {} has {} CPUs, and bounds and paths of programs are of one CPU alone: what waits on "
          "one CPU for another is in no window, and the clock counts the instructions of all",
          run.board.name, qemu->cpus),
      "measure the kernel on a virtual board with one CPU, such as qemu-virt-arm64; `loopgate explain`, "
      "`sections` and `hunt` follow several");
}

const char* next_step_of(Again again) {
  return again == Again::to_compare ? "repeat it where it was measured"
                                    : "explain it where it was measured, or measure it here";
}

Status check_repeatable(const RunRecord& measured, const RunRecord& now, Again again) {
  const KernelInput& kernel = now.kernels.at(0);
  const InputFile& load = now.loads.at(0);
  const KernelInput* kernel_then = named(measured.kernels, kernel.name);
  const InputFile* load_then = named(measured.loads, load.name);
  if (kernel_then == nullptr || load_then == nullptr)
    return fail(ErrorKind::data, "run.json does not name the cell's kernel or load");
  TRY_STATUS(check_file_of(measured, "suites", measured.suite.name, measured.suite, now.suite));
  TRY_STATUS(check_file_of(measured, "boards", measured.board.name, measured.board, now.board));
  const std::string kernels_name = name_without_contender(kernel.name, kernel.contender.name);
  TRY_STATUS(check_file_of(measured, "kernels", kernels_name, *kernel_then, kernel));
  TRY_STATUS(check_file_of(measured, "loads", load.name, *load_then, load));
  std::vector<Precondition> conditions;
  if (again != Again::to_compare) add_machine(measured, now, &conditions);
  conditions.push_back({"suite sha256", measured.suite.sha256, now.suite.sha256});
  conditions.push_back({"board sha256", measured.board.sha256, now.board.sha256});
  conditions.push_back({"kernel version", kernel_then->version, kernel.version});
  conditions.push_back({"kernel image_sha256", kernel_then->image_sha256, kernel.image_sha256});
  conditions.push_back({"kernel command_line", kernel_then->command_line, kernel.command_line});
  conditions.push_back({"kernel initrd_sha256", kernel_then->initrd_sha256, kernel.initrd_sha256});
  conditions.push_back({"kernel sha256", kernel_then->sha256, kernel.sha256});  // its tuning and checks
  conditions.push_back({"load sha256", load_then->sha256, load.sha256});
  add_target(measured, now, &conditions);
  conditions.push_back({"the payload's files", text_of(measured.payload_files), text_of(now.payload_files)});
  for (const Precondition& condition : conditions) {
    if (condition.measured != condition.now)
      return fail(ErrorKind::usage,
                  fmt::format("the run can't be made again: {} is {} here, and was {} when it was measured",
                              condition.what, condition.now, condition.measured),
                  next_step_of(again));
  }
  return {};
}

std::vector<std::uint32_t> worst_samples(const SampleFile& samples, std::size_t count) {
  const auto sorted = by_latency(samples);
  std::vector<std::uint32_t> worst;
  for (auto sample = sorted.rbegin(); sample != sorted.rend() && worst.size() < count; ++sample)
    worst.push_back(sample->index);
  return worst;
}

std::uint32_t median_sample(const SampleFile& samples) {
  const auto sorted = by_latency(samples);
  return sorted[nearest_rank(sorted.size(), median_per_million) - 1].index;
}

Status check_explainable(const SampleFile& samples, std::uint32_t sample) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorKind::usage, fmt::format("sample {} can't be explained: {}", sample, why));
  };
  if (sample >= samples.samples.size())
    return refuse(fmt::format("the cell has samples 0 to {}", samples.samples.size() - 1));
  const Sample& found = samples.samples[sample];
  if (!found.counted()) return refuse("it is a self-check or a warm-up");
  if (!found.sent()) return refuse("its stimulus was not sent, since the one before was still pending");
  if (!found.answered()) return refuse("it was never answered");
  return {};
}

}  // namespace loopgate
