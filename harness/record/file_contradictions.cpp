#include "record/file_contradictions.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json.h"
#include "record/artifacts.h"
#include "record/console.h"

namespace loopgate {
namespace {

using nlohmann::json;

// Each row of these did hold, or the cell is INVALID (run/judge.cpp, run/evidence.cpp).
constexpr const char* row_keys[] = {"checks", "checks_end", "tuning", "tuning_end", "payload_checks", "load"};

bool is(const json& object, const char* key, bool value) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>() == value;
}

std::string name_in(const json& row) {
  for (const char* key : {"name", "what", "part"})
    if (const auto found = row.find(key); found != row.end() && found->is_string())
      return found->get<std::string>();
  return "one without a name";
}

std::string failed_row(const json& document) {
  for (const char* key : row_keys) {
    const auto rows = document.find(key);
    if (rows == document.end() || !rows->is_array()) continue;
    for (const json& row : *rows)
      if (row.is_object() && (is(row, "passed", false) || is(row, "ok", false)))
        return fmt::format("in its {} \"{}\" did not hold", key, name_in(row));
  }
  return {};
}

}  // namespace

std::string failed_in_evidence(const std::string& text) {
  const json document = parse_json(text);
  if (!document.is_object()) return {};
  if (std::string failed = failed_row(document); !failed.empty()) return failed;
  if (const auto payload = document.find("payload"); payload != document.end() && payload->is_object())
    if (is(*payload, "degraded", true)) return "its payload ran degraded";
  const auto report = document.find("report");
  if (report == document.end() || !report->is_object()) return {};
  if (const auto failure = report->find("failure"); failure != report->end() && !failure->is_null())
    return "the agent failed";
  return failed_row(*report);
}

std::string contradiction_of_files(const std::filesystem::path& cell_folder, const Outcome& outcome) {
  if (outcome.kind != OutcomeKind::measured) return {};
  if (!outcome.sha256_of(evidence_artifact).empty()) {
    const auto text = read_file(cell_folder / evidence_artifact.name);
    const std::string failed = text ? failed_in_evidence(*text) : std::string();
    if (!failed.empty()) return fmt::format("it is measured, and by {} {}", evidence_artifact.name, failed);
  }
  const ConsoleFinding finding = read_console(read_file(cell_folder / console_artifact.name).value_or(""));
  if (!finding.kernel_failed) return {};
  return fmt::format("it is measured, and by {} {}", console_artifact.name, finding.what);
}

}  // namespace loopgate
