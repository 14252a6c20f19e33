#include "stats/summary_json.h"

#include "base/json_reader.h"
#include "stats/resolution.h"
#include "stats/work_figures.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const DecisionCounts& decisions) {
  return {{"count", decisions.count()},
          {"ok", decisions.ok},
          {"ng", decisions.ng},
          {"wrong", decisions.wrong},
          {"wrong_frame", decisions.wrong_frame},
          {"unjudged", decisions.unjudged},
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
  Json json = {{"count", stages.count},
               {"left_out", stages.left_out},
               {"stages", std::move(figures)},
               {"median", to_json(stages.median, stages.names.size())},
               {"worst", to_json(stages.worst, stages.names.size())}};
  if (stages.probe) {
    json["probe"] = {{"transport", name_of(stages.probe->transport)},
                     {"stimuli", stages.probe->stimuli},
                     {"lost", stages.probe->lost},
                     {"unfinished", stages.probe->unfinished},
                     {"cost_ns", stages.probe->cost_ns < 0 ? Json() : Json(stages.probe->cost_ns)},
                     {"complete", stages.probe->complete() && stages.left_out == 0}};
    if (const ProbeReplaced& replaced = stages.probe->replaced; replaced.times > 0)
      json["probe"]["replaced"] = {
          {"times", replaced.times}, {"answers", replaced.answers}, {"max_ns", replaced.max_ns}};
    if (const auto& traced = stages.probe->traced)
      json["probe"]["traced"] = {
          {"cell", traced->cell}, {"sample", traced->index}, {"latency_ns", traced->latency_ns}};
  }
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

}  // namespace

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

Json summary_fields(const Summary& summary, std::int64_t deadline_ns, bool name_cells) {
  const SampleCounts& counts = summary.counts;
  const auto work = work_figures_of(summary);
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
          {"stages", summary.stages ? to_json(*summary.stages) : Json()},
          {"work", work ? to_json(*work) : Json()}};
}

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

DecisionCounts read_decisions(JsonReader fields) {
  DecisionCounts decisions;
  fields.required("ok", &decisions.ok);
  fields.required("ng", &decisions.ng);
  fields.required("wrong", &decisions.wrong);
  fields.required("wrong_frame", &decisions.wrong_frame);
  fields.optional("unjudged", &decisions.unjudged);  // files from before it judged all
  fields.required("span_ns", &decisions.span_ns);
  return decisions;
}

}  // namespace loopgate
