#include "record/run_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "record/run_record_json.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

using Json = nlohmann::ordered_json;

constexpr const char* run_file = "run.json";

// All but the circumstances.
Json plan_of(const RunRecord& run) {
  Json document = document_of(run);
  document.erase("circumstances");
  return document;
}

// A file's text would fill the screen: its digest differs as well, and stands before it.
std::string value_text(const Json& value) {
  if (value.is_null()) return "missing";
  if (value.is_object() && value.value("name", Json()).is_string())
    return value.at("name").get<std::string>();
  if (value.is_structured()) return "given";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Of an entry of a list: its name, where both have the same.
std::string place_text(std::size_t index, const Json& a, const Json& b) {
  const auto name = [](const Json& entry) {
    return entry.is_object() ? entry.value("name", Json()) : Json();
  };
  return name(a).is_string() && name(a) == name(b) ? name(a).get<std::string>() : std::to_string(index);
}

// Of two values that differ, where the first difference in them is.
std::string difference_at(const std::string& path, const Json& a, const Json& b) {
  const Json nothing;
  const auto part = [&](const Json& whole, const auto& key, bool is_there) -> const Json& {
    return is_there ? whole.at(key) : nothing;
  };
  if (a.is_object() && b.is_object())
    for (const Json* document : {&a, &b})
      for (const auto& [key, value] : document->items()) {
        const Json& here = part(a, key, a.contains(key));
        const Json& there = part(b, key, b.contains(key));
        if (here != there) return difference_at(fmt::format("{}.{}", path, key), here, there);
      }
  if (a.is_array() && b.is_array())
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      const Json& here = part(a, i, i < a.size());
      const Json& there = part(b, i, i < b.size());
      if (here != there)
        return difference_at(fmt::format("{}[{}]", path, place_text(i, here, there)), here, there);
    }
  return fmt::format("{} is {} in one and {} in the other", path, value_text(a), value_text(b));
}

}  // namespace

std::string Shard::text() const { return fmt::format("shard {} of {}", index, count); }

const std::string& RunRecord::started(const DescribedCell& cell) const {
  for (const MergedShard& each : circumstances.shards)
    if (std::ranges::find(each.cells, cell.name) != each.cells.end()) return each.started;
  return circumstances.started;
}

std::optional<TimeBase> time_base_named(const std::string& name) {
  for (const auto& [known, base] : time_bases)
    if (name == known) return base;
  return std::nullopt;
}

std::optional<std::int64_t> RunRecord::icount_shift() const {
  const auto* qemu = std::get_if<QemuMachineRecord>(&machine);
  return qemu != nullptr ? std::optional(qemu->icount_shift) : std::nullopt;
}

Provenance provenance_of(const RunRecord& run) {
  Provenance provenance;
  if (const auto* qemu = std::get_if<QemuMachineRecord>(&run.machine)) {
    provenance.qemu = qemu->version;
    provenance.instrument_sha256 = qemu->instrument_sha256;
  }
  if (run.target) {
    provenance.base_sha256 = run.target->base_sha256;
    provenance.programs_sha256 = run.target->programs_sha256;
  }
  provenance.commit = run.circumstances.commit;
  if (run.is_capture()) return provenance;
  auto& files = provenance.payload_files.emplace();
  for (const PayloadInput& file : run.payload_files) files.push_back({file.key, file.sha256});
  return provenance;
}

tl::unexpected<Error> is_no_run(const fs::path& folder) {
  const auto has = [&](const char* name) {
    std::error_code ignored;
    return fs::exists(folder / name, ignored);
  };
  const std::string runs = fmt::format("its runs are {}/runs/NAME/run", folder.string());
  if (has("acceptance.json"))
    return fail(ErrorKind::usage, fmt::format("{} is an acceptance, and no run", folder.string()), runs);
  if (has("begun.json"))
    return fail(ErrorKind::usage, fmt::format("{} is an acceptance that is not through", folder.string()),
                "go on with the line that began it and --resume; " + runs);
  if (has("imported.json") || has("latmon.json"))
    return fail(ErrorKind::usage, fmt::format("{} is a measurement in bounds, and no run", folder.string()),
                "stats, gate and report take it");
  return fail(ErrorKind::usage, fmt::format("{} is no run: it has no run.json", folder.string()),
              "name the folder that `loopgate run … --out FOLDER` made");
}

Result<RunRecord> read_run_record(const fs::path& run_folder) {
  const fs::path path = run_folder / run_file;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return is_no_run(run_folder);
  TRY(text, read_file(path, ErrorKind::data));
  return parse_run_record(text, path.string());
}

Status write_run_record(const fs::path& run_folder, const RunRecord& run) {
  return write_file_atomically(run_folder / run_file, to_json(run));
}

std::string to_json(const RunRecord& run) {
  return document_of(run).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string first_difference(const RunRecord& one, const RunRecord& other) {
  const Json a = plan_of(one);
  const Json b = plan_of(other);
  const auto differs = [&](const std::string& key) { return a.value(key, Json()) != b.value(key, Json()); };
  for (const Json* document : {&a, &b})  // a key may be in one of them alone
    for (const auto& [key, value] : document->items())
      if (differs(key)) return key;
  return {};
}

std::string first_difference_text(const RunRecord& one, const RunRecord& other) {
  const std::string key = first_difference(one, other);
  if (key.empty()) return {};
  return difference_at(key, plan_of(one).value(key, Json()), plan_of(other).value(key, Json()));
}

}  // namespace loopgate
