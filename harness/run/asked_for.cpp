#include "run/asked_for.h"

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/json_reader.h"

namespace loopgate {
namespace {

constexpr std::array states = {AskedState::not_in_effect, AskedState::unknown, AskedState::not_told,
                               AskedState::known, AskedState::in_effect};

void read_state(JsonReader* row, AskedState* state) {
  std::string name;
  row->required("became", &name);
  for (const AskedState each : states) {
    if (name != name_of(each)) continue;
    *state = each;
    return;
  }
  row->refuse("became", "is no state that this version knows");
}

}  // namespace

const char* name_of(AskedState state) {
  switch (state) {
    case AskedState::in_effect:
      return "in effect";
    case AskedState::known:
      return "known";
    case AskedState::not_told:
      return "not told";
    case AskedState::unknown:
      return "unknown";
    case AskedState::not_in_effect:
      return "not in effect";
  }
  return "not told";
}

bool did_nothing(AskedState state) {
  return state == AskedState::unknown || state == AskedState::not_in_effect;
}

AskedState as_asked(bool yes) { return yes ? AskedState::in_effect : AskedState::not_in_effect; }

nlohmann::json to_json(const std::vector<AskedFor>& rows) {
  nlohmann::json all = nlohmann::json::array();
  for (const AskedFor& row : rows)
    all.push_back({{"by", row.by},
                   {"kind", row.kind},
                   {"asked", row.asked},
                   {"became", name_of(row.became)},
                   {"read_back", row.read_back}});
  return all;
}

Result<std::vector<AskedFor>> read_asked_for(const std::filesystem::path& cell_folder) {
  const std::filesystem::path path = cell_folder / "evidence.json";
  TRY(text, read_file(path, ErrorKind::data));
  return parse_asked_for(text, path.string());
}

Result<std::vector<AskedFor>> parse_asked_for(std::string_view text, const std::string& name) {
  TRY(fields, JsonReader::parse(text, name, JsonReader::file(evidence_format)));
  std::vector<AskedFor> rows;
  for (JsonReader& entry : fields.objects("asked_for")) {
    AskedFor& row = rows.emplace_back();
    entry.required("by", &row.by);
    entry.required("kind", &row.kind);
    entry.required("asked", &row.asked);
    read_state(&entry, &row.became);
    entry.required("read_back", &row.read_back);
  }
  TRY_STATUS(fields.finish());
  return rows;
}

std::vector<AskedFor> worst_first(std::vector<AskedFor> rows) {
  std::ranges::stable_sort(
      rows, {}, [](const AskedFor& row) { return std::ranges::find(states, row.became) - states.begin(); });
  return rows;
}

}  // namespace loopgate
