#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>

#include "cli/commands.h"
#include "cli/own_files.h"
#include "config/catalog.h"
#include "config/own_folders.h"
#include "doctor/host_checks.h"
#include "run/paths.h"
#include "run/payload_programs.h"
#include "run/suite_on_board.h"

namespace loopgate {
namespace {

struct Listing {
  Answer* answer;
  int exit_status = exit_pass;

  // A file that can't be read is listed with what is wrong with it: it is one of the choices all the same.
  template <class T>
  void add(const std::string& name, const Result<T>& item, const std::string& mark = {}) {
    if (item) {
      answer->print("  {:<22} {}{}\n", name, mark, item->title);
    } else {
      answer->print("  {:<22} cannot be used: {}\n", name, item.error().what);
      exit_status = report_error(item.error());
    }
  }

  // A name of the user's that `run` would refuse, since another one has it as well.
  void add_clash(const OwnFolders& own, Choice choice, const OwnFile& file,
                 const std::vector<std::string>& shipped) {
    if (file.path == file.name) return;  // one of the project's
    const auto place = own.path_or_name(choice, file.name, shipped);
    if (place) return;
    answer->print("  {:<22} cannot be used by this name: {}\n", file.name, place.error().what);
    exit_status = report_error(place.error());
  }
};

// The project's own, then the user's.
std::vector<OwnFile> choices(std::vector<std::string> shipped, std::vector<OwnFile> own) {
  std::vector<OwnFile> all;
  for (std::string& name : shipped) all.push_back({name, name});
  std::ranges::move(own, std::back_inserter(all));
  return all;
}

Result<int> list(const std::vector<std::string>& own_folders, Answer* answer) {
  TRY(catalog, Catalog::find());
  TRY(own, OwnFolders::find(own_folders));
  Listing listing{answer};
  answer->print("suites\n");
  for (const OwnFile& file : choices(catalog.suites(), own.files(Choice::suite))) {
    listing.add(file.name, catalog.suite(file.path));
    listing.add_clash(own, Choice::suite, file, catalog.suites());
  }
  answer->print("boards\n");
  for (const OwnFile& file : choices(catalog.boards(), own.files(Choice::board))) {
    const auto board = catalog.board(file.path);
    listing.add(file.name, board, board && !board->is_virtual() ? "wall     " : "virtual  ");
    listing.add_clash(own, Choice::board, file, catalog.boards());
  }
  answer->print("kernels\n");
  for (const OwnFile& file : choices(catalog.kernels(), own.files(Choice::kernel))) {
    listing.add(file.name, catalog.kernel(file.path));
    listing.add_clash(own, Choice::kernel, file, catalog.kernels());
  }
  answer->print("loads\n");
  for (const OwnFile& file : choices(catalog.loads(), own.files(Choice::load))) {
    listing.add(file.name, catalog.load(file.path));
    listing.add_clash(own, Choice::load, file, catalog.loads());
  }
  return listing.exit_status;
}

struct ListCommand {
  std::vector<std::string> own_folders;
  bool why = false;
  std::string lab = "lab.toml";
};

// Each that can be read; what is wrong with another is told.
template <class T, class Read>
std::vector<T> readable(const std::vector<OwnFile>& files, const Read& read, int* exit_status) {
  std::vector<T> items;
  for (const OwnFile& file : files) {
    if (auto item = read(file.path))
      items.push_back(*std::move(item));
    else
      *exit_status = report_error(item.error());
  }
  return items;
}

// What this machine and this bench lack for a board, whatever the suite is.
void print_board(const Board& board, const Result<Board>& on_bench, Answer* answer) {
  std::string lacks = on_bench ? "" : reason_text(on_bench.error());
  for (const DoctorFinding& finding : check_host_for(board))
    if (finding.state != DoctorFinding::State::good)
      lacks += reason_text({ErrorKind::usage, finding.name + ": " + finding.what, finding.fix});
  answer->print("  {:<22} {}\n{}", board.name, lacks.empty() ? "ready" : "not ready", lacks);
}

// Where no program of the target is built, its board's line says so.
void add_unbuilt(const Suite& suite, const std::filesystem::path& programs, SuiteOnBoard* on_board) {
  std::error_code ignored;
  if (!std::filesystem::exists(programs, ignored)) return;
  const auto built = check_payload_programs(suite, programs);
  if (!built) on_board->lacks.push_back(built.error());
}

// For each suite and board the kernels that it can be measured with, and what keeps the others from it.
Result<int> why(const ListCommand& command, Answer* answer) {
  TRY(catalog, Catalog::find());
  TRY(own, OwnFolders::find(command.own_folders));
  int status = exit_pass;
  const auto suites = readable<Suite>(
      choices(catalog.suites(), own.files(Choice::suite)),
      [&](const auto& name) { return catalog.suite(name); }, &status);
  const auto boards = readable<Board>(
      choices(catalog.boards(), own.files(Choice::board)),
      [&](const auto& name) { return catalog.board(name); }, &status);
  const auto kernels = readable<Kernel>(
      choices(catalog.kernels(), own.files(Choice::kernel)),
      [&](const auto& name) { return catalog.kernel(name); }, &status);
  answer->print("boards, on this machine and this bench\n");
  std::vector<Result<Board>> on_bench;
  for (const Board& board : boards)
    print_board(board, on_bench.emplace_back(board_on_bench(board, command.lab)), answer);
  for (const Suite& suite : suites) {
    const auto loads = readable<Load>(
        choices(suite.loads, {}), [&](const auto& name) { return catalog.load(name); }, &status);
    std::vector<SuiteOnBoard> on_boards;
    for (std::size_t i = 0; i < boards.size(); ++i) {
      on_boards.push_back(suite_on_board(suite, loads, boards[i], on_bench[i], kernels));
      add_unbuilt(suite, target_programs(boards[i].architecture), &on_boards.back());
    }
    answer->print("suite {}\n{}", suite.name, suite_on_boards_text(on_boards));
  }
  return status;
}

Result<int> list(const ListCommand& command, Answer* answer) {
  if (command.why) return why(command, answer);
  if (command.lab != ListCommand().lab)
    return fail(ErrorKind::usage, "--lab says where the boards of --why are", "add --why");
  return list(command.own_folders, answer);
}

}  // namespace

void add_list(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<ListCommand>();
  CLI::App* sub = app->add_subcommand("list", "the suites, boards, kernels and loads to choose from");
  add_path_option(sub, &command->own_folders);
  sub->add_flag("--why", command->why,
                "instead: for each suite and board the kernels that go with it, and what keeps the others "
                "from it: who needs what, who lacks it, and what to do about it");
  sub->add_option("--lab", command->lab, "with --why: where this bench's boards are")->capture_default_str();
  sub->footer("Example: loopgate list --path my-lab\nExample: loopgate list --why --lab lab.toml");
  sub->callback([command, end] {
    auto status = list(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
