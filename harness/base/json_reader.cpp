#include "base/json_reader.h"

#include <limits>
#include <utility>

#include "base/json.h"

namespace loopgate {

using nlohmann::json;

struct JsonReader::Document {
  json root;
  std::string name;
  Rules rules;
  std::string problem;
};

namespace {

constexpr const char* whole_number = "a whole number";

bool is_signed(const json& node) {
  return node.is_number_integer() &&
         (!node.is_number_unsigned() ||
          node.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
}

}  // namespace

Result<JsonReader> JsonReader::parse(std::string_view text, std::string name, const Rules& rules) {
  auto document = std::make_shared<Document>(Document{parse_json(text), std::move(name), rules, {}});
  if (!document->root.is_object())
    return fail(ErrorKind::data, document->name + ": is no JSON object: it was cut off or altered");
  const json* root = &document->root;
  JsonReader reader(std::move(document), root, "");
  if (rules.format == 0) return reader;
  std::int64_t format = 0;
  reader.required("format", &format);
  if (format < rules.format && reader.finish_so_far()) return reader.refuse_earlier(format);
  if (format != rules.format)
    reader.refuse("format", "is " + std::to_string(format) + ", and only " + std::to_string(rules.format) +
                                " is known");
  TRY_STATUS(reader.finish_so_far());
  return reader;
}

// Names the version that wrote the file, if it says so.
tl::unexpected<Error> JsonReader::refuse_earlier(std::int64_t format) {
  std::string written_by;
  optional("loopgate", &written_by);
  refuse("format", "is " + std::to_string(format) + ": " +
                       (written_by.empty() ? "an earlier loopgate" : "loopgate " + written_by) +
                       " wrote it, and this version reads format " + std::to_string(document_->rules.format));
  return fail(ErrorKind::data, document_->problem, "measure again, or read it with that version");
}

Status JsonReader::finish_so_far() const {
  if (document_->problem.empty()) return {};
  return fail(ErrorKind::data, document_->problem, document_->rules.next_step);
}

const json* JsonReader::find(const std::string& key) {
  if (node_ == nullptr) return nullptr;
  if (document_->rules.refuses_unknown_keys) known_.insert(key);
  const auto found = node_->find(key);
  return found == node_->end() ? nullptr : &*found;
}

void JsonReader::refuse(const std::string& key, const std::string& why) {
  if (!document_->problem.empty() || node_ == nullptr) return;  // the problem is an earlier or an outer one
  document_->problem = document_->name + ": " + where_ + key + " " + why;
}

void JsonReader::refuse_type(const std::string& key, const char* type) {
  refuse(key, find(key) == nullptr ? "is missing" : std::string("must be ") + type);
}

Status JsonReader::finish() {
  if (document_->rules.refuses_unknown_keys && node_ != nullptr) {
    for (const auto& [key, value] : node_->items()) {
      if (!known_.contains(key)) refuse(key, "is an unknown key");
    }
  }
  return finish_so_far();
}

void JsonReader::required(const std::string& key, std::string* out) {
  const json* node = find(key);
  if (node == nullptr || !node->is_string()) return refuse_type(key, "a string");
  *out = node->get<std::string>();
}

void JsonReader::required(const std::string& key, bool* out) {
  const json* node = find(key);
  if (node == nullptr || !node->is_boolean()) return refuse_type(key, "true or false");
  *out = node->get<bool>();
}

void JsonReader::required(const std::string& key, double* out) {
  const json* node = find(key);
  if (node == nullptr || !node->is_number()) return refuse_type(key, "a number");
  *out = node->get<double>();
}

void JsonReader::required(const std::string& key, std::int64_t* out) {
  const json* node = find(key);
  if (node == nullptr || !is_signed(*node)) return refuse_type(key, whole_number);
  *out = node->get<std::int64_t>();
}

void JsonReader::required(const std::string& key, std::uint64_t* out) {
  const json* node = find(key);
  if (node == nullptr || !node->is_number_unsigned()) return refuse_type(key, "a whole number, not below 0");
  *out = node->get<std::uint64_t>();
}

void JsonReader::required(const std::string& key, int* out) {
  std::int64_t number = *out;
  required(key, &number);
  if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max())
    return refuse(key, "is out of bounds");
  *out = static_cast<int>(number);
}

void JsonReader::required(const std::string& key, std::uint32_t* out) {
  std::uint64_t number = *out;
  required(key, &number);
  if (number > std::numeric_limits<std::uint32_t>::max()) return refuse(key, "is out of bounds");
  *out = static_cast<std::uint32_t>(number);
}

void JsonReader::required(const std::string& key, std::vector<std::string>* out) {
  const json* node = find(key);
  std::vector<std::string> items;
  bool good = node != nullptr && node->is_array();
  for (std::size_t i = 0; good && i < node->size(); ++i) {
    good = (*node)[i].is_string();
    if (good) items.push_back((*node)[i].get<std::string>());
  }
  if (!good) return refuse_type(key, "an array of strings");
  *out = std::move(items);
}

void JsonReader::required(const std::string& key, std::vector<std::int64_t>* out) {
  const json* node = find(key);
  std::vector<std::int64_t> items;
  bool good = node != nullptr && node->is_array();
  for (std::size_t i = 0; good && i < node->size(); ++i) {
    good = is_signed((*node)[i]);
    if (good) items.push_back((*node)[i].get<std::int64_t>());
  }
  if (!good) return refuse_type(key, "an array of whole numbers");
  *out = std::move(items);
}

bool JsonReader::has(const std::string& key) {
  const json* node = find(key);
  return node != nullptr && !node->is_null();
}

bool JsonReader::has_value(const std::string& key) {
  const json* node = find(key);
  if (node == nullptr) refuse(key, "is missing");
  return node != nullptr && !node->is_null();
}

JsonReader JsonReader::object(const std::string& key) {
  const json* node = find(key);
  if (node == nullptr || !node->is_object()) {
    refuse_type(key, "an object");
    node = nullptr;
  }
  return {document_, node, where_ + key + "."};
}

std::vector<JsonReader> JsonReader::objects(const std::string& key) {
  const json* node = find(key);
  std::vector<JsonReader> items;
  bool good = node != nullptr && node->is_array();
  for (std::size_t i = 0; good && i < node->size(); ++i) {
    good = (*node)[i].is_object();
    if (good) items.push_back({document_, &(*node)[i], where_ + key + "[" + std::to_string(i) + "]."});
  }
  if (good) return items;
  refuse_type(key, "an array of objects");
  return {};
}

std::vector<std::string> JsonReader::keys() const {
  std::vector<std::string> names;
  if (node_ == nullptr) return names;
  for (const auto& [key, value] : node_->items()) names.push_back(key);
  return names;
}

void JsonReader::required_json(const std::string& key, std::string* out) {
  const json* node = find(key);
  if (node == nullptr) return refuse(key, "is missing");
  *out = node->dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace loopgate
