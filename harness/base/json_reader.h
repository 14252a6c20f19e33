// A defensive reader of JSON objects: what is missing, unknown or of a wrong type becomes one sentence that
// names the document and the key with the way to it ("job: load.parts[0].argv is missing").
//
//   TRY(reader, JsonReader::parse(text, "job", JsonReader::message));
//   reader.required("seed", &seed);
//   for (JsonReader& cell : reader.objects("cells")) read_cell(std::move(cell));  // ends with cell.finish()
//   TRY_STATUS(reader.finish());
//
// The target's programs use it, too, so it knows no fmt.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

class JsonReader {
 public:
  struct Rules {
    bool refuses_unknown_keys;
    std::int64_t format;  // what the key "format" must say; 0: there is no such key
    const char* next_step;
  };
  // What two programs of the same build say to each other.
  static constexpr Rules message{true, 1, ""};
  // A line of such a conversation.
  static constexpr Rules line{true, 0, ""};
  // One of our files: a later version may write more.
  static constexpr Rules file(std::int64_t format = 1) {
    return {false, format, "the file was altered or damaged: measure again"};
  }

  // Refuses what is no JSON object, or of another format; a file of an earlier one by the version that wrote
  // it, where it says so. `name` begins every sentence.
  static Result<JsonReader> parse(std::string_view text, std::string name, const Rules& rules);

  // Refuse a key that is absent or of another type; *out is kept then.
  void required(const std::string& key, std::string* out);
  void required(const std::string& key, bool* out);
  void required(const std::string& key, double* out);  // accepts an integer
  void required(const std::string& key, std::int64_t* out);
  void required(const std::string& key, std::uint64_t* out);
  void required(const std::string& key, int* out);
  void required(const std::string& key, std::uint32_t* out);
  void required(const std::string& key, std::vector<std::string>* out);
  void required(const std::string& key, std::vector<std::int64_t>* out);

  // Keeps *out where the key is absent or null.
  template <class T>
  void optional(const std::string& key, T* out) {
    if (has(key)) required(key, out);
  }

  // The key must be there; keeps *out where it is null.
  template <class T>
  void nullable(const std::string& key, T* out) {
    if (has_value(key)) required(key, out);
  }

  // The key is there, and not null.
  bool has(const std::string& key);

  // The key is there, which it must be, and not null.
  bool has_value(const std::string& key);

  // The object under a key; a missing one is a problem, and so is nothing that is read from it.
  JsonReader object(const std::string& key);
  std::vector<JsonReader> objects(const std::string& key);  // of an array
  std::vector<std::string> keys() const;

  // Any value, as compact JSON; "null" where it is null.
  void required_json(const std::string& key, std::string* out);

  // Records a problem that the caller found with a value ("must be above 0").
  void refuse(const std::string& key, const std::string& why);

  // The first problem of the document, so far. Where the rules say so, a key of this object that was not
  // asked for is one: every object must then be finished.
  Status finish();

 private:
  struct Document;
  JsonReader(std::shared_ptr<Document> document, const nlohmann::json* node, std::string where)
      : document_(std::move(document)), node_(node), where_(std::move(where)) {}
  const nlohmann::json* find(const std::string& key);
  void refuse_type(const std::string& key, const char* type);
  tl::unexpected<Error> refuse_earlier(std::int64_t format);
  Status finish_so_far() const;

  std::shared_ptr<Document> document_;
  const nlohmann::json* node_;  // an object; null after a problem with it
  std::string where_;           // with a dot at its end, but for the top
  std::set<std::string> known_;
};

}  // namespace loopgate
