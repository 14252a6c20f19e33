#include "run/own_texts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "base/digest.h"
#include "base/file.h"
#include "run/given_files.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// A bundle is anybody's, and its names must not lead out of the folder.
bool is_file_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
}

Result<std::string> write_text_of(const InputFile& input, const std::string& kind, const std::string& name,
                                  const fs::path& texts) {
  if (!is_file_name(name) || sha256_of(input.toml) != input.sha256)
    return fail(ErrorKind::data,
                fmt::format("run.json: the text of {} \"{}\" is not that of its sha256", kind, name),
                "ask for the run again, as it was made");
  // A suite is a folder, which it is named by.
  const fs::path file =
      kind == "suites" ? texts / kind / name / "suite.toml" : texts / kind / (name + ".toml");
  TRY_STATUS(make_directories(file.parent_path()));
  TRY_STATUS(write_file_atomically(file, input.toml));
  return file.string();
}

}  // namespace

Result<std::string> own_text(const RunRecord& run, const std::string& kind, const std::string& name,
                             const InputFile& input, const fs::path& texts, const std::string& further) {
  const std::string* path = given_path(run, kind, name);
  if (path == nullptr) return name;
  const auto digest = sha256_of_file(*path);
  if (digest && (texts.empty() || *digest == input.sha256)) return *path;
  if (texts.empty())
    return fail(ErrorKind::usage, fmt::format("the run was made from {}, which is gone", *path),
                "put it back: run.json holds its text");
  if (further.empty()) return write_text_of(input, kind, name, texts);
  return fail(ErrorKind::usage,
              fmt::format("the run was made from {}, which is not here as it was, and which reads files that "
                          "no run holds: {}",
                          *path, further),
              fmt::format("put its text, which run.json holds, at {}, and these files where it says", *path));
}

std::string files_of_suite(const RunRecord& run) {
  std::vector<std::string> files;
  for (const PayloadInput& file : run.payload_files)
    files.push_back(fmt::format("{} (sha256 {})", file.file, file.sha256));
  return fmt::format("{}", fmt::join(files, ", "));
}

std::string files_of_kernel(const RunRecord& run, const KernelInput& kernel) {
  if (!kernel.package.empty()) return {};
  const auto image = run.circumstances.images.find(kernel.name);
  return fmt::format("{} (sha256 {})", image == run.circumstances.images.end() ? "its image" : image->second,
                     kernel.image_sha256);
}

}  // namespace loopgate
