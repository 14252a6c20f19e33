#include "base/sealed_json.h"

#include <cstdint>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr const char* seal_key = "seal";
constexpr std::uintmax_t largest_record = 1 << 20;

// Keys are sorted, and there are no spaces: one object, one text.
std::string seal_of(const json& object) {
  return sha256_of(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

std::string sealed(json object) {
  const std::string seal = seal_of(object);
  object[seal_key] = seal;
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<json> unsealed(std::string_view text) {
  json object = parse_json(text);
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(seal_key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  const std::string seal = *found;
  object.erase(found);
  if (seal != seal_of(object)) return std::nullopt;
  return object;
}

std::optional<json> read_sealed(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::file_size(file, error) > largest_record || error) return std::nullopt;
  const auto text = read_file(file);
  return text ? unsealed(*text) : std::nullopt;
}

}  // namespace loopgate
