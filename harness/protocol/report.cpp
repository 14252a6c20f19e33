#include "protocol/report.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/base64.h"
#include "base/json_reader.h"

namespace loopgate {
namespace {

using json = nlohmann::ordered_json;
using std::chrono::nanoseconds;

// ---- Writing ----

double to_ms(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json in_ms(const std::optional<nanoseconds>& time) {
  return time ? json(static_cast<double>(time->count()) / 1e6) : json(nullptr);
}

// What a program printed, as JSON; null when it is none.
json value_of(const std::string& text) {
  json document = json::parse(text, nullptr, false);
  return document.is_discarded() ? json(nullptr) : document;
}

json json_of(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return {{"part", failure->part}, {"name", failure->name}, {"what", failure->what}};
}

json json_of(const KernelFacts& kernel) {
  return {{"release", kernel.release},
          {"version", kernel.version},
          {"machine", kernel.machine},
          {"command_line", kernel.command_line},
          {"realtime", kernel.realtime ? json(*kernel.realtime ? 1 : 0) : json(nullptr)}};
}

json json_of(const CheckRow& row) {
  return {{"name", row.name}, {"expected", row.expected}, {"seen", row.seen}, {"passed", row.passed}};
}

json json_of(const TuningRow& row) {
  return {{"what", row.what}, {"wanted", row.wanted}, {"read_back", row.read_back}, {"ok", row.ok}};
}

json json_of(const ThreadRow& thread) {
  return {
      {"name", thread.name}, {"pid", thread.pid}, {"policy", thread.policy}, {"priority", thread.priority}};
}

json json_of(const PartReport& part) {
  return {{"name", part.name},
          {"died_early", part.died_early},
          {"exit", part.exit},
          {"attested", {{"processes", part.processes}, {"cpu_ms", to_ms(part.attested_cpu_ns)}}},
          {"cpu_ms_in_window", to_ms(part.cpu_ns_in_window)},
          {"stdout", part.output},
          {"stderr", part.errors},
          {"output", or_null(part.file)}};
}

json json_of(const Timing& timing) {
  return {{"job_read_ms", in_ms(timing.job_read)},
          {"attested_ms", in_ms(timing.attested)},
          {"ready_ms", in_ms(timing.ready)},
          {"stopped_ms", in_ms(timing.stopped)}};
}

json json_of(const CodeMap& code) {
  return {{"file", code.file}, {"begin", code.begin}, {"end", code.end}, {"offset", code.offset}};
}

template <class Row>
json rows_of(const std::vector<Row>& rows) {
  json array = json::array();
  for (const Row& row : rows) array.push_back(json_of(row));
  return array;
}

json json_of(const std::optional<PayloadReport>& payload) {
  if (!payload) return nullptr;
  return {{"exit", payload->exit},
          {"stdout", payload->output},
          {"stderr", payload->errors},
          {"ready_after_ms", in_ms(payload->ready_after)},
          {"code", rows_of(payload->code)}};
}

json json_of(const std::optional<InstrumentReport>& instrument) {
  if (!instrument) return nullptr;
  json files = json::object();
  for (const auto& [path, bytes] : instrument->files) files[path] = to_base64(bytes);
  return {{"check_exit", instrument->check_exit},
          {"check", value_of(instrument->check)},
          {"exit", instrument->exit.empty() ? json(nullptr) : json(instrument->exit)},
          {"end", value_of(instrument->end)},
          {"stderr", instrument->errors},
          {"files", std::move(files)}};
}

// ---- Reading ----

// Exact: up to 2^52 ns, the nearest ns of a double in ms is the one that it was made from.
std::uint64_t ns_of(JsonReader* reader, const std::string& key) {
  double ms = 0;
  reader->required(key, &ms);
  if (!(ms >= 0 && ms < 4e9)) {
    reader->refuse(key, "is out of bounds");
    return 0;
  }
  return static_cast<std::uint64_t>(std::llround(ms * 1e6));
}

// Null stands for nothing, but the key must be there.
std::optional<nanoseconds> time_of(JsonReader* reader, const std::string& key) {
  if (!reader->has_value(key)) return std::nullopt;
  return nanoseconds(static_cast<std::int64_t>(ns_of(reader, key)));
}

std::string json_text(JsonReader* reader, const std::string& key) {
  std::string text;
  reader->required_json(key, &text);
  return text == "null" ? std::string() : text;
}

Failure read_failure(JsonReader reader) {
  Failure failure;
  reader.required("part", &failure.part);
  reader.required("name", &failure.name);
  reader.required("what", &failure.what);
  (void)reader.finish();
  return failure;
}

KernelFacts read_kernel(JsonReader reader) {
  KernelFacts kernel;
  reader.required("release", &kernel.release);
  reader.required("version", &kernel.version);
  reader.required("machine", &kernel.machine);
  reader.required("command_line", &kernel.command_line);
  if (int realtime = 0; reader.has_value("realtime")) {
    reader.required("realtime", &realtime);
    if (realtime != 0 && realtime != 1) reader.refuse("realtime", "must be 0, 1 or null");
    kernel.realtime = realtime == 1;
  }
  (void)reader.finish();
  return kernel;
}

CheckRow read_check(JsonReader reader) {
  CheckRow row;
  reader.required("name", &row.name);
  reader.required("expected", &row.expected);
  reader.required("seen", &row.seen);
  reader.required("passed", &row.passed);
  (void)reader.finish();
  return row;
}

TuningRow read_tuning(JsonReader reader) {
  TuningRow row;
  reader.required("what", &row.what);
  reader.required("wanted", &row.wanted);
  reader.required("read_back", &row.read_back);
  reader.required("ok", &row.ok);
  (void)reader.finish();
  return row;
}

ThreadRow read_thread(JsonReader reader) {
  ThreadRow row;
  reader.required("name", &row.name);
  reader.required("pid", &row.pid);
  reader.required("policy", &row.policy);
  reader.required("priority", &row.priority);
  (void)reader.finish();
  return row;
}

PartReport read_part(JsonReader reader) {
  PartReport part;
  reader.required("name", &part.name);
  reader.required("died_early", &part.died_early);
  reader.required("exit", &part.exit);
  JsonReader attested = reader.object("attested");
  attested.required("processes", &part.processes);
  part.attested_cpu_ns = ns_of(&attested, "cpu_ms");
  (void)attested.finish();
  part.cpu_ns_in_window = ns_of(&reader, "cpu_ms_in_window");
  reader.required("stdout", &part.output);
  reader.required("stderr", &part.errors);
  if (reader.has_value("output")) reader.required("output", &part.file.emplace());
  (void)reader.finish();
  return part;
}

Timing read_timing(JsonReader reader) {
  Timing timing;
  timing.job_read = time_of(&reader, "job_read_ms");
  timing.attested = time_of(&reader, "attested_ms");
  timing.ready = time_of(&reader, "ready_ms");
  timing.stopped = time_of(&reader, "stopped_ms");
  (void)reader.finish();
  return timing;
}

CodeMap read_code(JsonReader reader) {
  CodeMap code;
  reader.required("file", &code.file);
  reader.required("begin", &code.begin);
  reader.required("end", &code.end);
  reader.required("offset", &code.offset);
  (void)reader.finish();
  return code;
}

PayloadReport read_payload(JsonReader reader) {
  PayloadReport payload;
  reader.required("exit", &payload.exit);
  reader.required("stdout", &payload.output);
  reader.required("stderr", &payload.errors);
  payload.ready_after = time_of(&reader, "ready_after_ms");
  for (JsonReader& code : reader.objects("code")) payload.code.push_back(read_code(std::move(code)));
  (void)reader.finish();
  return payload;
}

InstrumentReport read_instrument(JsonReader reader) {
  InstrumentReport instrument;
  reader.required("check_exit", &instrument.check_exit);
  instrument.check = json_text(&reader, "check");
  if (reader.has_value("exit")) reader.required("exit", &instrument.exit);
  instrument.end = json_text(&reader, "end");
  reader.required("stderr", &instrument.errors);
  JsonReader files = reader.object("files");
  for (const std::string& path : files.keys()) {
    std::string text;
    files.required(path, &text);
    auto bytes = from_base64(text);
    if (!bytes) files.refuse(path, "is not base64");
    instrument.files[path] = std::move(bytes).value_or("");
  }
  (void)files.finish();
  (void)reader.finish();
  return instrument;
}

// Both follow from the rest, and stand in the report for who reads it without this.
void check_derived(JsonReader* reader, JsonReader* load, const Report& report) {
  std::string state;
  reader->required("state", &state);
  if (state != (report.failure ? "failed" : "reported")) reader->refuse("state", "contradicts failure");
  std::int64_t window_ns = 0;
  load->required("window_ns", &window_ns);
  if (window_ns != report.timing.window().count()) load->refuse("window_ns", "contradicts timing");
}

}  // namespace

nanoseconds Timing::window() const {
  return attested && stopped ? *stopped - *attested : nanoseconds::zero();
}

std::string to_json(const Report& report) {
  const json document = {
      {"format", 1},
      {"state", report.failure ? "failed" : "reported"},
      {"failure", json_of(report.failure)},
      {"timing", json_of(report.timing)},
      {"kernel", json_of(report.kernel)},
      {"checks", rows_of(report.checks)},
      {"tuning", rows_of(report.tuning)},
      {"threads", rows_of(report.threads)},
      {"interrupts_start", report.interrupts_start},
      {"interrupts_end", report.interrupts_end},
      {"load", {{"window_ns", report.timing.window().count()}, {"parts", rows_of(report.parts)}}},
      {"payload", json_of(report.payload)},
      {"instrument", json_of(report.instrument)}};
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Report> parse_report(std::string_view text) {
  TRY(reader, JsonReader::parse(text, "the agent's report", JsonReader::message));
  Report report;
  if (reader.has_value("failure")) report.failure = read_failure(reader.object("failure"));
  report.timing = read_timing(reader.object("timing"));
  report.kernel = read_kernel(reader.object("kernel"));
  for (JsonReader& row : reader.objects("checks")) report.checks.push_back(read_check(std::move(row)));
  for (JsonReader& row : reader.objects("tuning")) report.tuning.push_back(read_tuning(std::move(row)));
  for (JsonReader& row : reader.objects("threads")) report.threads.push_back(read_thread(std::move(row)));
  reader.required("interrupts_start", &report.interrupts_start);
  reader.required("interrupts_end", &report.interrupts_end);
  JsonReader load = reader.object("load");
  for (JsonReader& part : load.objects("parts")) report.parts.push_back(read_part(std::move(part)));
  if (reader.has_value("payload")) report.payload = read_payload(reader.object("payload"));
  if (reader.has_value("instrument")) report.instrument = read_instrument(reader.object("instrument"));
  check_derived(&reader, &load, report);
  (void)load.finish();
  TRY_STATUS(reader.finish());
  return report;
}

}  // namespace loopgate
