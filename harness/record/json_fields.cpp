#include "record/json_fields.h"

#include <fmt/format.h>

#include <limits>

#include "base/file.h"

namespace loopgate {

using nlohmann::json;

namespace {

// What to say of a file of an earlier format: `written_by` is the version that wrote it, if it says so.
std::string earlier_format(std::int64_t seen, std::int64_t wanted, const std::string& written_by) {
  return fmt::format("is {}: {} wrote it, and this version reads format {}", seen,
                     written_by.empty() ? "an earlier loopgate" : "loopgate " + written_by, wanted);
}

}  // namespace

Result<JsonFields> JsonFields::parse(std::string_view text, std::string file, std::int64_t format) {
  auto document = std::make_shared<Document>();
  document->root = json::parse(text, nullptr, false);
  document->file = std::move(file);
  if (!document->root.is_object())
    return fail(ErrorKind::data,
                fmt::format("{}: is no JSON object: it was cut off or altered", document->file));
  const json* root = &document->root;
  JsonFields fields(std::move(document), root, "");
  std::int64_t seen = 0;
  fields.required("format", &seen);
  if (auto known = fields.finish(); !known) return tl::unexpected(known.error());
  if (seen == format) return fields;
  if (seen > format) {
    fields.refuse("format", fmt::format("is {}, and only {} is known", seen, format));
    return tl::unexpected(fields.finish().error());
  }
  std::string written_by;
  fields.optional("loopgate", &written_by);
  fields.refuse("format", earlier_format(seen, format, written_by));
  Error error = fields.finish().error();
  error.next_step = "measure again, or read it with that version";
  return tl::unexpected(std::move(error));
}

Result<JsonFields> read_json_file(const std::filesystem::path& path, std::int64_t format) {
  auto text = read_file(path, ErrorKind::data);
  if (!text) return tl::unexpected(text.error());
  return JsonFields::parse(*text, path.string(), format);
}

const json* JsonFields::find(const char* key) const {
  if (node_ == nullptr || !node_->is_object()) return nullptr;
  const auto found = node_->find(key);
  return found == node_->end() ? nullptr : &*found;
}

void JsonFields::refuse(const char* key, const std::string& why) {
  if (!document_->problem.empty()) return;
  document_->problem = fmt::format("{}: {}{} {}", document_->file, where_, key, why);
}

void JsonFields::wrong_type(const char* key, const char* type) {
  if (node_ == nullptr) return;  // the problem is an outer one
  refuse(key, find(key) == nullptr ? "is missing" : fmt::format("must be {}", type));
}

Status JsonFields::finish() const {
  if (document_->problem.empty()) return {};
  return fail(ErrorKind::data, document_->problem, "the file was altered or damaged: measure again");
}

void JsonFields::required(const char* key, std::string* out) {
  const json* node = find(key);
  if (node == nullptr || !node->is_string()) return wrong_type(key, "a string");
  *out = node->get<std::string>();
}

void JsonFields::required(const char* key, bool* out) {
  const json* node = find(key);
  if (node == nullptr || !node->is_boolean()) return wrong_type(key, "true or false");
  *out = node->get<bool>();
}

void JsonFields::required(const char* key, double* out) {
  const json* node = find(key);
  if (node == nullptr || !node->is_number()) return wrong_type(key, "a number");
  *out = node->get<double>();
}

void JsonFields::required(const char* key, std::int64_t* out) {
  const json* node = find(key);
  const bool fits = node != nullptr && node->is_number_integer() &&
                    (!node->is_number_unsigned() ||
                     node->get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
  if (!fits) return wrong_type(key, "a whole number");
  *out = node->get<std::int64_t>();
}

void JsonFields::required(const char* key, std::uint64_t* out) {
  const json* node = find(key);
  if (node == nullptr || !node->is_number_unsigned()) return wrong_type(key, "a whole number, not below 0");
  *out = node->get<std::uint64_t>();
}

void JsonFields::optional(const char* key, std::string* out) {
  if (!is_null(key)) required(key, out);
}

void JsonFields::optional(const char* key, std::int64_t* out) {
  if (!is_null(key)) required(key, out);
}

void JsonFields::optional(const char* key, bool* out) {
  if (!is_null(key)) required(key, out);
}

void JsonFields::nullable(const char* key, std::string* out) {
  const json* node = find(key);
  if (node == nullptr || !node->is_null()) required(key, out);
}

std::vector<std::string> JsonFields::keys() const {
  std::vector<std::string> names;
  if (node_ == nullptr || !node_->is_object()) return names;
  for (const auto& [name, value] : node_->items()) names.push_back(name);
  return names;
}

bool JsonFields::is_null(const char* key) const {
  const json* node = find(key);
  return node == nullptr || node->is_null();
}

JsonFields JsonFields::object(const char* key) {
  const json* node = find(key);
  if (node == nullptr || !node->is_object()) {
    wrong_type(key, "an object");
    node = nullptr;
  }
  return {document_, node, fmt::format("{}{}.", where_, key)};
}

std::vector<JsonFields> JsonFields::array(const char* key) {
  const json* node = find(key);
  std::vector<JsonFields> items;
  if (node == nullptr || !node->is_array()) {
    wrong_type(key, "an array of objects");
    return items;
  }
  for (const json& item : *node) {
    if (!item.is_object()) {
      wrong_type(key, "an array of objects");
      return {};
    }
    items.push_back({document_, &item, fmt::format("{}{}[{}].", where_, key, items.size())});
  }
  return items;
}

std::vector<std::int64_t> JsonFields::integers(const char* key) {
  const json* node = find(key);
  std::vector<std::int64_t> items;
  if (node == nullptr || !node->is_array()) {
    wrong_type(key, "an array of whole numbers");
    return items;
  }
  for (const json& item : *node) {
    if (!item.is_number_integer()) {
      wrong_type(key, "an array of whole numbers");
      return {};
    }
    items.push_back(item.get<std::int64_t>());
  }
  return items;
}

std::vector<std::string> JsonFields::strings(const char* key) {
  const json* node = find(key);
  std::vector<std::string> items;
  if (node == nullptr || !node->is_array()) {
    wrong_type(key, "an array of strings");
    return items;
  }
  for (const json& item : *node) {
    if (!item.is_string()) {
      wrong_type(key, "an array of strings");
      return {};
    }
    items.push_back(item.get<std::string>());
  }
  return items;
}

}  // namespace loopgate
