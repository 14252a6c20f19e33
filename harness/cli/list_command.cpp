#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "config/catalog.h"

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

Result<int> list(Answer* answer) {
  auto catalog = Catalog::find();
  if (!catalog) return tl::unexpected(catalog.error());
  Listing listing{answer};
  answer->print("suites\n");
  for (const std::string& name : catalog->suites()) listing.add(name, catalog->suite(name));
  answer->print("boards\n");
  for (const std::string& name : catalog->boards()) {
    const auto board = catalog->board(name);
    listing.add(name, board, board && !board->is_virtual() ? "wall     " : "virtual  ");
  }
  answer->print("kernels\n");
  for (const std::string& name : catalog->kernels()) listing.add(name, catalog->kernel(name));
  answer->print("loads\n");
  for (const std::string& name : catalog->loads()) listing.add(name, catalog->load(name));
  return listing.exit_status;
}

}  // namespace

void add_list(CLI::App* app, CommandEnd* end) {
  CLI::App* sub = app->add_subcommand("list", "the suites, boards, kernels and loads to choose from");
  sub->callback([end] {
    auto status = list(&end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
