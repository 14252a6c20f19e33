// A defensive reader of our own JSON files: what is missing or of a wrong type becomes one sentence that
// names the file and the key. Unlike in TOML, unknown keys are let through: a later version may write more.
//
//   JsonFields fields = *read_json_file(path);
//   fields.required("seed", &seed);
//   for (JsonFields& cell : fields.array("cells")) cell.required("cell", &name);
//   if (auto done = fields.finish(); !done) ...
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

class JsonFields {
 public:
  // Refuses what is no JSON, no object or not of this format. A file of an earlier format is refused by the
  // version that wrote it, where it says so.
  static Result<JsonFields> parse(std::string_view text, std::string file, std::int64_t format = 1);

  void required(const char* key, std::string* out);
  void required(const char* key, bool* out);
  void required(const char* key, double* out);
  void required(const char* key, std::int64_t* out);
  void required(const char* key, std::uint64_t* out);
  // Keeps *out when the key is absent or null.
  void optional(const char* key, std::string* out);
  void optional(const char* key, std::int64_t* out);
  void optional(const char* key, bool* out);
  // The key must be there; keeps *out when it is null.
  void nullable(const char* key, std::string* out);

  JsonFields object(const char* key);
  std::vector<JsonFields> array(const char* key);  // of objects
  std::vector<std::int64_t> integers(const char* key);
  std::vector<std::string> strings(const char* key);
  std::vector<std::string> keys() const;
  bool is_null(const char* key) const;  // or absent

  void refuse(const char* key, const std::string& why);
  // The first problem of this object and of all that were taken from it.
  Status finish() const;

 private:
  struct Document {
    nlohmann::json root;
    std::string file;
    std::string problem;
  };
  JsonFields(std::shared_ptr<Document> document, const nlohmann::json* node, std::string where)
      : document_(std::move(document)), node_(node), where_(std::move(where)) {}
  const nlohmann::json* find(const char* key) const;
  void wrong_type(const char* key, const char* type);

  std::shared_ptr<Document> document_;
  const nlohmann::json* node_;  // null after a problem
  std::string where_;
};

Result<JsonFields> read_json_file(const std::filesystem::path& path, std::int64_t format = 1);

}  // namespace loopgate
