// A strict reader of one JSON object: every key must be asked for and be of the right type. The first problem
// found is kept and names the key with the way that leads to it ("load.parts[0].argv").
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

class JsonReader {
 public:
  // `where` is the way to this object, empty at the top. All readers of a document share `problem`, which
  // keeps the first one; it and the document must outlive the reader.
  JsonReader(const nlohmann::json& object, std::string where, std::string* problem);

  void required(const std::string& key, std::string* out);
  void required(const std::string& key, std::int64_t* out);
  void required(const std::string& key, std::vector<std::string>* out);
  void required(const std::string& key, std::vector<std::int64_t>* out);

  // Keep the default when the key is absent, or null.
  void optional(const std::string& key, std::string* out);
  void optional(const std::string& key, std::int64_t* out);
  void optional(const std::string& key, double* out);  // accepts an integer
  void optional(const std::string& key, bool* out);

  bool has(const std::string& key) const;

  // The object under a key; an empty one when it is missing, which is a problem.
  JsonReader object(const std::string& key);
  // The objects of the array under a key; a missing one is a problem.
  std::vector<JsonReader> objects(const std::string& key);

  // Records a problem that the caller found with a value ("must be above 0").
  void refuse(const std::string& key, const std::string& why);

  // Refuses every key that nobody asked for.
  void finish();

 private:
  const nlohmann::json* find(const std::string& key, bool must);
  std::string place(const std::string& key) const;

  const nlohmann::json* object_;
  std::string where_;
  std::string* problem_;
  std::set<std::string> known_;
};

}  // namespace loopgate
