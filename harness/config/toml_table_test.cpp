#include "config/toml_table.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"

namespace loopgate::toml_table_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TomlReader reader_of(const std::string& text) {
  return TomlReader(TomlTable::parse_text(text, "x.toml").value());
}

std::string problem_of(TomlReader* reader) {
  const Status done = reader->finish();
  if (done) return "accepted";
  EXPECT_EQ(done.error().kind, ErrorKind::usage);
  return done.error().what;
}

TEST(Toml, ReadsEveryType) {
  TomlReader reader =
      reader_of("s = \"x\"\ni = -3\nd = 1.5\nb = true\nwords = [\"a\", \"b\"]\nnumbers = [1, 2]\n");
  std::string text;
  std::int64_t whole = 0;
  double number = 0;
  bool truth = false;
  std::vector<std::string> words;
  std::vector<std::int64_t> numbers;
  reader.required("s", &text);
  reader.required("i", &whole);
  reader.required("d", &number);
  reader.required("b", &truth);
  reader.required("words", &words);
  reader.required("numbers", &numbers);
  ASSERT_EQ(problem_of(&reader), "accepted");
  EXPECT_EQ(text, "x");
  EXPECT_EQ(whole, -3);
  EXPECT_EQ(number, 1.5);
  EXPECT_TRUE(truth);
  EXPECT_THAT(words, ElementsAre("a", "b"));
  EXPECT_THAT(numbers, ElementsAre(1, 2));
}

TEST(Toml, AWholeNumberIsANumberToo) {
  TomlReader reader = reader_of("d = 2");
  double number = 0;
  reader.required("d", &number);
  EXPECT_EQ(problem_of(&reader), "accepted");
  EXPECT_EQ(number, 2.0);
}

TEST(Toml, EveryMissingKeyIsNamedAtOnce) {
  std::string text;
  TomlReader two = reader_of("b = \"\"");
  for (const char* key : {"a", "b", "c"}) two.required(key, &text);
  EXPECT_EQ(problem_of(&two), "x.toml: a is missing, and so is c");
  TomlReader three = reader_of("");
  for (const char* key : {"a", "b", "c"}) three.required(key, &text);
  EXPECT_EQ(problem_of(&three), "x.toml: a is missing, and so are b, c");
}

TEST(Toml, OptionalKeepsTheDefault) {
  TomlReader reader = reader_of("");
  std::int64_t value = 7;
  EXPECT_FALSE(reader.optional("absent", &value));
  EXPECT_EQ(value, 7);
  EXPECT_FALSE(reader.has("absent"));
  EXPECT_EQ(problem_of(&reader), "accepted");
}

TEST(Toml, RefusesWrongTypesWithFileLineAndKey) {
  const auto refused = [](const std::string& text, auto value) {
    TomlReader reader = reader_of(text);
    reader.required("key", &value);
    return problem_of(&reader);
  };
  EXPECT_EQ(refused("\nkey = 1", std::string()), "x.toml:2: key must be a string");
  EXPECT_EQ(refused("key = 1.0", std::int64_t{}), "x.toml:1: key must be a whole number");
  EXPECT_EQ(refused("key = \"1\"", std::int64_t{}), "x.toml:1: key must be a whole number");
  EXPECT_EQ(refused("key = \"1\"", double{}), "x.toml:1: key must be a number");
  EXPECT_EQ(refused("key = 1", bool{}), "x.toml:1: key must be true or false");
  EXPECT_EQ(refused("key = \"x\"", std::vector<std::string>()), "x.toml:1: key must be an array");
  EXPECT_EQ(refused("key = [\"x\", 1]", std::vector<std::string>()), "x.toml:1: key must be an array");
  EXPECT_EQ(refused("key = [1, 2.5]", std::vector<std::int64_t>()), "x.toml:1: key must be an array");
  EXPECT_EQ(refused("other = 1", std::string()), "x.toml:1: other is an unknown key");
  EXPECT_EQ(refused("", std::string()), "x.toml: key is missing");
}

TEST(Toml, SaysWhatARenamedKeyIsCalledNow) {
  const auto refused = [](const std::string& text) {
    TomlReader reader = reader_of(text);
    std::int64_t value = 0;
    reader.renamed("limit", "max");
    reader.required("max", &value);
    return problem_of(&reader);
  };
  EXPECT_EQ(refused("\nlimit = 1"), "x.toml:2: limit is now called max");
  EXPECT_EQ(refused("max = 1"), "accepted");
  EXPECT_EQ(refused("limits = 1"), "x.toml:1: limits is an unknown key");
}

TEST(Toml, RefusesUnknownKeysAtEveryDepth) {
  TomlReader top = reader_of("a = 1\nb = 2\n");
  std::int64_t value = 0;
  top.required("a", &value);
  EXPECT_EQ(problem_of(&top), "x.toml:2: b is an unknown key");

  TomlReader outer = reader_of("[schedule]\nhour = 1\n");
  TomlReader inner(outer.required_table("schedule"));
  EXPECT_EQ(problem_of(&outer), "accepted");
  EXPECT_EQ(problem_of(&inner), "x.toml:2: schedule.hour is an unknown key");
}

TEST(Toml, ReadsTablesOfTables) {
  TomlReader reader = reader_of("[[part]]\nname = \"a\"\n[[part]]\nnam = \"b\"\n");
  const auto parts = reader.tables("part");
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(problem_of(&reader), "accepted");
  std::string name;
  TomlReader first(parts[0]);
  first.required("name", &name);
  EXPECT_EQ(problem_of(&first), "accepted");
  EXPECT_EQ(name, "a");
  TomlReader second(parts[1]);
  second.required("name", &name);
  EXPECT_EQ(problem_of(&second), "x.toml:4: part[1].nam is an unknown key");
}

TEST(Toml, RefusesWhatIsNoTable) {
  for (const char* text : {"part = 3", "part = [1]", "part = [{}, 1]", "[part]\nx = 1"}) {
    TomlReader reader = reader_of(text);
    reader.tables("part");
    EXPECT_THAT(problem_of(&reader), HasSubstr("x.toml:1: part must be an array of tables ([[part]])"))
        << text;
  }
  TomlReader single = reader_of("source = 3");
  single.required_table("source");
  EXPECT_EQ(problem_of(&single), "x.toml:1: source must be a table");
  TomlReader missing = reader_of("");
  missing.required_table("source");
  EXPECT_EQ(problem_of(&missing), "x.toml: source is missing");
  bool present = true;
  TomlReader optional = reader_of("");
  optional.table("source", &present);
  EXPECT_FALSE(present);
  EXPECT_EQ(problem_of(&optional), "accepted");
}

TEST(Toml, TellsTheFirstProblemOnly) {
  TomlReader reader = reader_of("a = 1\nb = 1\n");
  std::string text;
  std::int64_t number = 0;
  reader.required("a", &text);
  reader.required("b", &number);
  reader.refuse("b", "is odd");
  EXPECT_EQ(problem_of(&reader), "x.toml:1: a must be a string");
}

TEST(Toml, TablesOutliveTheirReader) {
  TomlTable inner;
  {
    TomlReader reader = reader_of("[a]\nb = 1");
    inner = reader.required_table("a");
  }
  std::int64_t value = 0;
  TomlReader reader(inner);
  reader.required("b", &value);
  EXPECT_EQ(value, 1);
  EXPECT_THAT(reader.keys(), ElementsAre("b"));
}

TEST(Toml, RefusesWhatIsNoToml) {
  for (const char* text : {"title = ", "a = 1\na = 2", "[a\n", "a = \"cut of"}) {
    const auto table = TomlTable::parse_text(text, "x.toml");
    ASSERT_FALSE(table) << text;
    EXPECT_EQ(table.error().kind, ErrorKind::usage);
    EXPECT_THAT(table.error().what, ::testing::MatchesRegex("x\\.toml:[12]: is no valid TOML: .+")) << text;
  }
}

TEST(Toml, RefusesAMissingFile) {
  const TempFolder folder;
  const auto table = TomlTable::parse_file(folder.path() / "absent.toml");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().kind, ErrorKind::usage);
  EXPECT_THAT(table.error().what, HasSubstr("absent.toml: cannot be read"));
}

}  // namespace
}  // namespace loopgate::toml_table_test
