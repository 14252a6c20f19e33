#include "config/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/nearest.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// From the program's folder, as harness/install.cmake lays it out.
constexpr const char* installed_data = "../share/loopgate";

std::vector<std::string> names_in(const fs::path& folder, bool folders) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const fs::path& path = entry.path();
    if (folders && fs::exists(path / "suite.toml")) names.push_back(path.filename().string());
    if (!folders && path.extension() == ".toml" && path.stem().extension() != ".example")
      names.push_back(path.stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<fs::path> file_of(const char* what, const std::string& name, const fs::path& path,
                         const std::vector<std::string>& known) {
  if (name.ends_with(".toml")) return fs::path(name);
  std::error_code ignored;
  // A name with a slash would lead out of the folder, to where no later step looks.
  if (!name.empty() && name.find('/') == std::string::npos && fs::exists(path, ignored)) return path;
  return fail(ErrorKind::usage, fmt::format("there is no {} \"{}\"", what, name),
              fmt::format("{} name a {} of your own",
                          meant_or_known(name, known) + (nearest(name, known) ? " Or" : "; or"),
                          std::string_view(what) == "suite" ? "folder, such as ./mine," : ".toml file"));
}

// A mistake in a file has a next step of its own, or is told where its form is described.
template <class T, class Read>
Result<T> load_file(const Result<fs::path>& path, const char* page, Read read) {
  if (!path) return tl::unexpected(path.error());
  Result<T> file = read(*path);
  if (file || file.error().kind != ErrorKind::usage || !file.error().next_step.empty()) return file;
  Error error = std::move(file.error());
  std::error_code ignored;
  error.next_step = fs::exists(*path, ignored)
                        ? fmt::format("{} says what stands in such a file", page)
                        : fmt::format(
                              "name a file that is there, or one that `loopgate list` shows; {} says "
                              "how to write one",
                              page);
  return tl::unexpected(std::move(error));
}

}  // namespace

Result<Catalog> Catalog::find() {
  if (const char* root = std::getenv("LOOPGATE_ROOT"); root != nullptr && *root != '\0') return Catalog(root);
  std::error_code ignored;
  const fs::path beside = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  // First, since a prefix may lie below a source tree, or below a folder of the user's own that looks like
  // one.
  const fs::path installed = (beside / installed_data).lexically_normal();
  if (fs::is_directory(installed / "suites", ignored)) return Catalog(installed);
  for (fs::path folder = beside; folder.has_relative_path(); folder = folder.parent_path()) {
    if (fs::is_directory(folder / "boards") && fs::is_directory(folder / "suites")) return Catalog(folder);
  }
  return fail(ErrorKind::usage, "the folders boards/ and suites/ were not found above this program",
              "set LOOPGATE_ROOT to the project's folder");
}

fs::path Catalog::file(const fs::path& given) const {
  std::error_code ignored;
  const bool is_ours =
      given.is_relative() && !fs::exists(given, ignored) && fs::exists(root_ / given, ignored);
  return is_ours ? root_ / given : given;
}

Result<Board> Catalog::board(const std::string& name) const {
  return load_file<Board>(file_of("board", name, root_ / "boards" / (name + ".toml"), boards()),
                          "boards/README.md", read_board);
}

Result<Kernel> Catalog::kernel(const std::string& name) const {
  return load_file<Kernel>(
      file_of("kernel", name, root_ / "fixtures" / "kernels" / (name + ".toml"), kernels()),
      "fixtures/kernels/README.md", read_kernel);
}

Result<Load> Catalog::load(const std::string& name) const {
  return load_file<Load>(file_of("load", name, root_ / "fixtures" / "loads" / (name + ".toml"), loads()),
                         "fixtures/loads/README.md", read_load);
}

Result<Suite> Catalog::suite(const std::string& name) const {
  // A suite is a folder, and may be named by its path.
  const fs::path own = fs::path(name) / "suite.toml";
  std::error_code ignored;
  if (name.find('/') != std::string::npos && fs::exists(own, ignored))
    return load_file<Suite>(Result<fs::path>(own), "suites/README.md", read_suite);
  return load_file<Suite>(file_of("suite", name, root_ / "suites" / name / "suite.toml", suites()),
                          "suites/README.md", read_suite);
}

std::vector<std::string> Catalog::boards() const { return names_in(root_ / "boards", false); }
std::vector<std::string> Catalog::kernels() const { return names_in(root_ / "fixtures" / "kernels", false); }
std::vector<std::string> Catalog::loads() const { return names_in(root_ / "fixtures" / "loads", false); }
std::vector<std::string> Catalog::suites() const { return names_in(root_ / "suites", true); }

}  // namespace loopgate
