// What there is to choose from: each board, kernel, load and suite is one file, found by its name. A path
// ending in .toml names a file of the user's own instead.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/board.h"
#include "config/kernel.h"
#include "config/load.h"
#include "config/suite.h"

namespace loopgate {

class Catalog {
 public:
  // `root` is the folder that holds boards/, suites/ and fixtures/.
  explicit Catalog(std::filesystem::path root) : root_(std::move(root)) {}

  // $LOOPGATE_ROOT, else where the running program was installed to, else the nearest folder above it that
  // holds boards/ and suites/.
  static Result<Catalog> find();

  const std::filesystem::path& root() const { return root_; }

  // A file as it was given; where there is none, and the project has one of this path, that one: what is
  // installed is named from wherever its user stands.
  std::filesystem::path file(const std::filesystem::path& given) const;

  Result<Board> board(const std::string& name) const;
  Result<Kernel> kernel(const std::string& name) const;
  Result<Load> load(const std::string& name) const;
  Result<Suite> suite(const std::string& name) const;

  // Sorted by name.
  std::vector<std::string> boards() const;
  std::vector<std::string> kernels() const;
  std::vector<std::string> loads() const;
  std::vector<std::string> suites() const;

 private:
  std::filesystem::path root_;
};

}  // namespace loopgate
