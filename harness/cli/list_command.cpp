#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.h"
#include "config/catalog.h"

namespace loopgate {
namespace {

// A file that can't be read is listed with what is wrong with it: it is one of the choices all the same.
template <class T>
void print_entry(const std::string& name, const Result<T>& item, const std::string& mark = {}) {
  if (item) {
    fmt::print("  {:<22} {}{}\n", name, mark, item->title);
  } else {
    fmt::print("  {:<22} cannot be used: {}\n", name, item.error().what);
  }
}

Result<int> list() {
  auto catalog = Catalog::find();
  if (!catalog) return tl::unexpected(catalog.error());
  fmt::print("suites\n");
  for (const std::string& name : catalog->suites()) print_entry(name, catalog->suite(name));
  fmt::print("boards\n");
  for (const std::string& name : catalog->boards()) {
    const auto board = catalog->board(name);
    print_entry(name, board, board && !board->is_virtual() ? "wall     " : "virtual  ");
  }
  fmt::print("kernels\n");
  for (const std::string& name : catalog->kernels()) print_entry(name, catalog->kernel(name));
  fmt::print("loads\n");
  for (const std::string& name : catalog->loads()) print_entry(name, catalog->load(name));
  return exit_pass;
}

}  // namespace

void add_list(CLI::App* app, int* exit_status) {
  CLI::App* sub = app->add_subcommand("list", "the suites, boards, kernels and loads to choose from");
  sub->callback([exit_status] {
    auto status = list();
    *exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace loopgate
