#include "target/agent/json_reader.h"

#include <utility>

namespace loopgate {

using nlohmann::json;

namespace {

const json& empty_object() {
  static const json empty = json::object();
  return empty;
}

}  // namespace

JsonReader::JsonReader(const json& object, std::string where, std::string* problem)
    : object_(&object), where_(std::move(where)), problem_(problem) {
  if (object.is_object()) return;
  if (problem_->empty()) *problem_ = (where_.empty() ? "the whole" : where_) + ": must be an object";
  object_ = &empty_object();
}

std::string JsonReader::place(const std::string& key) const {
  return where_.empty() ? key : where_ + "." + key;
}

void JsonReader::refuse(const std::string& key, const std::string& why) {
  if (problem_->empty()) *problem_ = place(key) + ": " + why;
}

const json* JsonReader::find(const std::string& key, bool must) {
  known_.insert(key);
  const auto found = object_->find(key);
  if (found == object_->end() || (!must && found->is_null())) {
    if (must) refuse(key, "is missing");
    return nullptr;
  }
  return &*found;
}

bool JsonReader::has(const std::string& key) const { return object_->contains(key); }

void JsonReader::required(const std::string& key, std::string* out) {
  const json* value = find(key, true);
  if (value == nullptr) return;
  if (!value->is_string()) return refuse(key, "must be a string");
  *out = value->get<std::string>();
}

void JsonReader::required(const std::string& key, std::int64_t* out) {
  const json* value = find(key, true);
  if (value == nullptr) return;
  if (!value->is_number_integer()) return refuse(key, "must be an integer");
  *out = value->get<std::int64_t>();
}

void JsonReader::required(const std::string& key, std::vector<std::string>* out) {
  const json* value = find(key, true);
  if (value == nullptr) return;
  if (!value->is_array()) return refuse(key, "must be an array of strings");
  for (const json& entry : *value) {
    if (!entry.is_string()) return refuse(key, "must be an array of strings");
    out->push_back(entry.get<std::string>());
  }
}

void JsonReader::required(const std::string& key, std::vector<std::int64_t>* out) {
  const json* value = find(key, true);
  if (value == nullptr) return;
  if (!value->is_array()) return refuse(key, "must be an array of whole numbers");
  for (const json& entry : *value) {
    if (!entry.is_number_integer()) return refuse(key, "must be an array of whole numbers");
    out->push_back(entry.get<std::int64_t>());
  }
}

void JsonReader::optional(const std::string& key, std::string* out) {
  if (find(key, false) != nullptr) required(key, out);
}

void JsonReader::optional(const std::string& key, std::int64_t* out) {
  if (find(key, false) != nullptr) required(key, out);
}

void JsonReader::optional(const std::string& key, double* out) {
  const json* value = find(key, false);
  if (value == nullptr) return;
  if (!value->is_number()) return refuse(key, "must be a number");
  *out = value->get<double>();
}

void JsonReader::optional(const std::string& key, bool* out) {
  const json* value = find(key, false);
  if (value == nullptr) return;
  if (!value->is_boolean()) return refuse(key, "must be true or false");
  *out = value->get<bool>();
}

JsonReader JsonReader::object(const std::string& key) {
  const json* value = find(key, true);
  return {value != nullptr ? *value : empty_object(), place(key), problem_};
}

std::vector<JsonReader> JsonReader::objects(const std::string& key) {
  std::vector<JsonReader> readers;
  const json* value = find(key, true);
  if (value == nullptr) return readers;
  if (!value->is_array()) {
    refuse(key, "must be an array of objects");
    return readers;
  }
  for (std::size_t i = 0; i < value->size(); ++i)
    readers.emplace_back((*value)[i], place(key) + "[" + std::to_string(i) + "]", problem_);
  return readers;
}

void JsonReader::finish() {
  for (const auto& [key, value] : object_->items()) {
    if (!known_.contains(key)) refuse(key, "is not known");
  }
}

}  // namespace loopgate
