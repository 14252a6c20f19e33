#include "base/json_table.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

namespace loopgate {

struct TableRow {
  std::string name;
  std::int64_t value = 0;

  bool operator==(const TableRow&) const = default;
};

struct TableDocument {
  std::string text;
  std::string unknown;
  std::optional<TableRow> row;
  std::vector<TableRow> rows;
  std::map<std::string, std::map<std::string, std::int64_t>> entries;
  std::int64_t inner = 0;

  bool operator==(const TableDocument&) const = default;
};

static constexpr auto fields_of(const TableRow*) {
  return std::tuple(field("name", &TableRow::name), field("value", &TableRow::value));
}

static std::int64_t doubled(const TableDocument& document) { return 2 * document.inner; }

static constexpr auto fields_of(const TableDocument*) {
  return std::tuple(field("text", &TableDocument::text),
                    field("unknown", &TableDocument::unknown, NullWhereEmpty()),
                    field("row", &TableDocument::row), field("rows", &TableDocument::rows),
                    field("entries", &TableDocument::entries),
                    group("group", field("inner", &TableDocument::inner),
                          derived("doubled", &doubled, "contradicts inner")));
}

namespace {

using nlohmann::json;

const TableDocument whole = {"x", "known", TableRow{"a", 1}, {{"b", 2}, {"c", -3}}, {{"k", {{"n", 4}}}}, 5};

std::string problem(const json& document) {
  TableDocument read;
  const Status done = read_object(JsonReader::parse(document.dump(), "x", JsonReader::line).value(), &read);
  return done ? "none" : done.error().what;
}

TEST(JsonTable, ReadsBackWhatItWrites) {
  for (const TableDocument& document : {whole, TableDocument()}) {
    TableDocument read;
    const auto text = write_object<json>(document).dump();
    ASSERT_TRUE(read_object(JsonReader::parse(text, "x", JsonReader::line).value(), &read)) << text;
    EXPECT_EQ(read, document) << text;
  }
}

TEST(JsonTable, WritesEachKeyInItsForm) {
  EXPECT_EQ(write_object<json>(whole),
            json::parse(R"({"text":"x","unknown":"known","row":{"name":"a","value":1},
      "rows":[{"name":"b","value":2},{"name":"c","value":-3}],"entries":{"k":{"n":4}},
      "group":{"inner":5,"doubled":10}})"));
  EXPECT_EQ(write_object<json>(TableDocument()),
            json::parse(R"({"text":"","unknown":null,"row":null,"rows":[],
      "entries":{},"group":{"inner":0,"doubled":0}})"));
}

TEST(JsonTable, RefusesWhatIsMissingUnknownWrongOrContradicts) {
  const json good = write_object<json>(whole);
  for (const auto& [key, value] : good.items()) {
    json without = good;
    without.erase(key);
    EXPECT_EQ(problem(without), "x: " + key + " is missing");
  }
  const auto with = [&](const char* pointer, const json& value) {
    json changed = good;
    changed[json::json_pointer(pointer)] = value;
    return problem(changed);
  };
  EXPECT_EQ(with("/more", 1), "x: more is an unknown key");
  EXPECT_EQ(with("/rows/1/more", 1), "x: rows[1].more is an unknown key");
  EXPECT_EQ(with("/row/value", "1"), "x: row.value must be a whole number");
  EXPECT_EQ(with("/entries/k/n", "1"), "x: entries.k.n must be a whole number");
  EXPECT_EQ(with("/group/doubled", 11), "x: group.doubled contradicts inner");
}

}  // namespace
}  // namespace loopgate
