#include "record/amendments.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/cannot_write.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json_reader.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* amendments_file = "amendments.jsonl";

Result<Amendment> parse_line(std::string_view line, const std::string& name) {
  TRY(fields, JsonReader::parse(line, name, JsonReader::file()));
  Amendment amendment;
  std::string outcome;
  fields.required("cell", &amendment.cell);
  fields.required("outcome_sha256", &amendment.outcome_sha256);
  fields.required("found_by", &amendment.found_by);
  fields.required("outcome", &outcome);
  if (outcome != name_of(OutcomeKind::invalid)) fields.refuse("outcome", "must be invalid");
  fields.required("reason", &amendment.reason);
  fields.required("next_step", &amendment.next_step);
  TRY_STATUS(fields.finish());
  return amendment;
}

Status append(const fs::path& path, const std::string& line) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return cannot_write(path, errno);
  // One call, so that a line is there whole or is seen to be cut off: its end comes last.
  const ssize_t written = ::write(file, line.data(), line.size());
  const bool cut_off = written >= 0 && written != static_cast<ssize_t>(line.size());
  const bool whole = written >= 0 && !cut_off && ::fsync(file) == 0;
  const int write_error = cut_off ? ENOSPC : errno;
  ::close(file);
  return whole ? Status() : cannot_write(path, write_error);
}

}  // namespace

std::string to_json(const Amendment& amendment) {
  const Json line = {{"format", 1},
                     {"cell", amendment.cell},
                     {"outcome_sha256", amendment.outcome_sha256},
                     {"found_by", amendment.found_by},
                     {"outcome", name_of(OutcomeKind::invalid)},
                     {"reason", amendment.reason},
                     {"next_step", amendment.next_step}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<std::vector<Amendment>> parse_amendments(std::string_view text, const std::string& name) {
  std::vector<Amendment> amendments;
  while (!text.empty()) {
    const std::string where = fmt::format("{}, line {}", name, amendments.size() + 1);
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return fail(ErrorKind::data, where + ": was cut off");
    TRY(amendment, parse_line(text.substr(0, end), where));
    amendments.push_back(std::move(amendment));
    text.remove_prefix(end + 1);
  }
  return amendments;
}

Status amend_outcome(const fs::path& cell_folder, const std::string& found_by, const std::string& reason,
                     const std::string& next_step) {
  const fs::path path = cell_folder / "outcome.json";
  TRY(text, read_file(path, ErrorKind::data));
  TRY(outcome, parse_outcome(text, path.string()));
  const Amendment amendment = {outcome.cell, sha256_of(text), found_by, reason, next_step};
  return append(cell_folder / amendments_file, to_json(amendment) + "\n");
}

Status apply_amendments(const fs::path& cell_folder, std::string_view outcome_text, Outcome* outcome) {
  const fs::path path = cell_folder / amendments_file;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  TRY(text, read_file(path, ErrorKind::data));
  TRY(amendments, parse_amendments(text, path.string()));
  const std::string sha256 = sha256_of(outcome_text);
  for (const Amendment& amendment : amendments) {
    if (amendment.cell != outcome->cell || amendment.outcome_sha256 != sha256)
      return fail(ErrorKind::data,
                  fmt::format("{}: is about another outcome.json than the one beside it", path.string()),
                  "measure this cell again: remove its folder and run with --resume");
    outcome->kind = OutcomeKind::invalid;
    outcome->reason = amendment.reason;
    outcome->next_step = amendment.next_step;
  }
  return {};
}

}  // namespace loopgate
