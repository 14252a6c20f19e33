#include "config/own_folders.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct ChoiceWords {
  const char* folder;
  const char* one;
};

ChoiceWords words_of(Choice choice) {
  switch (choice) {
    case Choice::suite:
      return {"suites", "suite"};
    case Choice::board:
      return {"boards", "board"};
    case Choice::kernel:
      return {"kernels", "kernel"};
    case Choice::load:
      break;
  }
  return {"loads", "load"};
}

// Empty where this user has no home.
fs::path configuration_folder() {
  if (const char* own = std::getenv("XDG_CONFIG_HOME"); own != nullptr && *own == '/')
    return fs::path(own) / "loopgate";
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? fs::path(home) / ".config" / "loopgate" : fs::path();
}

// One folder under two names has each of its files once.
void add_once(fs::path folder, std::vector<fs::path>* folders) {
  std::error_code ignored;
  const auto is_it = [&](const fs::path& known) { return fs::equivalent(known, folder, ignored); };
  if (std::ranges::none_of(*folders, is_it)) folders->push_back(std::move(folder));
}

bool is_one(Choice choice, const fs::path& path) {
  std::error_code ignored;
  if (choice == Choice::suite) return fs::exists(path / "suite.toml", ignored);
  return path.extension() == ".toml" && path.stem().extension() != ".example";
}

}  // namespace

Result<OwnFolders> OwnFolders::find(const std::vector<std::string>& named) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const std::string& folder : named) {
    if (!fs::is_directory(folder, ignored))
      return fail(ErrorKind::usage, fmt::format("--path {}: is no folder", folder),
                  "name one that holds suites/, boards/, kernels/ or loads/ of your own");
    add_once(fs::absolute(folder, ignored).lexically_normal(), &folders);
  }
  if (const fs::path usual = configuration_folder(); !usual.empty() && fs::is_directory(usual, ignored))
    add_once(usual, &folders);
  return OwnFolders(std::move(folders));
}

std::vector<OwnFile> OwnFolders::files(Choice choice) const {
  std::vector<OwnFile> found;
  std::error_code ignored;
  for (const fs::path& folder : folders_)
    for (const auto& entry : fs::directory_iterator(folder / words_of(choice).folder, ignored)) {
      const fs::path& path = entry.path();
      if (is_one(choice, path))
        found.push_back({(choice == Choice::suite ? path.filename() : path.stem()).string(), path});
    }
  std::ranges::sort(found, {}, [](const OwnFile& file) { return std::pair(file.name, file.path); });
  return found;
}

Result<std::string> OwnFolders::path_or_name(Choice choice, const std::string& name,
                                             const std::vector<std::string>& shipped) const {
  const OwnFile* own = nullptr;
  const std::vector<OwnFile> all = files(choice);
  for (const OwnFile& file : all) {
    if (file.name != name) continue;
    if (own != nullptr)
      return fail(ErrorKind::usage,
                  fmt::format("there are two {}: {} and {}", words_of(choice).folder, own->path.string(),
                              file.path.string()),
                  "rename one, or name it by its path");
    own = &file;
  }
  if (own == nullptr) return name;
  if (std::ranges::find(shipped, name) != shipped.end())
    return fail(ErrorKind::usage,
                fmt::format("{}: Loopgate has a {} \"{}\" of its own", own->path.string(),
                            words_of(choice).one, name),
                "rename yours, or name it by its path");
  return own->path.string();
}

}  // namespace loopgate
