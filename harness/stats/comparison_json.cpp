#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/json_forms.h"
#include "stats/beside.h"
#include "stats/comparison.h"
#include "stats/kernel_figures.h"
#include "stats/summary_json.h"
#include "stats/unconfirmed.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const NamedInput& input) { return {{"name", input.name}, {"sha256", input.sha256}}; }

Json inputs_of(const Comparison& comparison) {
  Json loads = Json::array();
  for (const NamedInput& load : comparison.loads) loads.push_back(to_json(load));
  const Provenance& made_with = comparison.made_with;
  Json files;  // null where they are not known
  if (made_with.payload_files) {
    files = Json::array();
    for (const NamedInput& file : *made_with.payload_files) files.push_back(to_json(file));
  }
  Json inputs = {{"suite_sha256", comparison.suite.sha256},
                 {"board_sha256", comparison.board.sha256},
                 {"icount_shift", comparison.icount_shift ? Json(*comparison.icount_shift) : Json(nullptr)},
                 {"samples", comparison.samples},
                 {"deadline_ns", comparison.deadline_ns},
                 {"interval_ns", comparison.interval_ns},
                 {"loads", std::move(loads)},
                 {"payload_files", std::move(files)},
                 {"base_sha256", made_with.base_sha256},
                 {"programs_sha256", made_with.programs_sha256},
                 {"instrument_sha256", made_with.instrument_sha256},
                 {"qemu", made_with.qemu}};
  if (!comparison.probe.empty()) inputs["probe"] = comparison.probe;
  if (comparison.cpus > 1) inputs["cpus"] = comparison.cpus;
  if (comparison.cpus > 1) inputs["slice_ns"] = comparison.slice_ns;
  return inputs;
}

Json to_json(const Stationarity& stationarity) {
  Json begin_ns = Json::array();
  Json median_ns = Json::array();
  Json share_above = Json::array();
  for (const CourseBlock& block : stationarity.blocks) {
    begin_ns.push_back(block.begin_ns);
    median_ns.push_back(block.median_ns);
    share_above.push_back(block.share_above);
  }
  const bool tested = stationarity.result != Steadiness::not_tested;
  return {{"result", name_of(stationarity.result)},
          {"says", stationarity.says},
          {"p_median", tested ? Json(stationarity.p_median) : Json()},
          {"p_tail", tested ? Json(stationarity.p_tail) : Json()},
          {"shared", stationarity.shared ? Json(*stationarity.shared) : Json()},
          {"above_ns", tested ? Json(stationarity.above_ns) : Json()},
          {"more_settle_ns", or_null(stationarity.more_settle_ns)},
          {"blocks",
           {{"begin_ns", std::move(begin_ns)},
            {"median_ns", std::move(median_ns)},
            {"share_above", std::move(share_above)}}}};
}

// Files from before the test have none.
void read_stationarity(JsonReader fields, Stationarity* stationarity) {
  std::string result;
  fields.required("result", &result);
  fields.required("says", &stationarity->says);
  if (const auto known = steadiness_named(result)) {
    stationarity->result = *known;
  } else {
    fields.refuse("result", "must be stationary, drifts or not tested");
  }
}

Json to_json(const Replicate& replicate) {
  return {{"cell", replicate.cell},
          {"inputs_sha256", replicate.inputs_sha256},
          {"samples_sha256", replicate.samples_sha256},
          {"scheduled", replicate.counts.scheduled},
          {"count", replicate.counts.count},
          {"late", replicate.counts.late},
          {"unanswered", replicate.counts.unanswered},
          {"not_sent", replicate.counts.not_sent},
          {"latency_ns", to_json(replicate.latency)},
          {"latency_with_not_sent_ns", to_json(replicate.latency_with_not_sent)}};
}

Json to_json(const GroupEvidence& group, const Comparison& comparison) {
  Json invalid = Json::array();
  for (const UnmeasuredCell& cell : group.invalid)
    invalid.push_back({{"cell", cell.cell}, {"outcome", cell.outcome}, {"reason", cell.reason}});
  Json replicates = Json::array();
  for (const Replicate& replicate : group.replicates) replicates.push_back(to_json(replicate));
  Json json = {{"kernel", group.kernel},
               {"load", group.load},
               {"cells", group.cells},
               {"invalid", std::move(invalid)},
               {"replicates", std::move(replicates)},
               {"kernel_in_effect_sha256", group.kernel_in_effect_sha256},
               {"same_kernel_as", group.same_kernel_as}};
  for (const UnconfirmedArgument& each : group.unconfirmed_arguments)
    json["unconfirmed_arguments"].push_back({{"argument", each.argument}, {"why", each.why}});
  json.update(summary_fields(group.summary, comparison.deadline_ns, true));
  json["half_jitter_ns"] = group.summary.latency ? Json(half_jitter_ns(*group.summary.latency)) : Json();
  json["stationarity"] = to_json(group.stationarity);
  if (!comparison.programs.empty()) json["programs"] = to_json(group.programs);
  if (const auto beside = beside_of(group)) json["beside"] = to_json(*beside);
  return json;
}

// A replicate that the cells don't have, or that the pooled figures lack, would be one too many or too few.
void read_replicates(JsonReader* fields, GroupEvidence* group) {
  if (!fields->has("replicates")) {
    fields->refuse(
        "replicates",
        "is missing: this file is older than the key, which was `boots`; run `loopgate stats` on the "
        "run's folder again");
    return;
  }
  std::uint64_t scheduled = 0;
  std::set<std::string> names;
  for (JsonReader& entry : fields->objects("replicates")) {
    Replicate& replicate = group->replicates.emplace_back();
    entry.required("cell", &replicate.cell);
    entry.optional("inputs_sha256", &replicate.inputs_sha256);
    entry.optional("samples_sha256", &replicate.samples_sha256);
    read_latencies(&entry, &replicate.counts, &replicate.latency, &replicate.latency_with_not_sent);
    scheduled += replicate.counts.scheduled;
    if (std::count(group->cells.begin(), group->cells.end(), replicate.cell) != 1)
      entry.refuse("cell", "is none of the group's cells");
    names.insert(replicate.cell);
  }
  if (names.size() != group->replicates.size()) fields->refuse("replicates", "name a cell twice");
  if (group->replicates.size() + group->invalid.size() != group->cells.size())
    fields->refuse("replicates", "are not the cells that are measured");
  if (scheduled != group->summary.counts.scheduled)
    fields->refuse("replicates", "have not as many stimuli as the group");
}

GroupEvidence read_group(JsonReader fields) {
  GroupEvidence group;
  fields.required("kernel", &group.kernel);
  fields.required("load", &group.load);
  fields.required("cells", &group.cells);
  for (JsonReader& entry : fields.objects("invalid")) {
    UnmeasuredCell& cell = group.invalid.emplace_back();
    entry.required("cell", &cell.cell);
    entry.required("outcome", &cell.outcome);
    entry.required("reason", &cell.reason);
  }
  SampleCounts& counts = group.summary.counts;
  read_latencies(&fields, &counts, &group.summary.latency, &group.summary.latency_with_not_sent);
  fields.required("warm_up", &counts.warm_up);
  fields.required("self_checks", &counts.self_checks);
  read_replicates(&fields, &group);
  if (fields.has("decisions")) group.summary.decisions = read_decisions(fields.object("decisions"));
  if (fields.has("stationarity")) read_stationarity(fields.object("stationarity"), &group.stationarity);
  fields.optional("kernel_in_effect_sha256", &group.kernel_in_effect_sha256);
  fields.optional("same_kernel_as", &group.same_kernel_as);
  if (fields.has("unconfirmed_arguments")) {
    for (JsonReader& entry : fields.objects("unconfirmed_arguments")) {
      UnconfirmedArgument& each = group.unconfirmed_arguments.emplace_back();
      entry.required("argument", &each.argument);
      entry.required("why", &each.why);
    }
  }
  return group;
}

void read_inputs(JsonReader fields, Comparison* comparison) {
  fields.required("suite_sha256", &comparison->suite.sha256);
  fields.required("board_sha256", &comparison->board.sha256);
  std::int64_t shift = -1;
  fields.optional("icount_shift", &shift);
  if (shift >= 0) comparison->icount_shift = shift;
  fields.required("samples", &comparison->samples);
  fields.required("deadline_ns", &comparison->deadline_ns);
  fields.required("interval_ns", &comparison->interval_ns);
  if (comparison->interval_ns.size() != 2) fields.refuse("interval_ns", "must be two numbers");
  for (JsonReader& load : fields.objects("loads")) {
    NamedInput& input = comparison->loads.emplace_back();
    load.required("name", &input.name);
    load.required("sha256", &input.sha256);
  }
  fields.optional("base_sha256", &comparison->made_with.base_sha256);
  fields.optional("instrument_sha256", &comparison->made_with.instrument_sha256);
  fields.optional("programs_sha256", &comparison->made_with.programs_sha256);
  fields.optional("qemu", &comparison->made_with.qemu);
  fields.optional("probe", &comparison->probe);
  fields.optional("cpus", &comparison->cpus);
  fields.optional("slice_ns", &comparison->slice_ns);
  if (!fields.has("payload_files")) return;
  auto& files = comparison->made_with.payload_files.emplace();
  for (JsonReader& entry : fields.objects("payload_files")) {
    NamedInput& file = files.emplace_back();
    entry.required("name", &file.name);
    entry.required("sha256", &file.sha256);
  }
}

}  // namespace

std::string to_json(const Comparison& comparison) {
  Json groups = Json::array();
  for (const GroupEvidence& group : comparison.groups) groups.push_back(to_json(group, comparison));
  Json json = {{"format", 1},
               {"suite", comparison.suite.name},
               {"board", comparison.board.name},
               {"time_base", name_of(comparison.time_base)},
               {"unit", "ns"},
               {"inputs", inputs_of(comparison)},
               {"groups", std::move(groups)}};
  if (comparison.emulator) json["emulator"] = true;
  if (auto sentences = unconfirmed_sentences(comparison); !sentences.empty())
    json["unconfirmed"] = std::move(sentences);
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Comparison> parse_comparison(std::string_view text, const std::string& name) {
  auto fields = JsonReader::parse(text, name, JsonReader::file());
  if (!fields) return tl::unexpected(fields.error());
  Comparison comparison;
  fields->required("suite", &comparison.suite.name);
  fields->required("board", &comparison.board.name);
  time_base_form.read(&*fields, "time_base", &comparison.time_base);
  fields->optional("emulator", &comparison.emulator);
  read_inputs(fields->object("inputs"), &comparison);
  for (const JsonReader& group : fields->objects("groups")) comparison.groups.push_back(read_group(group));
  if (auto done = fields->finish(); !done) return tl::unexpected(done.error());
  return comparison;
}

Result<Comparison> read_comparison(const std::filesystem::path& path) {
  auto text = read_file(path, ErrorKind::data);
  if (!text) return tl::unexpected(text.error());
  return parse_comparison(*text, path.string());
}

}  // namespace loopgate
