#include "config/toml_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <type_traits>

#include "base/file.h"
#include "base/nearest.h"

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

// What the header leaves open, to this file alone.
struct TomlTable::Access {
  static const toml::table* of(const TomlTable& table) {
    return static_cast<const toml::table*>(table.content_.get());
  }
  static const toml::node* node(const TomlTable& table, std::string_view key) {
    return table.exists() ? of(table)->get(key) : nullptr;
  }
  // A table below `table`, or of an array below it; no such table when `below` is none.
  static TomlTable below(const TomlTable& table, const toml::node* below, std::string where) {
    std::shared_ptr<const void> content;
    if (below != nullptr && below->is_table()) content = {table.content_, below->as_table()};
    return {std::move(content), table.file_, std::move(where)};
  }
};

bool TomlTable::empty() const { return !exists() || Access::of(*this)->empty(); }

int TomlTable::line() const { return static_cast<int>(Access::of(*this)->source().begin.line); }

Result<std::optional<TomlTable>> TomlTable::find(std::string_view key) const {
  const toml::node* node = Access::node(*this, key);
  if (node == nullptr) return std::nullopt;
  if (!node->is_table())
    return fail(ErrorKind::usage,
                fmt::format("{}:{}: {} must be a table", file_, node->source().begin.line, key));
  return Access::below(*this, node, std::string(key));
}

Result<TomlTable> TomlTable::parse_text(std::string_view text, std::string file_name) {
  try {
    auto root = std::make_shared<const toml::table>(toml::parse(text, file_name));
    return TomlTable{std::move(root), std::move(file_name), ""};
  } catch (const toml::parse_error& error) {  // toml++ reports by exception; it goes no further than here
    return fail(ErrorKind::usage, fmt::format("{}:{}: is no valid TOML: {}", file_name,
                                              error.source().begin.line, error.description()));
  }
}

Result<TomlTable> TomlTable::parse_file(const std::filesystem::path& path) {
  auto text = read_text_file(path, ErrorKind::usage);
  if (!text) return tl::unexpected(text.error());
  return parse_text(*text, path.string());
}

std::string TomlReader::place(std::string_view key) const {
  const std::string dotted =
      table_.where().empty() ? std::string(key) : fmt::format("{}.{}", table_.where(), key);
  const toml::node* node = TomlTable::Access::node(table_, key);
  if (node == nullptr) return fmt::format("{}: {}", table_.file(), dotted);
  return fmt::format("{}:{}: {}", table_.file(), node->source().begin.line, dotted);
}

void TomlReader::problem(std::string what) {
  if (first_problem_.empty()) first_problem_ = std::move(what);
}

bool TomlReader::has(std::string_view key) const { return TomlTable::Access::node(table_, key) != nullptr; }

void TomlReader::refuse(std::string_view key, std::string_view why) {
  problem(fmt::format("{} {}", place(key), why));
}

void TomlReader::add_missing(std::string_view key) {
  if (std::ranges::find(missing_, key) == missing_.end()) missing_.emplace_back(key);
}

const void* TomlReader::find(std::string_view key, bool must) {
  known_.emplace(key);
  const toml::node* node = TomlTable::Access::node(table_, key);
  if (node == nullptr && must) add_missing(key);
  return node;
}

template <class T>
bool TomlReader::read(std::string_view key, T* out, bool must) {
  const auto* node = static_cast<const toml::node*>(find(key, must));
  if (node == nullptr) return false;
  if (!convert(*node, out)) problem(fmt::format("{} must be {}", place(key), TypeName<T>::value));
  return true;
}

void TomlReader::required(std::string_view key, std::string* out) { read(key, out, true); }
void TomlReader::required(std::string_view key, std::int64_t* out) { read(key, out, true); }
void TomlReader::required(std::string_view key, double* out) { read(key, out, true); }
void TomlReader::required(std::string_view key, bool* out) { read(key, out, true); }
void TomlReader::required(std::string_view key, std::vector<std::string>* out) { read(key, out, true); }
void TomlReader::required(std::string_view key, std::vector<std::int64_t>* out) { read(key, out, true); }

bool TomlReader::optional(std::string_view key, std::string* out) { return read(key, out, false); }
bool TomlReader::optional(std::string_view key, std::int64_t* out) { return read(key, out, false); }
bool TomlReader::optional(std::string_view key, double* out) { return read(key, out, false); }
bool TomlReader::optional(std::string_view key, bool* out) { return read(key, out, false); }
bool TomlReader::optional(std::string_view key, std::vector<std::string>* out) {
  return read(key, out, false);
}
bool TomlReader::optional(std::string_view key, std::vector<std::int64_t>* out) {
  return read(key, out, false);
}

TomlTable TomlReader::table(std::string_view key, bool* present) {
  const auto* node = static_cast<const toml::node*>(find(key, false));
  const std::string where =
      table_.where().empty() ? std::string(key) : fmt::format("{}.{}", table_.where(), key);
  *present = node != nullptr;
  if (node != nullptr && !node->is_table()) problem(fmt::format("{} must be a table", place(key)));
  return TomlTable::Access::below(table_, node, where);
}

TomlTable TomlReader::required_table(std::string_view key) {
  bool present = false;
  TomlTable found = table(key, &present);
  if (!present) add_missing(key);
  return found;
}

std::vector<TomlTable> TomlReader::tables(std::string_view key) {
  const auto* node = static_cast<const toml::node*>(find(key, false));
  if (node == nullptr) return {};
  const toml::array* array = node->as_array();
  const std::string prefix = table_.where().empty() ? "" : table_.where() + ".";
  std::vector<TomlTable> found;
  if (array != nullptr) {
    for (const toml::node& item : *array) {
      if (!item.is_table()) break;
      found.push_back(
          TomlTable::Access::below(table_, &item, fmt::format("{}{}[{}]", prefix, key, found.size())));
    }
  }
  if (array == nullptr || found.size() != array->size())
    problem(fmt::format("{} must be an array of tables ([[{}]])", place(key), key));
  return found;
}

std::vector<std::string> TomlReader::keys() {
  std::vector<std::string> names;
  if (!table_.exists()) return names;
  for (const auto& [key, node] : *TomlTable::Access::of(table_)) names.emplace_back(key.str());
  return names;
}

// All of them: who writes a file anew should not have to run the program once for each.
std::string TomlReader::missing_text() const {
  const std::string first = fmt::format("{} is missing", place(missing_.front()));
  if (missing_.size() == 1) return first;
  const std::vector<std::string> others(missing_.begin() + 1, missing_.end());
  return fmt::format("{}, and so {} {}", first, others.size() == 1 ? "is" : "are", fmt::join(others, ", "));
}

// An unknown key first: it is what is left of a key that is missing because it was misspelt. A missing one
// before what is wrong with values, since its default may be what is refused.
Status TomlReader::finish() {
  if (table_.exists()) {
    for (const auto& [key, node] : *TomlTable::Access::of(table_)) {
      if (known_.find(key.str()) != known_.end()) continue;
      const auto renamed = renamed_.find(key.str());
      if (renamed != renamed_.end())
        return fail(ErrorKind::usage, fmt::format("{} is now called {}", place(key.str()), renamed->second));
      return fail(ErrorKind::usage, fmt::format("{} is an unknown key", place(key.str())),
                  meant_or_known(key.str(), {known_.begin(), known_.end()}));
    }
  }
  if (!missing_.empty()) return fail(ErrorKind::usage, missing_text());
  if (!first_problem_.empty()) return fail(ErrorKind::usage, first_problem_);
  return {};
}

}  // namespace loopgate
