#include "stats/comparison.h"

#include <algorithm>
#include <set>

#include "base/file.h"
#include "base/json_reader.h"
#include "stats/beside.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<std::int64_t>& figure) { return figure ? Json(*figure) : Json(); }

Json to_json(const std::optional<LatencyFigures>& figures) {
  if (!figures) return nullptr;
  Json json = {{"min", figures->min}};
  for (std::size_t i = 0; i < quantiles.size(); ++i) json[quantiles[i].key] = or_null(figures->quantile[i]);
  json["max"] = figures->max;
  json["mean"] = figures->mean;
  json["mean_above_p99_5"] = figures->mean_above_p99_5 ? Json(*figures->mean_above_p99_5) : Json();
  json["stddev"] = figures->stddev;
  json["jitter"] = figures->jitter;
  return json;
}

Json to_json(const NamedInput& input) { return {{"name", input.name}, {"sha256", input.sha256}}; }

Json to_json(const DecisionCounts& decisions) {
  return {{"count", decisions.count()},
          {"ok", decisions.ok},
          {"ng", decisions.ng},
          {"wrong", decisions.wrong},
          {"wrong_frame", decisions.wrong_frame},
          {"span_ns", decisions.span_ns},
          {"per_second", decisions.per_second() ? Json(*decisions.per_second()) : Json()}};
}

Json to_json(const StagedSample& sample, std::size_t stages) {
  Json parts = Json::array();
  for (std::size_t i = 0; i < stages; ++i) parts.push_back(sample.ns[i]);
  return {{"sample", sample.index}, {"latency_ns", sample.latency_ns}, {"ns", std::move(parts)}};
}

Json to_json(const StageSummary& stages) {
  Json figures = Json::array();
  for (std::size_t i = 0; i < stages.names.size(); ++i) {
    const StageFigures& stage = stages.figures[i];
    figures.push_back({{"name", stages.names[i]},
                       {"mean_ns", stage.mean},
                       {"p50_ns", or_null(stage.p50)},
                       {"p99_ns", or_null(stage.p99)},
                       {"max_ns", stage.max}});
  }
  return {{"count", stages.count},
          {"left_out", stages.left_out},
          {"stages", std::move(figures)},
          {"median", to_json(stages.median, stages.names.size())},
          {"worst", to_json(stages.worst, stages.names.size())}};
}

void read_decisions(JsonReader fields, Summary* summary) {
  DecisionCounts decisions;
  fields.required("ok", &decisions.ok);
  fields.required("ng", &decisions.ng);
  fields.required("wrong", &decisions.wrong);
  fields.required("wrong_frame", &decisions.wrong_frame);
  fields.required("span_ns", &decisions.span_ns);
  summary->decisions = decisions;
}

Json inputs_of(const Comparison& comparison) {
  Json loads = Json::array();
  for (const NamedInput& load : comparison.loads) loads.push_back(to_json(load));
  const Provenance& made_with = comparison.made_with;
  Json files;  // null where they are not known
  if (made_with.payload_files) {
    files = Json::array();
    for (const NamedInput& file : *made_with.payload_files) files.push_back(to_json(file));
  }
  return {{"suite_sha256", comparison.suite.sha256},
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
  json.update(summary_fields(group.summary, comparison.deadline_ns, true));
  json["stationarity"] = to_json(group.stationarity);
  if (!comparison.programs.empty()) json["programs"] = to_json(group.programs);
  if (const auto beside = beside_of(group)) json["beside"] = to_json(*beside);
  return json;
}

// Null where `count` latencies do not resolve it. Older files have a number there, which is not read.
void read_quantile(JsonReader* fields, const Quantity& quantity, std::uint64_t count,
                   std::optional<std::int64_t>* out) {
  std::int64_t ns = 0;
  if (!is_resolved(quantity.per_million, count)) return fields->nullable(quantity.key, &ns);
  fields->required(quantity.key, &ns);
  *out = ns;
}

void read_figures(JsonReader* group, const char* key, std::uint64_t count,
                  std::optional<LatencyFigures>* out) {
  if (!group->has(key)) return;
  JsonReader fields = group->object(key);
  LatencyFigures figures;
  fields.required("min", &figures.min);
  for (std::size_t i = 0; i < quantiles.size(); ++i)
    read_quantile(&fields, quantiles[i], count, &figures.quantile[i]);
  fields.required("max", &figures.max);
  fields.required("mean", &figures.mean);
  if (fields.has("mean_above_p99_5"))
    fields.required("mean_above_p99_5", &figures.mean_above_p99_5.emplace());
  fields.required("stddev", &figures.stddev);
  fields.required("jitter", &figures.jitter);
  *out = figures;
}

// What both a group and a replicate of it hold.
void read_latencies(JsonReader* fields, SampleCounts* counts, std::optional<LatencyFigures>* latency,
                    std::optional<LatencyFigures>* with_not_sent) {
  fields->required("scheduled", &counts->scheduled);
  fields->required("count", &counts->count);
  fields->required("late", &counts->late);
  fields->required("unanswered", &counts->unanswered);
  fields->required("not_sent", &counts->not_sent);
  read_figures(fields, "latency_ns", counts->count, latency);
  read_figures(fields, "latency_with_not_sent_ns", counts->count + counts->not_sent, with_not_sent);
  if (latency->has_value() != (counts->count > 0))
    fields->refuse("latency_ns", "does not fit the count of samples");
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
  if (fields.has("decisions")) read_decisions(fields.object("decisions"), &group.summary);
  if (fields.has("stationarity")) read_stationarity(fields.object("stationarity"), &group.stationarity);
  fields.optional("kernel_in_effect_sha256", &group.kernel_in_effect_sha256);
  fields.optional("same_kernel_as", &group.same_kernel_as);
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
  if (!fields.has("payload_files")) return;
  auto& files = comparison->made_with.payload_files.emplace();
  for (JsonReader& entry : fields.objects("payload_files")) {
    NamedInput& file = files.emplace_back();
    entry.required("name", &file.name);
    entry.required("sha256", &file.sha256);
  }
}

}  // namespace

std::vector<std::string> unreadable_cells(const Comparison& comparison) {
  std::vector<std::string> cells;
  for (const GroupEvidence& group : comparison.groups)
    for (const UnmeasuredCell& cell : group.invalid)
      if (cell.unreadable) cells.push_back(cell.cell);
  return cells;
}

const GroupEvidence* find_group(const Comparison& comparison, const std::string& kernel,
                                const std::string& load) {
  const auto found =
      std::find_if(comparison.groups.begin(), comparison.groups.end(),
                   [&](const GroupEvidence& group) { return group.kernel == kernel && group.load == load; });
  return found == comparison.groups.end() ? nullptr : &*found;
}

Comparison describe(const RunRecord& run) {
  Comparison comparison{run.suite,
                        run.board,
                        run.board.emulator,
                        run.time_base,
                        run.icount_shift(),
                        run.samples,
                        run.deadline_ns,
                        run.interval_ns,
                        {run.loads.begin(), run.loads.end()},
                        {}};
  comparison.made_with = provenance_of(run);
  comparison.response_timeout_ns = run.response_timeout_ns;
  for (const ProgramInput& program : run.programs) comparison.programs.push_back(program.name);
  for (const NamedInput& load : run.loads) {
    for (const KernelInput& kernel : run.kernels) {
      GroupEvidence& group = comparison.groups.emplace_back();
      group.kernel = kernel.name;
      group.load = load.name;
      for (const DescribedCell& cell : run.cells)
        if (cell.kernel == kernel.name && cell.load == load.name) group.cells.push_back(cell.name);
    }
  }
  return comparison;
}

Json summary_fields(const Summary& summary, std::int64_t deadline_ns, bool name_cells) {
  const SampleCounts& counts = summary.counts;
  Json worst = Json::array();
  for (const WorstSample& sample : summary.worst) {
    Json entry = name_cells ? Json{{"cell", sample.cell}} : Json::object();
    entry["index"] = sample.index;
    entry["stimulus_ns"] = sample.stimulus_ns;
    entry["latency_ns"] = sample.latency_ns;
    worst.push_back(std::move(entry));
  }
  return {{"unit", "ns"},
          {"deadline_ns", deadline_ns},
          {"scheduled", counts.scheduled},
          {"count", counts.count},
          {"late", counts.late},
          {"unanswered", counts.unanswered},
          {"not_sent", counts.not_sent},
          {"warm_up", counts.warm_up},
          {"self_checks", counts.self_checks},
          {"latency_ns", to_json(summary.latency)},
          {"latency_with_not_sent_ns", to_json(summary.latency_with_not_sent)},
          {"worst", std::move(worst)},
          {"decisions", summary.decisions ? to_json(*summary.decisions) : Json()},
          {"stages", summary.stages ? to_json(*summary.stages) : Json()}};
}

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
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Comparison> parse_comparison(std::string_view text, const std::string& name) {
  auto fields = JsonReader::parse(text, name, JsonReader::file());
  if (!fields) return tl::unexpected(fields.error());
  Comparison comparison;
  std::string time_base;
  fields->required("suite", &comparison.suite.name);
  fields->required("board", &comparison.board.name);
  fields->required("time_base", &time_base);
  fields->optional("emulator", &comparison.emulator);
  if (const auto known = time_base_named(time_base)) {
    comparison.time_base = *known;
  } else {
    fields->refuse("time_base", "must be virtual or wall");
  }
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
