#include "base/json_table.h"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <utility>

#include "base/json_forms.h"

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

// One of each form, and of each kind of field that is not always there.
struct FormedRow {
  int colour = 1;
  int within = 3;
  std::chrono::milliseconds span{};
  std::filesystem::path path;
  double share = 0;
  std::uint32_t small = 0;
  std::string sparse_text;
  std::optional<std::int64_t> sparse_number;
  bool added_later = true;
  TableRow inner;

  bool operator==(const FormedRow&) const = default;
};

static constexpr std::array<std::pair<const char*, int>, 3> colours = {
    {{"red", 1}, {"green", 2}, {"blue", 3}}};

static std::string small_complaint(const FormedRow& row) {
  return row.small > 100 ? "must be at most 100" : "";
}

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

static constexpr auto fields_of(const FormedRow*) {
  return std::tuple(field("colour", &FormedRow::colour, ByName(&colours)),
                    field("within", &FormedRow::within, Within<int>{1, 5}),
                    field("span_ms", &FormedRow::span, Span<std::chrono::milliseconds>{1'000}),
                    field("path", &FormedRow::path, AsText()),
                    field("share", &FormedRow::share, NotNegative()), field("small", &FormedRow::small),
                    constraint("small", small_complaint), sparse("sparse_text", &FormedRow::sparse_text),
                    sparse("sparse_number", &FormedRow::sparse_number),
                    lenient("added_later", &FormedRow::added_later), inlined(&FormedRow::inner));
}

namespace {

using nlohmann::json;

const TableDocument whole_document = {
    "x", "known", TableRow{"a", 1}, {{"b", 2}, {"c", -3}}, {{"k", {{"n", 4}}}}, 5};

const FormedRow formed = {3, 5, std::chrono::milliseconds(7), "/a b", 0.5, 9, "x", 0, false, {"n", 1}};

template <class T = TableDocument>
std::string problem(const json& document) {
  T read;
  const Status done = read_object(JsonReader::parse(document.dump(), "x", JsonReader::line).value(), &read);
  return done ? "none" : done.error().what;
}

TEST(JsonTable, ReadsBackWhatItWrites) {
  for (const TableDocument& document : {whole_document, TableDocument()}) {
    TableDocument read;
    const auto text = write_object<json>(document).dump();
    ASSERT_TRUE(read_object(JsonReader::parse(text, "x", JsonReader::line).value(), &read)) << text;
    EXPECT_EQ(read, document) << text;
  }
}

TEST(JsonTable, WritesEachKeyInItsForm) {
  EXPECT_EQ(write_object<json>(whole_document),
            json::parse(R"({"text":"x","unknown":"known","row":{"name":"a","value":1},
      "rows":[{"name":"b","value":2},{"name":"c","value":-3}],"entries":{"k":{"n":4}},
      "group":{"inner":5,"doubled":10}})"));
  EXPECT_EQ(write_object<json>(TableDocument()),
            json::parse(R"({"text":"","unknown":null,"row":null,"rows":[],
      "entries":{},"group":{"inner":0,"doubled":0}})"));
}

TEST(JsonTable, RefusesWhatIsMissingUnknownWrongOrContradicts) {
  const json good = write_object<json>(whole_document);
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

TEST(JsonTable, FormsReadBackWhatTheyWrite) {
  for (const FormedRow& row : {formed, FormedRow()}) {
    FormedRow read;
    const auto text = write_object<json>(row).dump();
    ASSERT_TRUE(read_object(JsonReader::parse(text, "x", JsonReader::line).value(), &read)) << text;
    EXPECT_EQ(read, row) << text;
  }
  EXPECT_EQ(write_object<json>(formed),
            json::parse(R"({"colour":"blue","within":5,"span_ms":7,"path":"/a b","share":0.5,"small":9,
      "sparse_text":"x","sparse_number":0,"added_later":false,"name":"n","value":1})"));
  EXPECT_EQ(write_object<json>(FormedRow()),
            json::parse(R"({"colour":"red","within":3,"span_ms":0,"path":"","share":0.0,"small":0,
      "added_later":true,"name":"","value":0})"));
}

TEST(JsonTable, FormsRefuseWhatIsNone) {
  const auto with = [](const char* key, const json& value) {
    json changed = write_object<json>(formed);
    changed[key] = value;
    return problem<FormedRow>(changed);
  };
  EXPECT_EQ(with("colour", "pink"), "x: colour must be red, green or blue");
  EXPECT_EQ(with("within", 6), "x: within must be from 1 to 5");
  EXPECT_EQ(with("within", 0), "x: within must be from 1 to 5");
  EXPECT_EQ(with("span_ms", 1'001), "x: span_ms must be from 0 to 1000");
  EXPECT_EQ(with("span_ms", -1), "x: span_ms must be from 0 to 1000");
  EXPECT_EQ(with("path", 1), "x: path must be a string");
  EXPECT_EQ(with("share", -0.1), "x: share must not be negative");
  EXPECT_EQ(with("small", 101), "x: small must be at most 100");
  EXPECT_EQ(with("small", UINT64_MAX), "x: small is out of bounds");
  EXPECT_EQ(with("sparse_number", "1"), "x: sparse_number must be a whole number");
  json without = write_object<json>(formed);
  for (const char* key : {"sparse_text", "sparse_number", "added_later"}) without.erase(key);
  EXPECT_EQ(problem<FormedRow>(without), "none");
  without.erase("value");
  EXPECT_EQ(problem<FormedRow>(without), "x: value is missing");
}

}  // namespace
}  // namespace loopgate
