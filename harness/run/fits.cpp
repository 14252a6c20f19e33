#include "run/fits.h"

#include <fmt/format.h>

#include <system_error>

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
  return std::holds_alternative<DecisionWork>(suite.work) ? check_verdict(suite, board) : Status();
}

Status check_load(const Load& load, const Board& board) {
  if (load.storm.per_second <= 0 || provides(board, "interrupt-storm")) return {};
  return fail(ErrorKind::usage, fmt::format("load {} needs interrupt-storm, which board {} does not provide",
                                            load.name, board.name));
}

Status check_architecture(const Kernel& kernel, const Board& board) {
  const auto* source = std::get_if<PackageSource>(&kernel.source);
  if (source == nullptr) return {};
  const auto named = architecture_named(source->package.substr(source->package.rfind('-') + 1));
  if (!named || *named == board.architecture) return {};
  return fail(ErrorKind::usage,
              fmt::format("kernel {} ({}) is for {}, and board {} is {}", kernel.name, source->package,
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
