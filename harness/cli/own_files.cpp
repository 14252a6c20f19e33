#include "cli/own_files.h"

#include <CLI/Option.hpp>

#include "config/own_folders.h"
#include "run/contenders.h"

namespace loopgate {
namespace {

// "generic+go" is of the kernel "generic".
Status use_own_kernels(const OwnFolders& own, const Catalog& catalog, const Payload& payload,
                       std::vector<std::string>* kernels) {
  for (std::string& text : *kernels) {
    const auto choices = kernel_choices({text}, payload);
    // Without a contender it stands for all of them.
    KernelChoice choice = choices.front();
    if (choices.size() > 1 || choice.text() != text) choice = {text, {}};
    TRY(path, own.path_or_name(Choice::kernel, choice.kernel, catalog.kernels()));
    choice.kernel = std::move(path);
    text = choice.text();
  }
  return {};
}

Status use_own_loads(const OwnFolders& own, const Catalog& catalog, std::vector<std::string>* loads) {
  for (std::string& name : *loads) {
    TRY(path, own.path_or_name(Choice::load, name, catalog.loads()));
    name = std::move(path);
  }
  return {};
}

}  // namespace

void add_path_option(CLI::App* command, std::vector<std::string>* folders) {
  command->add_option(
      "--path", *folders,
      "a folder with suites/, boards/, kernels/ or loads/ of your own, which may then be named as "
      "the others are; may be given several times (besides ~/.config/loopgate)");
}

Status use_own_files(const Catalog& catalog, PlanRequest* request) {
  TRY(own, OwnFolders::find(request->own_folders));
  if (own.folders().empty()) return {};
  TRY(suite_place, own.path_or_name(Choice::suite, request->suite, catalog.suites()));
  TRY(suite, catalog.suite(suite_place));
  const std::string board = request->board.empty() ? suite.board : request->board;
  std::vector<std::string> kernels = request->kernels.empty() ? suite.kernels : request->kernels;
  std::vector<std::string> loads = request->loads.empty() ? suite.loads : request->loads;
  const std::vector<std::string> kernels_before = kernels, loads_before = loads;
  TRY(board_place, own.path_or_name(Choice::board, board, catalog.boards()));
  TRY_STATUS(use_own_kernels(own, catalog, payload_of(suite.work), &kernels));
  TRY_STATUS(use_own_loads(own, catalog, &loads));
  // What is not of the user's own stays as it was asked for, or the suite's.
  request->suite = std::move(suite_place);
  if (board_place != board) request->board = std::move(board_place);
  if (kernels != kernels_before) request->kernels = std::move(kernels);
  if (loads != loads_before) request->loads = std::move(loads);
  return {};
}

Status use_own_files_without_suite(const Catalog& catalog, PlanRequest* request) {
  TRY(own, OwnFolders::find(request->own_folders));
  if (own.folders().empty()) return {};
  TRY(board, own.path_or_name(Choice::board, request->board, catalog.boards()));
  request->board = std::move(board);
  TRY_STATUS(use_own_kernels(own, catalog, Payload(), &request->kernels));
  return use_own_loads(own, catalog, &request->loads);
}

}  // namespace loopgate
