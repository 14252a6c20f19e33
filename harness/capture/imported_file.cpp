#include "capture/imported_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/file.h"
#include "base/json_reader.h"
#include "base/time_base.h"
#include "record/seal.h"
#include "stats/histogram_tail.h"
#include "stats/unconfirmed.h"

namespace loopgate {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t imported_bins_max = 2'000'000;
constexpr std::uint64_t most_latencies = 1ULL << 44U;  // as stats/tail.h counts

OrderedJson nullable(const std::optional<std::int64_t>& value) {
  return value ? OrderedJson(*value) : OrderedJson(nullptr);
}

OrderedJson histogram_json(const LatencyHistogram& histogram) {
  OrderedJson bin = OrderedJson::array();
  OrderedJson count = OrderedJson::array();
  for (std::size_t i = 0; i < histogram.count.size(); ++i) {
    if (histogram.count[i] == 0) continue;
    bin.push_back(i);
    count.push_back(histogram.count[i]);
  }
  return {{"first_ns", histogram.first_ns},
          {"bin_ns", histogram.bin_width_ns},
          {"bins", histogram.count.size()},
          {"bin", std::move(bin)},
          {"count", std::move(count)},
          {"overflow", histogram.overflow},
          {"overflow_unsure", histogram.overflow_unsure},
          {"min_ns", nullable(histogram.min_ns)},
          {"max_ns", nullable(histogram.max_ns)},
          {"resolution_ns", histogram.resolution_ns}};
}

OrderedJson options_json(const ImportedRun& run) {
  return {{"program", run.read_as},
          {"column", run.options.column},
          {"threads", run.options.threads},
          {"in_ns", run.options.in_ns},
          {"rows", run.options.rows ? OrderedJson(*run.options.rows) : OrderedJson(nullptr)}};
}

OrderedJson source_json(const ImportedSource& source) {
  const SelfMeasurement& measured = source.measurement;
  OrderedJson threads = OrderedJson::array();
  for (const ThreadLatencies& each : measured.threads)
    threads.push_back({{"name", each.name},
                       {"count", each.count},
                       {"overflow", each.overflow},
                       {"min_ns", nullable(each.min_ns)},
                       {"max_ns", nullable(each.max_ns)}});
  return {{"name", source.name},
          {"bytes", source.bytes},
          {"sha256", source.sha256},
          {"is_kept", source.is_kept},
          {"program", measured.program},
          {"version", measured.version},
          {"command", measured.command},
          {"quantity", measured.quantity},
          {"clock", measured.clock},
          {"system", measured.system},
          {"preempt_rt", name_of(measured.preempt_rt)},
          {"load", measured.load},
          {"missed", measured.missed},
          {"why_invalid", measured.why_invalid},
          {"exported_from", measured.exported_from},
          {"remarks", measured.remarks},
          {"threads", std::move(threads)},
          {"histogram", histogram_json(measured.latencies)}};
}

void read_extreme(JsonReader* fields, const char* key, std::optional<std::int64_t>* out) {
  if (!fields->has_value(key)) return;
  std::int64_t value = 0;
  fields->required(key, &value);
  *out = value;
}

void read_histogram_of(JsonReader fields, LatencyHistogram* histogram) {
  std::uint64_t bins = 0;
  std::vector<std::int64_t> bin;
  std::vector<std::int64_t> count;
  fields.required("first_ns", &histogram->first_ns);
  fields.required("bin_ns", &histogram->bin_width_ns);
  fields.required("bins", &bins);
  fields.required("bin", &bin);
  fields.required("count", &count);
  fields.required("overflow", &histogram->overflow);
  fields.required("overflow_unsure", &histogram->overflow_unsure);
  fields.required("resolution_ns", &histogram->resolution_ns);
  read_extreme(&fields, "min_ns", &histogram->min_ns);
  read_extreme(&fields, "max_ns", &histogram->max_ns);
  if (bins > imported_bins_max) return fields.refuse("bins", "is more than there can be");
  if (bin.size() != count.size()) return fields.refuse("bin", "and \"count\" are not equally long");
  histogram->count.assign(bins, 0);
  for (std::size_t i = 0; i < bin.size(); ++i) {
    if (bin[i] < 0 || static_cast<std::uint64_t>(bin[i]) >= bins || (i > 0 && bin[i] <= bin[i - 1]))
      return fields.refuse("bin", "has a number that can't be");
    if (count[i] <= 0 || count[i] > static_cast<std::int64_t>(most_latencies))
      return fields.refuse("count", "has a number that can't be");
    histogram->count[static_cast<std::size_t>(bin[i])] = static_cast<std::uint64_t>(count[i]);
  }
}

// Nothing where they are more than there can be.
std::optional<std::uint64_t> held_by(const LatencyHistogram& histogram) {
  std::uint64_t held = 0;
  for (const std::uint64_t count : histogram.count) held = std::min(held + count, 2 * most_latencies);
  if (held > most_latencies || histogram.overflow > most_latencies - held) return std::nullopt;
  return held + histogram.overflow;
}

void read_options(JsonReader fields, ImportedRun* run) {
  fields.required("program", &run->read_as);
  fields.required("column", &run->options.column);
  fields.required("threads", &run->options.threads);
  fields.required("in_ns", &run->options.in_ns);
  if (!fields.has_value("rows")) return;
  std::uint64_t rows = 0;
  fields.required("rows", &rows);
  run->options.rows = rows;
}

void read_source(JsonReader* fields, ImportedSource* source) {
  SelfMeasurement& measured = source->measurement;
  fields->required("name", &source->name);
  fields->required("bytes", &source->bytes);
  fields->required("sha256", &source->sha256);
  fields->optional("is_kept", &source->is_kept);
  fields->required("program", &measured.program);
  fields->required("version", &measured.version);
  fields->required("command", &measured.command);
  fields->required("quantity", &measured.quantity);
  fields->required("clock", &measured.clock);
  fields->required("system", &measured.system);
  if (fields->has("preempt_rt")) {  // earlier versions kept none
    std::string said;
    fields->required("preempt_rt", &said);
    if (const auto known = preempt_rt_named(said)) {
      measured.preempt_rt = *known;
    } else {
      fields->refuse("preempt_rt", "must be not told, realtime 0, no or yes");
    }
  }
  if (fields->has("load")) fields->required("load", &measured.load);  // earlier versions kept none
  fields->required("missed", &measured.missed);
  fields->required("why_invalid", &measured.why_invalid);
  fields->required("exported_from", &measured.exported_from);
  fields->required("remarks", &measured.remarks);
  std::uint64_t counted = 0;
  for (JsonReader& entry : fields->objects("threads")) {
    ThreadLatencies& thread = measured.threads.emplace_back();
    entry.required("name", &thread.name);
    entry.required("count", &thread.count);
    entry.required("overflow", &thread.overflow);
    read_extreme(&entry, "min_ns", &thread.min_ns);
    read_extreme(&entry, "max_ns", &thread.max_ns);
    if (thread.count > most_latencies || counted > most_latencies)
      entry.refuse("count", "is more than there can be");
    counted += std::min(thread.count, most_latencies);
  }
  read_histogram_of(fields->object("histogram"), &measured.latencies);
  if (counted != held_by(measured.latencies))
    fields->refuse("threads", "counts not as many latencies as the histogram holds");
  if (measured.missed > most_latencies) fields->refuse("missed", "is more than there can be");
}

}  // namespace

std::string kept_name(std::size_t index) { return fmt::format("source-{}", index + 1); }

std::string to_json(const ImportedRun& run) {
  OrderedJson files = OrderedJson::array();
  for (const ImportedSource& each : run.sources) files.push_back(source_json(each));
  const OrderedJson document = {{"format", 1},
                                {"time_base", name_of(TimeBase::wall_clock)},
                                {"unit", "ns"},
                                {"self_measured", true},
                                {"suite", run.board.suite},
                                {"board", run.board.board},
                                {"kernel", run.board.kernel},
                                {"load", run.board.load},
                                {"read_as", options_json(run)},
                                {"files", std::move(files)}};
  return with_seal(document.dump(2, ' ', false, OrderedJson::error_handler_t::replace));
}

Result<ImportedRun> read_imported_file(const std::filesystem::path& path) {
  TRY(text, read_file(path, ErrorKind::data));
  TRY(run, parse_imported(text, path.string()));  // which says what is wrong with it, where it can
  TRY_STATUS(check_seal(text, path.string(), "import again"));
  return run;
}

Result<ImportedRun> parse_imported(std::string_view text, const std::string& name) {
  auto rules = JsonReader::file();
  rules.next_step = "the file was altered or damaged: import again";
  TRY(fields, JsonReader::parse(text, name, rules));
  ImportedRun run;
  std::string time_base;
  fields.required("suite", &run.board.suite);
  fields.required("board", &run.board.board);
  fields.required("kernel", &run.board.kernel);
  fields.required("load", &run.board.load);
  fields.required("time_base", &time_base);
  if (time_base != name_of(TimeBase::wall_clock)) fields.refuse("time_base", "must be wall");
  if (fields.has("read_as")) read_options(fields.object("read_as"), &run);
  for (JsonReader& entry : fields.objects("files")) read_source(&entry, &run.sources.emplace_back());
  if (run.sources.empty()) fields.refuse("files", "has none");
  TRY_STATUS(fields.finish());
  return run;
}

namespace {

// A kernel's name is its user's word; of PREEMPT_RT the file may know better.
void note_unconfirmed_rt(const ImportedRun& run, GroupEvidence* group) {
  if (!claims_preempt_rt(run.board.kernel)) return;
  for (const ImportedSource& each : run.sources) {
    const PreemptRt said = each.measurement.preempt_rt;
    if (said == PreemptRt::yes) continue;
    const char* why =
        said == PreemptRt::realtime_0
            ? "the file says realtime 0, and kernel.org's PREEMPT_RT kernels say so as well: the "
              "kernel's name is as given by --kernel"
            : "the file does not say it: the kernel's name is as given by --kernel";
    return note_unconfirmed({{"PREEMPT_RT", fmt::format("{}: {}", each.name, why)}}, group);
  }
}

}  // namespace

Result<Comparison> evidence_of(const ImportedRun& run) {
  Comparison comparison;
  comparison.suite.name = run.board.suite;
  comparison.board.name = run.board.board;
  comparison.time_base = TimeBase::wall_clock;
  comparison.self_measured_by = run.sources.front().measurement.program;
  comparison.loads = {{run.board.load, ""}};
  GroupEvidence& group = comparison.groups.emplace_back();
  group.kernel = run.board.kernel;
  group.load = run.board.load;
  group.not_counted = fmt::format("{} makes no such count: it measures itself, and knows no deadline",
                                  comparison.self_measured_by);
  note_unconfirmed_rt(run, &group);
  std::vector<std::shared_ptr<const Tail>> tails;
  for (const ImportedSource& each : run.sources) {
    group.cells.push_back(each.name);
    auto tail = HistogramTail::make(each.measurement.latencies, {0, each.measurement.missed});
    if (!tail)
      return fail(tail.error().kind, fmt::format("{}: {}", each.name, tail.error().what),
                  tail.error().next_step);
    tails.push_back(std::make_shared<HistogramTail>(*std::move(tail)));
    if (!each.measurement.why_invalid.empty())
      group.invalid.push_back({.cell = each.name,
                               .outcome = "invalid",
                               .reason = each.measurement.why_invalid,
                               .unreadable = false,
                               .next_step = {},
                               .seen_holds = is_stopped_at_own_limit(each.measurement.why_invalid)});
  }
  group.pooled = std::make_shared<PooledTail>(std::move(tails));
  if (group.pooled->total().most > most_latencies)
    return fail(ErrorKind::data, "the files hold more latencies than there can be");
  group.summary.counts.scheduled = group.summary.counts.count = group.pooled->count();
  return comparison;
}

}  // namespace loopgate
