#include "record/seal.h"

#include <fmt/format.h>

#include "base/digest.h"

namespace loopgate {
namespace {

constexpr std::string_view end_of_object = "\n}";
constexpr std::string_view key = ",\n  \"sha256\": \"";

// What follows the text that it is of.
std::string seal_of(std::string_view text) { return fmt::format("{}{}\"\n}}\n", key, sha256_of(text)); }

}  // namespace

std::string with_seal(std::string text) {
  text.resize(text.rfind(end_of_object));
  return text + seal_of(text);
}

Status check_seal(std::string_view text, const std::string& name, const std::string& again) {
  const auto refuse = [&](const char* why) {
    return fail(ErrorKind::data, fmt::format("{}: {}", name, why),
                "the file was altered or damaged: " + again);
  };
  const std::size_t end = text.rfind(key);
  if (end == std::string_view::npos) return refuse("sha256 is missing");
  if (text.substr(end) == seal_of(text.substr(0, end))) return {};
  return refuse("was altered: its sha256 is not that of the text before it");
}

}  // namespace loopgate
