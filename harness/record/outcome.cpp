#include "record/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/digest.h"
#include "base/file.h"
#include "base/json_forms.h"
#include "record/amendments.h"
#include "record/contradictions.h"
#include "record/measured_from_json.h"
#include "record/run_record.h"
#include "record/seal.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::int64_t format = 4;
constexpr const char* outcome_file = "outcome.json";
constexpr std::array<std::pair<const char*, OutcomeKind>, 3> kinds = {
    {{"measured", OutcomeKind::measured},
     {"kernel_failed", OutcomeKind::kernel_failed},
     {"invalid", OutcomeKind::invalid}}};

// {"samples.lgs": {"sha256": …}}, of artifacts that a cell has.
struct DigestsOfArtifacts {
  template <class Json>
  void write(const Outcome& outcome, Json* object) const {
    Json digests = Json::object();
    for (const auto& [name, sha256] : outcome.artifacts) digests[name] = {{"sha256", sha256}};
    (*object)["artifacts"] = std::move(digests);
  }
  void read(JsonReader* reader, Outcome* outcome) const {
    JsonReader entries = reader->object("artifacts");
    for (const std::string& name : entries.keys()) {
      const Artifact* artifact = find_artifact(name);
      if (artifact == nullptr) entries.refuse(name, "is no artifact of a cell");
      entries.object(name).required("sha256", &outcome->artifacts[name]);
    }
    if (outcome->kind == OutcomeKind::measured && outcome->sha256_of(samples_artifact).empty() &&
        outcome->sha256_of(programs_artifact).empty())
      entries.refuse(samples_artifact.name, "is missing, and the cell is measured");
  }
};

}  // namespace

static constexpr auto fields_of(const SelfCheck*) {
  return std::tuple(field("known_ns", &SelfCheck::known_ns), field("measured_ns", &SelfCheck::measured_ns));
}

static constexpr auto fields_of(const NamedAmount*) {
  return std::tuple(field("name", &NamedAmount::name), field("amount", &NamedAmount::amount));
}

// Fewer than none are not lost.
struct NoMoreThanSent {
  template <class Json>
  void write(const LostEdges&, Json*) const {}
  void read(JsonReader* reader, LostEdges* edges) const {
    if (edges->arrived > edges->sent || edges->no_room > edges->sent - edges->arrived)
      reader->refuse("sent", "is fewer than came in");
    if (edges->unheard > edges->sent) reader->refuse("unheard", "are more than were asked for");
  }
};

static constexpr auto fields_of(const LostEdges*) {
  return std::tuple(field("sent", &LostEdges::sent), field("arrived", &LostEdges::arrived),
                    field("no_room", &LostEdges::no_room), sparse("unheard", &LostEdges::unheard),
                    field("bare_wire_sent", &LostEdges::bare_wire_sent),
                    field("bare_wire_lost", &LostEdges::bare_wire_lost), NoMoreThanSent());
}

static constexpr auto fields_of(const PayloadWork*) {
  return std::tuple(field("decisions", &PayloadWork::decisions, Within<std::uint64_t>{1, payload_amount_max}),
                    field("cpu_ns", &PayloadWork::cpu_ns),
                    field("computed_bytes", &PayloadWork::computed_bytes),
                    field("shares_cpu", &PayloadWork::shares_cpu));
}

static constexpr auto fields_of(const UnconfirmedArgument*) {
  return std::tuple(field("argument", &UnconfirmedArgument::argument),
                    field("why", &UnconfirmedArgument::why));
}

static constexpr auto fields_of(const Outcome*) {
  return std::tuple(
      field("cell", &Outcome::cell), field("suite", &Outcome::suite), field("board", &Outcome::board),
      field("kernel", &Outcome::kernel), field("load", &Outcome::load),
      field("repetition", &Outcome::repetition), field("time_base", &Outcome::time_base, time_base_form),
      field("measured_from", &Outcome::measured_from), field("outcome", &Outcome::kind, ByName(&kinds)),
      field("reason", &Outcome::reason), field("next_step", &Outcome::next_step), DigestsOfArtifacts(),
      field("records", &Outcome::records),
      group("self_check", field("passed", &Outcome::self_check_passed),
            field("checks", &Outcome::self_checks),
            sparse("jumper_overhead_ns", &Outcome::jumper_overhead_ns),
            sparse("longest_turn_ns", &Outcome::longest_turn_ns)),
      field("verified_determinism", &Outcome::verified_determinism),
      field("spurious_responses", &Outcome::spurious_responses),
      group("host_seconds", field("boot", &Outcome::boot_s),
            field("to_first_stimulus", &Outcome::to_first_stimulus_s), field("total", &Outcome::total_s)),
      sparse("lost_edges", &Outcome::lost_edges), sparse("work", &Outcome::work),
      sparse("kernel_in_effect_sha256", &Outcome::kernel_in_effect_sha256),
      sparse("unconfirmed_arguments", &Outcome::unconfirmed_arguments),
      sparse("discarded_state", &Outcome::discarded_state));
}

namespace {

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

// A second run's files stand beside a cell that did not repeat, which its outcome or an amendment says.
Status check_second_run(const fs::path& cell_folder, const Outcome& outcome) {
  std::error_code ignored;
  if (outcome.kind == OutcomeKind::invalid || !fs::exists(cell_folder / second_run_folder, ignored))
    return {};
  return fail(ErrorKind::data,
              fmt::format("{}: holds a second run that was not equal, and neither outcome.json nor "
                          "amendments.jsonl says so",
                          (cell_folder / second_run_folder).string()),
              "measure this cell again with --resume");
}

// What no judge has hashed, such as the console: it is closed by now, and whoever edits it is found out.
Status bind_other_files(const fs::path& cell_folder, Outcome* outcome) {
  std::error_code ignored;
  for (const Artifact& artifact : artifacts) {
    const fs::path path = cell_folder / artifact.name;
    if (artifact.repeats || outcome->artifacts.contains(artifact.name) || !fs::is_regular_file(path, ignored))
      continue;
    TRY(sha256, ::loopgate::sha256_of_file(path));
    outcome->artifacts[artifact.name] = std::move(sha256);
  }
  return {};
}

}  // namespace

const char* name_of(OutcomeKind kind) {
  return std::ranges::find(kinds, kind, &decltype(kinds)::value_type::second)->first;
}

std::string Outcome::sha256_of(const Artifact& artifact) const {
  const auto found = artifacts.find(artifact.name);
  return found == artifacts.end() ? std::string() : found->second;
}

std::string to_json(const Outcome& outcome) {
  Json document = {{"format", format}};
  document.update(write_object<Json>(outcome));
  return with_seal(document.dump(2, ' ', false, Json::error_handler_t::replace));
}

Result<Outcome> parse_unsealed_outcome(std::string_view text, const std::string& name) {
  TRY(fields, JsonReader::parse(text, name, JsonReader::file(format)));
  Outcome outcome;
  TRY_STATUS(read_object(std::move(fields), &outcome));
  return outcome;
}

Result<Outcome> parse_outcome(std::string_view text, const std::string& name) {
  TRY(outcome, parse_unsealed_outcome(text, name));  // which says what is wrong with it, where it can
  TRY_STATUS(check_seal(text, name, "measure again"));
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
  if (const std::string contradiction = contradiction_in(outcome, run); !contradiction.empty())
    return fail(ErrorKind::data, fmt::format("{}: contradicts itself: {}", path.string(), contradiction),
                "measure this cell again with --resume");
  TRY_STATUS(apply_amendments(cell_folder, text, &outcome));
  TRY_STATUS(check_second_run(cell_folder, outcome));
  return outcome;
}

Status write_outcome(const fs::path& cell_folder, Outcome outcome, const RunRecord& run,
                     const DescribedCell& cell) {
  const fs::path path = cell_folder / outcome_file;
  if (has_outcome(cell_folder))
    return fail(ErrorKind::infrastructure,
                fmt::format("{} is there already, and what is finished is not written again", path.string()));
  TRY_STATUS(bind_other_files(cell_folder, &outcome));
  outcome.measured_from = measured_from(run, cell);
  return write_file_atomically(path, to_json(outcome));
}

}  // namespace loopgate
