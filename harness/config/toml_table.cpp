#include "config/toml_table.h"

#include <fmt/format.h>

#include <type_traits>

#include "base/file.h"

namespace loopgate {
namespace {

template <class T>
struct TypeName;
template <>
struct TypeName<std::string> {
  static constexpr const char* value = "a string";
};
template <>
struct TypeName<std::int64_t> {
  static constexpr const char* value = "a whole number";
};
template <>
struct TypeName<double> {
  static constexpr const char* value = "a number";
};
template <>
struct TypeName<bool> {
  static constexpr const char* value = "true or false";
};
template <class T>
struct TypeName<std::vector<T>> {
  static constexpr const char* value = "an array";
};

template <class T>
bool convert(const toml::node& node, T* out) {
  if constexpr (std::is_same_v<T, double>) {
    if (auto number = node.value_exact<std::int64_t>()) {
      *out = static_cast<double>(*number);
      return true;
    }
  }
  if (auto value = node.value_exact<T>()) {
    *out = std::move(*value);
    return true;
  }
  return false;
}

template <class T>
bool convert(const toml::node& node, std::vector<T>* out) {
  const toml::array* array = node.as_array();
  if (array == nullptr) return false;
  std::vector<T> values;
  for (const toml::node& item : *array) {
    T value{};
    if (!convert(item, &value)) return false;
    values.push_back(std::move(value));
  }
  *out = std::move(values);
  return true;
}

}  // namespace

Result<TomlTable> TomlTable::parse_text(std::string_view text, std::string file_name) {
  try {
    auto root = std::make_shared<const toml::table>(toml::parse(text, file_name));
    const toml::table* table = root.get();
    return TomlTable{std::move(root), table, std::move(file_name), ""};
  } catch (const toml::parse_error& error) {  // toml++ reports by exception; it goes no further than here
    return fail(ErrorKind::usage, fmt::format("{}:{}: is no valid TOML: {}", file_name,
                                              error.source().begin.line, error.description()));
  }
}

Result<TomlTable> TomlTable::parse_file(const std::filesystem::path& path) {
  auto text = read_file(path, ErrorKind::usage);
  if (!text) return tl::unexpected(text.error());
  return parse_text(*text, path.string());
}

std::string Reader::place(std::string_view key) const {
  const std::string dotted =
      table_.where.empty() ? std::string(key) : fmt::format("{}.{}", table_.where, key);
  const toml::node* node = table_.table != nullptr ? table_.table->get(key) : nullptr;
  if (node == nullptr) return fmt::format("{}: {}", table_.file, dotted);
  return fmt::format("{}:{}: {}", table_.file, node->source().begin.line, dotted);
}

void Reader::problem(std::string what) {
  if (first_problem_.empty()) first_problem_ = std::move(what);
}

void Reader::refuse(std::string_view key, std::string_view why) {
  problem(fmt::format("{} {}", place(key), why));
}

const toml::node* Reader::find(std::string_view key, bool must) {
  known_.emplace(key);
  const toml::node* node = table_.table != nullptr ? table_.table->get(key) : nullptr;
  if (node == nullptr && must && first_missing_.empty())
    first_missing_ = fmt::format("{} is missing", place(key));
  return node;
}

template <class T>
bool Reader::read(std::string_view key, T* out, bool must) {
  const toml::node* node = find(key, must);
  if (node == nullptr) return false;
  if (!convert(*node, out)) problem(fmt::format("{} must be {}", place(key), TypeName<T>::value));
  return true;
}

void Reader::required(std::string_view key, std::string* out) { read(key, out, true); }
void Reader::required(std::string_view key, std::int64_t* out) { read(key, out, true); }
void Reader::required(std::string_view key, double* out) { read(key, out, true); }
void Reader::required(std::string_view key, bool* out) { read(key, out, true); }
void Reader::required(std::string_view key, std::vector<std::string>* out) { read(key, out, true); }
void Reader::required(std::string_view key, std::vector<std::int64_t>* out) { read(key, out, true); }

bool Reader::optional(std::string_view key, std::string* out) { return read(key, out, false); }
bool Reader::optional(std::string_view key, std::int64_t* out) { return read(key, out, false); }
bool Reader::optional(std::string_view key, double* out) { return read(key, out, false); }
bool Reader::optional(std::string_view key, bool* out) { return read(key, out, false); }
bool Reader::optional(std::string_view key, std::vector<std::string>* out) { return read(key, out, false); }
bool Reader::optional(std::string_view key, std::vector<std::int64_t>* out) { return read(key, out, false); }

TomlTable Reader::table(std::string_view key, bool* present) {
  const toml::node* node = find(key, false);
  const std::string where = table_.where.empty() ? std::string(key) : fmt::format("{}.{}", table_.where, key);
  *present = node != nullptr;
  if (node != nullptr && !node->is_table()) problem(fmt::format("{} must be a table", place(key)));
  return {table_.root, node != nullptr ? node->as_table() : nullptr, table_.file, where};
}

TomlTable Reader::required_table(std::string_view key) {
  bool present = false;
  TomlTable found = table(key, &present);
  if (!present && first_missing_.empty()) first_missing_ = fmt::format("{} is missing", place(key));
  return found;
}

std::vector<TomlTable> Reader::tables(std::string_view key) {
  const toml::node* node = find(key, false);
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  std::vector<TomlTable> found;
  if (array != nullptr) {
    for (const toml::node& item : *array) {
      if (!item.is_table()) break;
      found.push_back(
          {table_.root, item.as_table(), table_.file, fmt::format("{}[{}]", place(key), found.size())});
      const std::string prefix = table_.where.empty() ? "" : table_.where + ".";
      found.back().where = fmt::format("{}{}[{}]", prefix, key, found.size() - 1);
    }
  }
  if (array == nullptr || found.size() != array->size())
    problem(fmt::format("{} must be an array of tables ([[{}]])", place(key), key));
  return found;
}

std::vector<std::string> Reader::keys() {
  std::vector<std::string> names;
  if (table_.table == nullptr) return names;
  for (const auto& [key, node] : *table_.table) names.emplace_back(key.str());
  return names;
}

// An unknown key first: it is what is left of a key that is missing because it was misspelt. A missing one
// before what is wrong with values, since its default may be what is refused.
Status Reader::finish() {
  if (table_.table != nullptr) {
    for (const auto& [key, node] : *table_.table) {
      if (known_.find(key.str()) != known_.end()) continue;
      const auto renamed = renamed_.find(key.str());
      return fail(ErrorKind::usage,
                  renamed == renamed_.end()
                      ? fmt::format("{} is an unknown key", place(key.str()))
                      : fmt::format("{} is now called {}", place(key.str()), renamed->second));
    }
  }
  if (!first_missing_.empty()) return fail(ErrorKind::usage, first_missing_);
  if (!first_problem_.empty()) return fail(ErrorKind::usage, first_problem_);
  return {};
}

}  // namespace loopgate
