#include "task/labels.h"

#include <algorithm>
#include <sstream>

#include "inspection/file.h"

namespace loopgate::inspection {

Result<std::vector<std::string>> read_labels(const std::filesystem::path& file) {
  constexpr std::size_t largest = 1U << 20U;
  const Result<std::string> text = read_file(file, largest, exit_model);
  if (!text) return tl::unexpected(text.error());
  const bool control = std::ranges::any_of(
      *text, [](unsigned char c) { return c < ' ' && c != '\n' && c != '\r' && c != '\t'; });
  if (control) return fail(exit_model, file.string() + ": not a text of labels, one a line");
  std::vector<std::string> labels;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty())
      return fail(exit_model, file.string() + ": line " + std::to_string(labels.size() + 1) +
                                  " is empty; a label is wanted on each");
    labels.push_back(line);
  }
  if (labels.empty()) return fail(exit_model, file.string() + ": no labels");
  return labels;
}

}  // namespace loopgate::inspection
