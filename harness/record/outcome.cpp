#include "record/outcome.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_reader.h"
#include "record/amendments.h"
#include "record/measured_from_json.h"
#include "record/run_record.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t format = 3;
constexpr const char* outcome_file = "outcome.json";
constexpr std::array kinds = {OutcomeKind::measured, OutcomeKind::kernel_failed, OutcomeKind::invalid};

Json to_json(const std::vector<SelfCheck>& checks) {
  Json list = Json::array();
  for (const SelfCheck& check : checks)
    list.push_back({{"known_ns", check.known_ns}, {"measured_ns", check.measured_ns}});
  return list;
}

void read_kind(JsonReader* fields, Outcome* outcome) {
  std::string name;
  fields->required("outcome", &name);
  for (const OutcomeKind kind : kinds) {
    if (name != name_of(kind)) continue;
    outcome->kind = kind;
    return;
  }
  fields->refuse("outcome", "must be measured, kernel_failed or invalid");
}

void read_artifacts(JsonReader fields, Outcome* outcome) {
  for (const std::string& name : fields.keys()) {
    const Artifact* artifact = find_artifact(name);
    if (artifact == nullptr || !artifact->hashed) fields.refuse(name, "is no artifact of a cell");
    fields.object(name).required("sha256", &outcome->artifacts[name]);
  }
  if (outcome->kind == OutcomeKind::measured && outcome->sha256_of(samples_artifact).empty() &&
      outcome->sha256_of(programs_artifact).empty())
    fields.refuse(samples_artifact.name, "is missing, and the cell is measured");
}

void read_self_check(JsonReader fields, Outcome* outcome) {
  fields.required("passed", &outcome->self_check_passed);
  for (JsonReader& entry : fields.objects("checks")) {
    SelfCheck& check = outcome->self_checks.emplace_back();
    entry.required("known_ns", &check.known_ns);
    entry.required("measured_ns", &check.measured_ns);
  }
  if (!fields.has("jumper_overhead_ns")) return;
  fields.required("jumper_overhead_ns", &outcome->jumper_overhead_ns.emplace());
}

void read_host_seconds(JsonReader fields, Outcome* outcome) {
  fields.required("boot", &outcome->boot_s);
  fields.required("to_first_stimulus", &outcome->to_first_stimulus_s);
  fields.required("total", &outcome->total_s);
}

// Why it is not this cell's outcome; empty when it is.
std::string misfit_of(const Outcome& outcome, const RunRecord& run, const DescribedCell& cell) {
  struct Name {
    const char* key;
    std::string of_outcome;
    std::string of_run;
  };
  const Name names[] = {{"cell", outcome.cell, cell.name},
                        {"suite", outcome.suite, run.suite.name},
                        {"board", outcome.board, run.board.name},
                        {"kernel", outcome.kernel, cell.kernel},
                        {"load", outcome.load, cell.load},
                        {"repetition", std::to_string(outcome.repetition), std::to_string(cell.repetition)},
                        {"time_base", name_of(outcome.time_base), name_of(run.time_base)}};
  for (const Name& name : names)
    if (name.of_outcome != name.of_run)
      return fmt::format("{} is {}, and run.json has {}", name.key, name.of_outcome, name.of_run);
  return first_misfit(outcome.measured_from, measured_from(run, cell));
}

}  // namespace

const char* name_of(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::measured:
      return "measured";
    case OutcomeKind::kernel_failed:
      return "kernel_failed";
    case OutcomeKind::invalid:
      return "invalid";
  }
  return "invalid";
}

std::string Outcome::sha256_of(const Artifact& artifact) const {
  const auto found = artifacts.find(artifact.name);
  return found == artifacts.end() ? std::string() : found->second;
}

std::string to_json(const Outcome& outcome) {
  Json digests = Json::object();
  for (const auto& [name, sha256] : outcome.artifacts) digests[name] = {{"sha256", sha256}};
  Json self_check = {{"passed", outcome.self_check_passed}, {"checks", to_json(outcome.self_checks)}};
  if (outcome.jumper_overhead_ns) self_check["jumper_overhead_ns"] = *outcome.jumper_overhead_ns;
  Json document = {{"format", format},
                   {"cell", outcome.cell},
                   {"suite", outcome.suite},
                   {"board", outcome.board},
                   {"kernel", outcome.kernel},
                   {"load", outcome.load},
                   {"repetition", outcome.repetition},
                   {"time_base", name_of(outcome.time_base)},
                   {"measured_from", write_object<Json>(outcome.measured_from)},
                   {"outcome", name_of(outcome.kind)},
                   {"reason", outcome.reason},
                   {"next_step", outcome.next_step},
                   {"artifacts", std::move(digests)},
                   {"records", outcome.records},
                   {"self_check", std::move(self_check)},
                   {"verified_determinism", outcome.verified_determinism},
                   {"spurious_responses", outcome.spurious_responses},
                   {"host_seconds",
                    {{"boot", outcome.boot_s},
                     {"to_first_stimulus", outcome.to_first_stimulus_s},
                     {"total", outcome.total_s}}}};
  if (!outcome.kernel_in_effect_sha256.empty())
    document["kernel_in_effect_sha256"] = outcome.kernel_in_effect_sha256;
  if (!outcome.discarded_state.empty()) document["discarded_state"] = outcome.discarded_state;
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Outcome> parse_outcome(std::string_view text, const std::string& name) {
  TRY(fields, JsonReader::parse(text, name, JsonReader::file(format)));
  Outcome outcome;
  fields.required("cell", &outcome.cell);
  fields.required("suite", &outcome.suite);
  fields.required("board", &outcome.board);
  fields.required("kernel", &outcome.kernel);
  fields.required("load", &outcome.load);
  fields.required("repetition", &outcome.repetition);
  read_time_base(&fields, &outcome.time_base);
  (void)read_object(fields.object("measured_from"), &outcome.measured_from);
  read_kind(&fields, &outcome);
  fields.required("reason", &outcome.reason);
  fields.required("next_step", &outcome.next_step);
  read_artifacts(fields.object("artifacts"), &outcome);
  fields.required("records", &outcome.records);
  read_self_check(fields.object("self_check"), &outcome);
  fields.required("verified_determinism", &outcome.verified_determinism);
  fields.required("spurious_responses", &outcome.spurious_responses);
  fields.optional("kernel_in_effect_sha256", &outcome.kernel_in_effect_sha256);
  fields.optional("discarded_state", &outcome.discarded_state);
  read_host_seconds(fields.object("host_seconds"), &outcome);
  TRY_STATUS(fields.finish());
  return outcome;
}

bool has_outcome(const fs::path& cell_folder) {
  std::error_code ignored;
  return fs::exists(cell_folder / outcome_file, ignored);
}

Result<Outcome> read_outcome(const fs::path& cell_folder, const RunRecord& run, const DescribedCell& cell) {
  const fs::path path = cell_folder / outcome_file;
  TRY(text, read_file(path, ErrorKind::data));
  TRY(outcome, parse_outcome(text, path.string()));
  if (const std::string misfit = misfit_of(outcome, run, cell); !misfit.empty())
    return fail(ErrorKind::data, fmt::format("{}: is of another run or cell: its {}", path.string(), misfit),
                "measure this cell again with --resume");
  TRY_STATUS(apply_amendments(cell_folder, text, &outcome));
  return outcome;
}

Status write_outcome(const fs::path& cell_folder, Outcome outcome, const RunRecord& run,
                     const DescribedCell& cell) {
  const fs::path path = cell_folder / outcome_file;
  if (has_outcome(cell_folder))
    return fail(ErrorKind::infrastructure,
                fmt::format("{} is there already, and what is finished is not written again", path.string()));
  outcome.measured_from = measured_from(run, cell);
  return write_file_atomically(path, to_json(outcome));
}

}  // namespace loopgate
