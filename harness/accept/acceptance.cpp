#include "accept/acceptance.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/json_reader.h"
#include "base/utc_time.h"

namespace loopgate {
namespace {

using nlohmann::json;

json json_of_attempt(const Attempt& attempt) {
  json again = json::array();
  for (const MeasuredAgain& each : attempt.measured_again)
    again.push_back({{"run", each.run}, {"cell", each.cell}, {"reason", each.reason}});
  return {{"begun", attempt.begun}, {"ended", attempt.ended}, {"measured_again", std::move(again)}};
}

void read_time(JsonReader* reader, const char* key, bool must, std::string* out) {
  reader->required(key, out);
  if ((must || !out->empty()) && !unix_seconds(*out)) reader->refuse(key, "is no time in UTC");
}

void read_told(JsonReader* reader, Told* told) {
  JsonReader object = reader->object("told");
  object.required("customer", &told->customer);
  object.required("site", &told->site);
  object.required("tester", &told->tester);
  object.required("serial", &told->serial);
  object.required("firmware", &told->firmware);
}

void read_plan(JsonReader* reader, AcceptanceRecord* record) {
  JsonReader plan = reader->object("plan");
  std::string digest;
  plan.required("file", &record->plan_file);
  plan.required("sha256", &digest);
  plan.required("toml", &record->plan_toml);
  if (digest != sha256_of(record->plan_toml)) plan.refuse("sha256", "is not that of the plan's text");
}

void read_predecessor(JsonReader* reader, AcceptanceRecord* record) {
  if (!reader->has_value("predecessor")) return;
  JsonReader object = reader->object("predecessor");
  Predecessor& predecessor = record->predecessor.emplace();
  object.required("id", &predecessor.id);
  object.required("sha256", &predecessor.sha256);
  read_time(&object, "ended", true, &predecessor.ended);
}

void read_attempts(JsonReader* reader, std::vector<Attempt>* attempts) {
  for (JsonReader& entry : reader->objects("attempts")) {
    Attempt& attempt = attempts->emplace_back();
    read_time(&entry, "begun", true, &attempt.begun);
    read_time(&entry, "ended", false, &attempt.ended);
    for (JsonReader& cell : entry.objects("measured_again")) {
      MeasuredAgain& again = attempt.measured_again.emplace_back();
      cell.required("run", &again.run);
      cell.required("cell", &again.cell);
      cell.required("reason", &again.reason);
    }
  }
  if (attempts->empty()) reader->refuse("attempts", "must have at least one");
}

}  // namespace

json json_of(const AcceptanceRecord& record) {
  json attempts = json::array();
  for (const Attempt& each : record.attempts) attempts.push_back(json_of_attempt(each));
  json predecessor;
  if (record.predecessor)
    predecessor = {{"id", record.predecessor->id},
                   {"sha256", record.predecessor->sha256},
                   {"ended", record.predecessor->ended}};
  const Told& told = record.told;
  json object = {
      {"format", acceptance_format},
      {"id", record.id},
      {"begun", record.begun},
      {"ended", record.ended},
      {"loopgate", {{"version", record.loopgate.version}, {"commit", record.loopgate.commit}}},
      {"told",
       {{"customer", told.customer},
        {"site", told.site},
        {"tester", told.tester},
        {"serial", told.serial},
        {"firmware", told.firmware}}},
      {"nonce", record.nonce},
      {"predecessor", std::move(predecessor)},
      {"plan",
       {{"file", record.plan_file}, {"sha256", sha256_of(record.plan_toml)}, {"toml", record.plan_toml}}},
      {"board", record.board},
      {"attempts", std::move(attempts)}};
  if (record.modified) object["modified"] = *record.modified;
  return object;
}

std::string to_text(const json& acceptance) {
  return acceptance.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<AcceptanceRecord> parse_acceptance_record(std::string_view text, const std::string& name) {
  JsonReader::Rules rules = JsonReader::file(acceptance_format);
  rules.next_step =
      "the file was altered, or is of another version of loopgate: ask for it again, or use that";
  TRY(reader, JsonReader::parse(text, name, rules));
  AcceptanceRecord record;
  reader.required("id", &record.id);
  read_time(&reader, "begun", true, &record.begun);
  read_time(&reader, "ended", false, &record.ended);
  JsonReader loopgate = reader.object("loopgate");
  loopgate.required("version", &record.loopgate.version);
  loopgate.required("commit", &record.loopgate.commit);
  read_told(&reader, &record.told);
  reader.required("nonce", &record.nonce);
  read_predecessor(&reader, &record);
  read_plan(&reader, &record);
  reader.required("board", &record.board);
  if (reader.has("modified")) reader.required("modified", &record.modified.emplace());
  read_attempts(&reader, &record.attempts);
  TRY_STATUS(reader.finish());
  return record;
}

}  // namespace loopgate
