// A strict reader over toml++: every key must be asked for, of the right type, or the file is refused with
// the file, line and key named. Usage:
//
//   auto file = TomlTable::parse_file(path);          // Result<TomlTable>
//   Reader r(*file);
//   r.required("description", &description);
//   r.optional("priority", &priority);                // keeps the default when absent
//   if (auto done = r.finish(); !done) ...            // unknown keys, wrong types, missing keys: first one
//   found
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

// A parsed table and where it stands: `file` and the dotted key that leads to it, for messages.
struct TomlTable {
  std::shared_ptr<const toml::table> root;  // keeps the whole document alive
  const toml::table* table = nullptr;
  std::string file;
  std::string where;  // "" at the top, "schedule", "budget[2]", ...

  static Result<TomlTable> parse_file(const std::filesystem::path& path);
  static Result<TomlTable> parse_text(std::string_view text, std::string file_name);
};

class Reader {
 public:
  explicit Reader(TomlTable table) : table_(std::move(table)) {}

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

  bool has(std::string_view key) const { return table_.table != nullptr && table_.table->contains(key); }

  // Records a problem that the caller found with a value ("must be above 0").
  void refuse(std::string_view key, std::string_view why);

  // The first problem, or success. Unknown keys are refused here.
  Status finish();

 private:
  template <class T>
  bool read(std::string_view key, T* out, bool must);
  const toml::node* find(std::string_view key, bool must);
  std::string place(std::string_view key) const;
  void problem(std::string what);

  TomlTable table_;
  std::set<std::string, std::less<>> known_;
  std::map<std::string, std::string, std::less<>> renamed_;
  std::string first_problem_;
  std::string first_missing_;
};

}  // namespace loopgate
