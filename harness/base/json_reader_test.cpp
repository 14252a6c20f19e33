#include "base/json_reader.h"

#include <gmock/gmock.h>

namespace loopgate::json_reader_test {
namespace {

using ::testing::ElementsAre;

JsonReader reader_of(const std::string& text, const JsonReader::Rules& rules = JsonReader::line) {
  return JsonReader::parse(text, "job", rules).value();
}

template <class T>
std::string problem(const std::string& text) {
  JsonReader reader = reader_of(text);
  T value{};
  reader.required("key", &value);
  const Status done = reader.finish();
  return done ? "none" : done.error().what;
}

TEST(JsonReader, RefusesWhatIsNoObject) {
  for (const char* text : {"", "{", "[]", "null", "\"x\"", "{\"a\":1}}", "\xff\xfe", "{\"a\":"}) {
    const auto reader = JsonReader::parse(text, "job", JsonReader::line);
    ASSERT_FALSE(reader) << text;
    EXPECT_EQ(reader.error().kind, ErrorKind::data);
    EXPECT_EQ(reader.error().what, "job: is no JSON object: it was cut off or altered");
  }
}

TEST(JsonReader, KnowsOneFormat) {
  EXPECT_EQ(JsonReader::parse("{}", "x.json", JsonReader::file()).error().what, "x.json: format is missing");
  EXPECT_EQ(JsonReader::parse(R"({"format":2})", "job", JsonReader::message).error().what,
            "job: format is 2, and only 1 is known");
  EXPECT_EQ(JsonReader::parse(R"({"format":"1"})", "job", JsonReader::message).error().what,
            "job: format must be a whole number");
  EXPECT_TRUE(JsonReader::parse(R"({"format":1})", "job", JsonReader::message)->finish());
}

TEST(JsonReader, RefusesAFileOfAnEarlierFormatByTheVersionThatWroteIt) {
  const auto refusal = [](const std::string& text) {
    return JsonReader::parse(text, "x.json", JsonReader::file(3)).error();
  };
  EXPECT_EQ(refusal(R"({"format":1})").what,
            "x.json: format is 1: an earlier loopgate wrote it, and this version reads format 3");
  EXPECT_EQ(refusal(R"({"format":2,"loopgate":"0.1.0"})").what,
            "x.json: format is 2: loopgate 0.1.0 wrote it, and this version reads format 3");
  EXPECT_EQ(refusal(R"({"format":2})").next_step, "measure again, or read it with that version");
  EXPECT_EQ(refusal(R"({"format":4})").what, "x.json: format is 4, and only 3 is known");
  EXPECT_EQ(refusal(R"({"format":"2"})").what, "x.json: format must be a whole number");
  EXPECT_TRUE(JsonReader::parse(R"({"format":3})", "x.json", JsonReader::file(3))->finish());
}

TEST(JsonReader, NullableIsThereOrNull) {
  JsonReader reader = reader_of(R"({"null":null,"here":"x"})");
  std::string null = "kept", here;
  reader.nullable("null", &null);
  reader.nullable("here", &here);
  EXPECT_TRUE(reader.finish());
  EXPECT_EQ(null, "kept");
  EXPECT_EQ(here, "x");
  JsonReader number = reader_of(R"({"number":1})");
  number.nullable("number", &here);
  EXPECT_EQ(number.finish().error().what, "job: number must be a string");
  JsonReader absent = reader_of("{}");
  absent.nullable("key", &null);
  EXPECT_EQ(absent.finish().error().what, "job: key is missing");
}

TEST(JsonReader, NamesMissingKeysAndWrongTypes) {
  EXPECT_EQ(problem<bool>("{}"), "job: key is missing");
  EXPECT_EQ(problem<bool>(R"({"key":1})"), "job: key must be true or false");
  EXPECT_EQ(problem<std::string>(R"({"key":null})"), "job: key must be a string");
  EXPECT_EQ(problem<double>(R"({"key":"1"})"), "job: key must be a number");
  EXPECT_EQ(problem<std::int64_t>(R"({"key":1.5})"), "job: key must be a whole number");
  EXPECT_EQ(problem<std::int64_t>(R"({"key":9223372036854775808})"), "job: key must be a whole number");
  EXPECT_EQ(problem<std::int64_t>(R"({"key":-9223372036854775808})"), "none");
  EXPECT_EQ(problem<std::uint64_t>(R"({"key":-1})"), "job: key must be a whole number, not below 0");
  EXPECT_EQ(problem<std::uint64_t>(R"({"key":18446744073709551615})"), "none");
  EXPECT_EQ(problem<int>(R"({"key":2147483648})"), "job: key is out of bounds");
  EXPECT_EQ(problem<int>(R"({"key":-2147483648})"), "none");
  EXPECT_EQ(problem<std::vector<std::string>>(R"({"key":["a",1]})"), "job: key must be an array of strings");
  EXPECT_EQ(problem<std::vector<std::int64_t>>(R"({"key":{}})"),
            "job: key must be an array of whole numbers");
}

TEST(JsonReader, GivesTheValues) {
  JsonReader reader = reader_of(R"({"s":"x","b":true,"d":2,"i":-3,"u":4,"strings":["a","b"],"numbers":[1,-1],
      "any":{"z":[1, null]},"nothing":null})");
  std::string s, any, nothing;
  bool b = false;
  double d = 0;
  std::int64_t i = 0;
  std::uint64_t u = 0;
  std::vector<std::string> strings = {"kept until it is read"};
  std::vector<std::int64_t> numbers;
  reader.required("s", &s);
  reader.required("b", &b);
  reader.required("d", &d);
  reader.required("i", &i);
  reader.required("u", &u);
  reader.required("strings", &strings);
  reader.required("numbers", &numbers);
  reader.required_json("any", &any);
  reader.required_json("nothing", &nothing);
  EXPECT_TRUE(reader.finish());
  EXPECT_EQ(s, "x");
  EXPECT_TRUE(b);
  EXPECT_EQ(d, 2.0);
  EXPECT_EQ(i, -3);
  EXPECT_EQ(u, 4U);
  EXPECT_THAT(strings, ElementsAre("a", "b"));
  EXPECT_THAT(numbers, ElementsAre(1, -1));
  EXPECT_EQ(any, R"({"z":[1,null]})");
  EXPECT_EQ(nothing, "null");
}

TEST(JsonReader, KeepsTheDefaultOfWhatIsAbsentOrNull) {
  JsonReader reader = reader_of(R"({"null":null,"here":7})");
  std::int64_t absent = 1, null = 2, here = 3;
  reader.optional("absent", &absent);
  reader.optional("null", &null);
  reader.optional("here", &here);
  EXPECT_TRUE(reader.finish());
  EXPECT_EQ(absent, 1);
  EXPECT_EQ(null, 2);
  EXPECT_EQ(here, 7);
}

TEST(JsonReader, TellsNullFromAbsent) {
  JsonReader reader = reader_of(R"({"null":null,"here":7})");
  EXPECT_TRUE(reader.has("here"));
  EXPECT_FALSE(reader.has("null"));
  EXPECT_FALSE(reader.has("absent"));
  EXPECT_TRUE(reader.has_value("here"));
  EXPECT_FALSE(reader.has_value("null"));
  EXPECT_TRUE(reader.finish());
  EXPECT_FALSE(reader.has_value("absent"));
  EXPECT_EQ(reader.finish().error().what, "job: absent is missing");
}

TEST(JsonReader, NamesTheWayToAnInnerProblemAndOnlyTheFirst) {
  JsonReader reader = reader_of(R"({"cells":[{"n":1},{"n":"x"}],"o":{"p":{}}})");
  for (JsonReader& cell : reader.objects("cells")) {
    std::int64_t n = 0;
    cell.required("n", &n);
  }
  std::string text;
  reader.object("o").object("p").object("q").object("r").required("s", &text);
  EXPECT_EQ(reader.finish().error().what, "job: cells[1].n must be a whole number");
  JsonReader again = reader_of(R"({"o":{"p":{}},"a":[1]})");
  again.object("o").object("p").object("q").object("r").required("s", &text);
  EXPECT_TRUE(again.objects("a").empty());
  EXPECT_EQ(again.finish().error().what, "job: o.p.q is missing");
}

TEST(JsonReader, RefusesArraysOfOtherThings) {
  JsonReader reader = reader_of(R"({"a":[{},"x"]})");
  EXPECT_TRUE(reader.objects("a").empty());
  EXPECT_EQ(reader.finish().error().what, "job: a must be an array of objects");
}

TEST(JsonReader, RefusesUnknownKeysOfAMessageAndNotOfAFile) {
  const std::string text = R"({"format":1,"o":{"known":1,"more":2}})";
  for (const bool is_file : {false, true}) {
    JsonReader reader = reader_of(text, is_file ? JsonReader::file() : JsonReader::message);
    JsonReader inner = reader.object("o");
    int known = 0;
    inner.required("known", &known);
    EXPECT_EQ(inner.finish().has_value(), is_file);
    const Status done = reader.finish();
    EXPECT_EQ(done.has_value(), is_file);
    EXPECT_EQ(done ? "" : done.error().what, is_file ? "" : "job: o.more is an unknown key");
  }
}

TEST(JsonReader, KeepsTheCallersProblem) {
  JsonReader reader = reader_of(R"({"format":1})", JsonReader::file());
  reader.refuse("seed", "must be above 0");
  const Status done = reader.finish();
  EXPECT_EQ(done.error().what, "job: seed must be above 0");
  EXPECT_EQ(done.error().next_step, "the file was altered or damaged: measure again");
}

TEST(JsonReader, OutlivesTheTextAndTheReadersAboveIt) {
  std::vector<JsonReader> inner;
  {
    const std::string text = R"({"a":[{"s":"kept"}]})";
    inner = reader_of(text).objects("a");
  }
  std::string s;
  inner.front().required("s", &s);
  EXPECT_EQ(s, "kept");
}

}  // namespace
}  // namespace loopgate::json_reader_test
