#include "base/place_to_write.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <vector>

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// What is wrong with the place itself.
bool is_of_the_place(const std::error_code& error) {
  constexpr std::array<int, 9> of_the_place = {ENOENT, ENOTDIR, EISDIR, EACCES,      EPERM,
                                               EROFS,  ELOOP,   EINVAL, ENAMETOOLONG};
  return std::ranges::find(of_the_place, error.value()) != of_the_place.end();
}

Status refuse(const fs::path& path, const char* option, const char* what, const fs::path& place,
              const std::error_code& error) {
  if (!is_of_the_place(error)) return {};
  return fail(ErrorKind::usage,
              fmt::format("{} {}: {} can be made in {}: {}", option, path.string(), what, place.string(),
                          error.message()),
              "name another place");
}

// A file of no other name is made there and removed.
std::error_code try_file_in(const fs::path& folder) {
  std::string name = (folder / ".loopgate.XXXXXX").string();
  const int fd = ::mkstemp(name.data());
  if (fd < 0) return {errno, std::generic_category()};
  ::close(fd);
  ::unlink(name.c_str());
  return {};
}

}  // namespace

Status check_folder_place(const fs::path& folder, const char* option) {
  if (folder.empty())
    return fail(ErrorKind::usage, fmt::format("{}: is empty", option),
                "name a folder; is a variable not set?");
  std::error_code failed;
  fs::path there = fs::absolute(folder, failed);
  std::vector<fs::path> missing;
  for (; !fs::exists(there, failed) && there.has_relative_path(); there = there.parent_path())
    if (there.has_filename()) missing.push_back(there);
  if (!fs::is_directory(there, failed))
    return refuse(folder, option, "no folder", there, std::make_error_code(std::errc::not_a_directory));
  std::vector<fs::path> made;
  failed.clear();
  for (auto each = missing.rbegin(); each != missing.rend() && !failed; ++each)
    if (fs::create_directory(*each, failed)) made.push_back(*each);
  if (!failed && missing.empty()) failed = try_file_in(there);
  std::error_code ignored;
  for (auto each = made.rbegin(); each != made.rend(); ++each) fs::remove(*each, ignored);
  return failed ? refuse(folder, option, missing.empty() ? "no file" : "no folder", there, failed) : Status();
}

Status check_file_place(const fs::path& file, const char* option) {
  if (file.empty())
    return fail(ErrorKind::usage, fmt::format("{}: is empty", option), "name a file; is a variable not set?");
  std::error_code failed;
  fs::path path = fs::absolute(file, failed);
  if (fs::is_symlink(fs::symlink_status(path, failed))) {
    const fs::path target = fs::read_symlink(path, failed);
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  const fs::file_status there = fs::status(path, failed);
  if (fs::is_directory(there))
    return refuse(file, option, "no file", path, std::make_error_code(std::errc::is_a_directory));
  if (fs::exists(there) && !fs::is_regular_file(there)) return {};
  if (const std::error_code error = try_file_in(path.parent_path()); error)
    return refuse(file, option, "no file", path.parent_path(), error);
  return {};
}

}  // namespace loopgate
