// Folders with suites, boards, kernels and loads of the user's own, which are then named as the project's
// are.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

enum class Choice { suite, board, kernel, load };

struct OwnFile {
  std::string name;
  std::filesystem::path path;  // absolute: a .toml file, or a suite's folder
};

// In each folder: suites/NAME/suite.toml, boards/NAME.toml, kernels/NAME.toml, loads/NAME.toml.
class OwnFolders {
 public:
  // Those that the user named, which must be folders, and then $XDG_CONFIG_HOME/loopgate (~/.config/loopgate)
  // if it is there.
  static Result<OwnFolders> find(const std::vector<std::string>& named);

  explicit OwnFolders(std::vector<std::filesystem::path> folders) : folders_(std::move(folders)) {}

  const std::vector<std::filesystem::path>& folders() const { return folders_; }

  // Sorted by name.
  std::vector<OwnFile> files(Choice choice) const;

  // The path of an own file that has this name; the name itself where none has. A usage error where two have
  // it, or the project's own (`shipped`), too: neither is taken silently.
  Result<std::string> path_or_name(Choice choice, const std::string& name,
                                   const std::vector<std::string>& shipped) const;

 private:
  std::vector<std::filesystem::path> folders_;
};

}  // namespace loopgate
