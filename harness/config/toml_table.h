// A strict reader over toml++: every key must be asked for, of the right type, or the file is refused with
// the file, line and key named. Usage:
//
//   auto file = TomlTable::parse_file(path);          // Result<TomlTable>
//   TomlReader r(*file);
//   r.required("description", &description);
//   r.optional("priority", &priority);                // keeps the default when absent
//   if (auto done = r.finish(); !done) ...            // unknown keys, missing keys, wrong types: the
//   first kind found; of missing keys all
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

// A parsed table and where it stands: `file` and the dotted key that leads to it, for messages. What toml++
// made of it stays in toml_table.cpp: its header alone takes a compiler longer than most of what includes
// this.
class TomlTable {
 public:
  TomlTable() = default;  // of a key that is missing: every key of it is missing, too

  static Result<TomlTable> parse_file(const std::filesystem::path& path);
  static Result<TomlTable> parse_text(std::string_view text, std::string file_name);

  bool exists() const { return content_ != nullptr; }
  bool empty() const;
  int line() const;  // where it begins; it exists
  const std::string& file() const { return file_; }
  const std::string& where() const { return where_; }  // "" at the top, "schedule", "budget[2]", ...

  // The table `key` of this one, whatever else it holds; nothing when there is none.
  Result<std::optional<TomlTable>> find(std::string_view key) const;

 private:
  friend class TomlReader;
  struct Access;
  TomlTable(std::shared_ptr<const void> content, std::string file, std::string where)
      : content_(std::move(content)), file_(std::move(file)), where_(std::move(where)) {}

  std::shared_ptr<const void> content_;  // a toml::table; keeps the whole document alive
  std::string file_;
  std::string where_;
};

class TomlReader {
 public:
  explicit TomlReader(TomlTable table) : table_(std::move(table)) {}

  void required(std::string_view key, std::string* out);
  void required(std::string_view key, std::int64_t* out);
  void required(std::string_view key, double* out);
  void required(std::string_view key, bool* out);
  void required(std::string_view key, std::vector<std::string>* out);
  void required(std::string_view key, std::vector<std::int64_t>* out);

  // Returns whether the key was there (also when it was of a wrong type, which finish() then reports).
  bool optional(std::string_view key, std::string* out);
  bool optional(std::string_view key, std::int64_t* out);
  bool optional(std::string_view key, double* out);  // accepts an integer as well
  bool optional(std::string_view key, bool* out);
  bool optional(std::string_view key, std::vector<std::string>* out);
  bool optional(std::string_view key, std::vector<std::int64_t>* out);

  // A sub-table; `present` tells whether it was there.
  TomlTable table(std::string_view key, bool* present);
  TomlTable required_table(std::string_view key);
  // An array of tables ([[budget]]); empty when absent.
  std::vector<TomlTable> tables(std::string_view key);
  // Every key of this table, in the file's order of sorting (for free-form tables such as tuning knobs).
  std::vector<std::string> keys();

  // A key of an earlier version: where it still stands, finish() says what it is called now.
  void renamed(std::string_view was, std::string_view now) { renamed_.emplace(was, now); }

  bool has(std::string_view key) const;

  // Records a problem that the caller found with a value ("must be above 0").
  void refuse(std::string_view key, std::string_view why);

  // The first problem, or success. Unknown keys are refused here.
  Status finish();

 private:
  template <class T>
  bool read(std::string_view key, T* out, bool must);
  const void* find(std::string_view key, bool must);  // a toml::node
  std::string place(std::string_view key) const;
  void problem(std::string what);
  void add_missing(std::string_view key);
  std::string missing_text() const;

  TomlTable table_;
  std::set<std::string, std::less<>> known_;
  std::map<std::string, std::string, std::less<>> renamed_;
  std::string first_problem_;
  std::vector<std::string> missing_;  // keys
};

}  // namespace loopgate
