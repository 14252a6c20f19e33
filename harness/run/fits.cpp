#include "run/fits.h"

#include <fmt/format.h>

#include <numeric>
#include <system_error>

#include "audit/cpu_list.h"
#include "run/contenders.h"
#include "run/kernel_arguments.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

Status check_jumpers(const Board& board) {
  if (board.lines.stimulus_out >= 0) return {};
  return fail(
      ErrorKind::usage,
      fmt::format("board {} has no stimulus_out and response_in, and the loopback program is to measure",
                  board.name));
}

Status check_verdict(const Suite& suite, const Board& board) {
  if (board.lines.verdict_in >= 0) return {};
  return fail(ErrorKind::usage,
              fmt::format("suite {} needs the payload's verdict, and board {} has no lines verdict and "
                          "verdict_in, as it is wired on this bench",
                          suite.name, board.name),
              "join an output with an input by a third jumper, and name both: see boards/README.md");
}

}  // namespace

bool loopback_measures(const Work& work, const Board& board) {
  if (programs_of(work) != nullptr) return false;
  const auto* responses = std::get_if<ResponseWork>(&work);
  return !board.is_virtual() || (responses != nullptr && responses->loopback);
}

std::vector<Error> missing_requirements(const Suite& suite, const Board& board) {
  std::vector<Error> missing;
  for (const std::string& need : suite.requirements) {
    if (!provides(board, need))
      missing.push_back(
          {ErrorKind::usage,
           fmt::format("suite {} requires {}, which board {} does not provide", suite.name, need, board.name),
           {}});
  }
  return missing;
}

Status check_requirements(const Suite& suite, const Board& board) {
  std::vector<Error> missing = missing_requirements(suite, board);
  if (missing.empty()) return {};
  return tl::unexpected(std::move(missing.front()));
}

Status check_work(const Suite& suite, const Board& board) {
  if (!loopback_measures(suite.work, board)) return {};
  TRY_STATUS(check_jumpers(board));
  if (board.is_virtual() && schedule_of(suite.work).falls)
    return fail(
        ErrorKind::usage,
        fmt::format("suite {}: edge = \"falling\": on a virtual board the loopback program's jumpers are "
                    "watched for rising edges",
                    suite.name),
        "leave instrument = \"loopback\" out, and the bench's own instrument measures");
  return std::holds_alternative<DecisionWork>(suite.work) ? check_verdict(suite, board) : Status();
}

std::vector<int> cpus_for(LoadCpus role, const Board& board) {
  std::vector<int> all(static_cast<std::size_t>(board.cpus));
  std::iota(all.begin(), all.end(), 0);
  switch (role) {
    case LoadCpus::housekeeping:
      return board.housekeeping_cpus;
    case LoadCpus::measured:
      return board.measured_cpus;
    case LoadCpus::all:
      return all;
    case LoadCpus::any:
      break;
  }
  return {};
}

Status check_isolation(const Kernel& kernel, const Board& board) {
  const std::string list = isolated_by(kernel.arguments);
  const auto isolated = parse_cpu_list(list);
  if (list.empty() || !isolated || board.measured_cpus.empty()) return {};
  const CpuSet measured(board.measured_cpus.begin(), board.measured_cpus.end());
  if (!common(*isolated, measured).empty()) return {};
  return fail(ErrorKind::usage,
              fmt::format("kernel {}: isolcpus= names {}, and board {} measures on {}",
                          name_without_contender(kernel.name, kernel.contender), to_text(*isolated),
                          board.name, to_text(measured)),
              "name the board's measured_cpus in isolcpus=");
}

Status check_thread_cpus(const Kernel& kernel, const Board& board) {
  for (const ThreadTuning& rule : kernel.threads) {
    if (rule.cpus.empty() || rule.cpus.back() < board.cpus) continue;  // they are sorted
    return fail(ErrorKind::usage,
                fmt::format("kernel {}: the threads {} are to keep to CPU {}, and board {} has {} (from 0)",
                            name_without_contender(kernel.name, kernel.contender), rule.name,
                            rule.cpus.back(), board.name, board.cpus),
                "name CPUs that the board has in cpus under [[tuning.thread]]");
  }
  return {};
}

Status check_load(const Load& load, const Board& board) {
  for (const LoadPart& part : load.parts) {
    if (part.cpus == LoadCpus::any || !cpus_for(part.cpus, board).empty()) continue;
    return fail(ErrorKind::usage,
                fmt::format("load {}: its part {} runs on {} CPUs, and board {} has no {}_cpus", load.name,
                            part.name, name_of(part.cpus), board.name, name_of(part.cpus)),
                "choose a board with several CPUs, such as qemu-virt-arm64-smp");
  }
  if (load.storm.per_second <= 0 || provides(board, "interrupt-storm")) return {};
  return fail(ErrorKind::usage, fmt::format("load {} needs interrupt-storm, which board {} does not provide",
                                            load.name, board.name));
}

Status check_architecture(const Kernel& kernel, const Board& board) {
  if (const auto* build = std::get_if<BuildSource>(&kernel.source)) {
    if (board.architecture == Architecture::armhf)
      return fail(ErrorKind::usage,
                  fmt::format("kernel {} is built from source, which is done for arm64 and amd64 alone, and "
                              "board {} is armhf",
                              name_without_contender(kernel.name, kernel.contender), board.name),
                  "build its zImage yourself, and name it by image");
    if (!build->architecture || *build->architecture == board.architecture) return {};
    return fail(ErrorKind::usage,
                fmt::format("kernel {} is built from options of {}, and board {} is {}",
                            name_without_contender(kernel.name, kernel.contender),
                            name_of(*build->architecture), board.name, name_of(board.architecture)));
  }
  const auto* source = std::get_if<PackageSource>(&kernel.source);
  if (source == nullptr) return {};
  const auto named = architecture_of_package(source->package);
  if (board.is_virtual() && named == board.architecture && source->package.ends_with(lpae_flavour))
    return fail(ErrorKind::usage,
                fmt::format("kernel {} ({}) has the page tables of LPAE, under which QEMU faults the agent's "
                            "reads of the shared memory",
                            name_without_contender(kernel.name, kernel.contender), source->package),
                "take linux-image-armmp or linux-image-rt-armmp");
  if (!named || *named == board.architecture) return {};
  return fail(ErrorKind::usage,
              fmt::format("kernel {} ({}) is for {}, and board {} is {}",
                          name_without_contender(kernel.name, kernel.contender), source->package,
                          name_of(*named), board.name, name_of(board.architecture)));
}

Status check_source(const Kernel& kernel) {
  const auto* image = std::get_if<ImageSource>(&kernel.source);
  const auto* deb = std::get_if<DebSource>(&kernel.source);
  const auto* build = std::get_if<BuildSource>(&kernel.source);
  const fs::path file = image != nullptr   ? image->file
                        : deb != nullptr   ? deb->file
                        : build != nullptr ? build->tree
                                           : fs::path();
  if (file.empty()) return {};
  std::error_code ignored;
  if (fs::exists(file, ignored)) return {};
  return fail(ErrorKind::usage,
              fmt::format("kernel {} needs {}, and there is no such file", kernel.name, file.string()),
              "build the kernel, or correct the path in its file's [source]");
}

}  // namespace loopgate
