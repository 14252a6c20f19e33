// Forms of a table's fields (base/json_table.h): how a value stands in JSON that has no type for it, and
// what of it is refused.
#pragma once

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <type_traits>

#include "base/json_table.h"
#include "base/time_base.h"

namespace loopgate {

// Null stands for an empty text, so that nothing is taken for a digest.
struct NullWhereEmpty {
  template <class Json>
  Json write(const std::string& text) const {
    return text.empty() ? Json(nullptr) : Json(text);
  }
  void read(JsonReader* reader, const char* key, std::string* text) const { reader->nullable(key, text); }
};

// A value by its name in a table of pairs of both.
template <class Table>
struct ByName {
  const Table* table;

  template <class Json, class Value>
  Json write(const Value& value) const {
    for (const auto& [name, named] : *table)
      if (named == value) return name;
    return "";
  }
  template <class Value>
  void read(JsonReader* reader, const char* key, Value* value) const {
    std::string text;
    reader->required(key, &text);
    for (const auto& [name, named] : *table)
      if (text == name) return void(*value = named);
    reader->refuse(key, "must be " + names());
  }
  std::string names() const {
    std::string text;
    for (std::size_t i = 0; i < table->size(); ++i)
      text += std::string(i == 0 ? "" : i + 1 == table->size() ? " or " : ", ") + (*table)[i].first;
    return text;
  }
};

template <class Table>
ByName(const Table*) -> ByName<Table>;

inline constexpr ByName time_base_form{&time_bases};

// A whole number within bounds.
template <class Value>
struct Within {
  Value least;
  Value most;

  template <class Json>
  Json write(const Value& value) const {
    return value;
  }
  void read(JsonReader* reader, const char* key, Value* value) const {
    std::int64_t number = static_cast<std::int64_t>(*value);
    reader->required(key, &number);
    if (number < static_cast<std::int64_t>(least) || number > static_cast<std::int64_t>(most))
      return reader->refuse(key, complaint());
    *value = static_cast<Value>(number);
  }
  std::string complaint() const {
    if (most == std::numeric_limits<Value>::max()) return "must be at least " + std::to_string(least);
    return "must be from " + std::to_string(least) + " to " + std::to_string(most);
  }
};

// A time span as a whole number of its own unit.
template <class Duration>
struct Span {
  std::int64_t most;

  template <class Json>
  Json write(const Duration& span) const {
    return span.count();
  }
  void read(JsonReader* reader, const char* key, Duration* span) const {
    std::int64_t count = 0;
    Within<std::int64_t>{0, most}.read(reader, key, &count);
    *span = Duration(count);
  }
};

struct AsText {
  template <class Json>
  Json write(const std::filesystem::path& path) const {
    return path.string();
  }
  void read(JsonReader* reader, const char* key, std::filesystem::path* path) const {
    std::string text;
    reader->required(key, &text);
    *path = text;
  }
};

// A number that is not below 0.
struct NotNegative : AsItIs {
  void read(JsonReader* reader, const char* key, double* value) const {
    reader->required(key, value);
    if (!(*value >= 0 && std::isfinite(*value))) reader->refuse(key, "must not be negative");
  }
};

}  // namespace loopgate
