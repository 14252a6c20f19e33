#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <memory>

#include "cli/commands.h"
#include "cli/own_files.h"
#include "config/catalog.h"
#include "config/own_folders.h"

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
  for (const OwnFile& file : choices(catalog.suites(), own.files(Choice::suite)))
    listing.add(file.name, catalog.suite(file.path));
  answer->print("boards\n");
  for (const OwnFile& file : choices(catalog.boards(), own.files(Choice::board))) {
    const auto board = catalog.board(file.path);
    listing.add(file.name, board, board && !board->is_virtual() ? "wall     " : "virtual  ");
  }
  answer->print("kernels\n");
  for (const OwnFile& file : choices(catalog.kernels(), own.files(Choice::kernel)))
    listing.add(file.name, catalog.kernel(file.path));
  answer->print("loads\n");
  for (const OwnFile& file : choices(catalog.loads(), own.files(Choice::load)))
    listing.add(file.name, catalog.load(file.path));
  return listing.exit_status;
}

}  // namespace

void add_list(CLI::App* app, CommandEnd* end) {
  auto own_folders = std::make_shared<std::vector<std::string>>();
  CLI::App* sub = app->add_subcommand("list", "the suites, boards, kernels and loads to choose from");
  add_path_option(sub, own_folders.get());
  sub->footer("Example: loopgate list --path my-lab");
  sub->callback([own_folders, end] {
    auto status = list(*own_folders, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
