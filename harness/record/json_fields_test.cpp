#include "record/json_fields.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using ::testing::HasSubstr;

template <class T>
std::string problem(const std::string& text, T value = {}) {
  auto fields = JsonFields::parse(text, "x.json");
  if (!fields) return fields.error().what;
  fields->required("key", &value);
  const Status done = fields->finish();
  return done ? "fine" : done.error().what;
}

TEST(JsonFields, RefusesWhatIsNoObjectOfFormatOne) {
  for (const char* text : {"", "{", "[]", "null", "\"x\"", "{\"format\":1}}", "\xff\xfe", "{\"format\":"})
    EXPECT_EQ(problem<bool>(text), "x.json: is no JSON object: it was cut off or altered") << text;
  EXPECT_EQ(problem<bool>("{}"), "x.json: format is missing");
  EXPECT_EQ(problem<bool>(R"({"format": 2})"), "x.json: format is 2, and only 1 is known");
  EXPECT_EQ(problem<bool>(R"({"format": "1"})"), "x.json: format must be a whole number");
}

TEST(JsonFields, NamesWrongTypes) {
  EXPECT_EQ(problem<bool>(R"({"format":1})"), "x.json: key is missing");
  EXPECT_EQ(problem<bool>(R"({"format":1,"key":1})"), "x.json: key must be true or false");
  EXPECT_EQ(problem<std::string>(R"({"format":1,"key":null})"), "x.json: key must be a string");
  EXPECT_EQ(problem<double>(R"({"format":1,"key":"1"})"), "x.json: key must be a number");
  EXPECT_EQ(problem<std::int64_t>(R"({"format":1,"key":1.5})"), "x.json: key must be a whole number");
  EXPECT_EQ(problem<std::uint64_t>(R"({"format":1,"key":-1})"),
            "x.json: key must be a whole number, not below 0");
  EXPECT_EQ(problem<std::int64_t>(R"({"format":1,"key":9223372036854775808})"),
            "x.json: key must be a whole number");
  EXPECT_EQ(problem<std::int64_t>(R"({"format":1,"key":-9223372036854775808})"), "fine");
  EXPECT_EQ(problem<std::uint64_t>(R"({"format":1,"key":18446744073709551615})"), "fine");
}

TEST(JsonFields, NamesThePlaceOfInnerProblems) {
  auto fields =
      JsonFields::parse(R"({"format":1,"cells":[{"n":1},{"n":"x"}],"o":{"p":{}},"a":[1,"x"]})", "x.json");
  for (JsonFields& cell : fields->array("cells")) {
    std::int64_t n = 0;
    cell.required("n", &n);
  }
  EXPECT_EQ(fields->finish().error().what, "x.json: cells[1].n must be a whole number");
  EXPECT_EQ(fields->finish().error().kind, ErrorKind::data);
  auto again = JsonFields::parse(R"({"format":1,"o":{"p":{}}})", "x.json");
  std::string text;
  again->object("o").object("p").object("q").object("r").required("s", &text);
  EXPECT_EQ(again->finish().error().what, "x.json: o.p.q is missing");
}

TEST(JsonFields, RefusesArraysOfOtherThings) {
  auto fields = JsonFields::parse(R"({"format":1,"a":[1,"x"]})", "x.json");
  EXPECT_TRUE(fields->integers("a").empty());
  EXPECT_EQ(fields->finish().error().what, "x.json: a must be an array of whole numbers");
  fields = JsonFields::parse(R"({"format":1,"a":[1,"x"]})", "x.json");
  EXPECT_TRUE(fields->array("a").empty());
  EXPECT_FALSE(fields->finish());
  fields = JsonFields::parse(R"({"format":1,"a":{}})", "x.json");
  EXPECT_TRUE(fields->strings("a").empty());
  EXPECT_FALSE(fields->finish());
}

TEST(JsonFields, NamesAMissingFile) {
  const auto fields = read_json_file("/nowhere/run.json");
  ASSERT_FALSE(fields);
  EXPECT_EQ(fields.error().kind, ErrorKind::data);
  EXPECT_THAT(fields.error().what, HasSubstr("/nowhere/run.json: cannot be read"));
}

}  // namespace
}  // namespace loopgate
