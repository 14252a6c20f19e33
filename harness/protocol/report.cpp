#include "protocol/report.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "base/base64.h"
#include "base/json.h"
#include "base/json_forms.h"

namespace loopgate {
namespace {

using std::chrono::nanoseconds;

// Exact: up to 2^52 ns, the nearest ns of a double in ms is the one that it was made from.
std::uint64_t ns_of(JsonReader* reader, const char* key) {
  double ms = 0;
  reader->required(key, &ms);
  if (!(ms >= 0 && ms < 4e9)) {
    reader->refuse(key, "is out of bounds");
    return 0;
  }
  return static_cast<std::uint64_t>(std::llround(ms * 1e6));
}

// ---- The forms of values that JSON has no type for ----

struct NsInMs {
  template <class Json>
  Json write(std::uint64_t ns) const {
    return static_cast<double>(ns) / 1e6;
  }
  void read(JsonReader* reader, const char* key, std::uint64_t* ns) const { *ns = ns_of(reader, key); }
};

// Null stands for nothing, but the key must be there.
struct TimeInMs {
  template <class Json>
  Json write(const std::optional<nanoseconds>& time) const {
    return time ? Json(static_cast<double>(time->count()) / 1e6) : Json(nullptr);
  }
  void read(JsonReader* reader, const char* key, std::optional<nanoseconds>* time) const {
    if (reader->has_value(key)) *time = nanoseconds(static_cast<std::int64_t>(ns_of(reader, key)));
  }
};

struct OneOrZero {
  template <class Json>
  Json write(const std::optional<bool>& value) const {
    return value ? Json(*value ? 1 : 0) : Json(nullptr);
  }
  void read(JsonReader* reader, const char* key, std::optional<bool>* value) const {
    if (!reader->has_value(key)) return;
    int number = 0;
    reader->required(key, &number);
    if (number != 0 && number != 1) reader->refuse(key, "must be 0, 1 or null");
    *value = number == 1;
  }
};

// What a program printed, as JSON; null when it is none.
struct PrintedJson {
  template <class Json>
  Json write(const std::string& text) const {
    Json document = parse_json<Json>(text);
    return document.is_discarded() ? Json(nullptr) : document;
  }
  void read(JsonReader* reader, const char* key, std::string* text) const {
    reader->required_json(key, text);
    if (*text == "null") text->clear();
  }
};

struct FilesInBase64 {
  template <class Json>
  Json write(const std::map<std::string, std::string>& files) const {
    Json object = Json::object();
    for (const auto& [path, bytes] : files) object[path] = to_base64(bytes);
    return object;
  }
  void read(JsonReader* reader, const char* key, std::map<std::string, std::string>* files) const {
    JsonReader object = reader->object(key);
    for (const std::string& path : object.keys()) {
      std::string text;
      object.required(path, &text);
      auto bytes = from_base64(text);
      if (!bytes) object.refuse(path, "is not base64");
      (*files)[path] = std::move(bytes).value_or("");
    }
    (void)object.finish();
  }
};

struct BytesInBase64 {
  template <class Json>
  Json write(const std::string& bytes) const {
    return to_base64(bytes);
  }
  void read(JsonReader* reader, const char* key, std::string* bytes) const {
    std::string text;
    reader->required(key, &text);
    auto decoded = from_base64(text);
    if (!decoded) reader->refuse(key, "is not base64");
    *bytes = std::move(decoded).value_or("");
  }
};

}  // namespace

// ---- The fields of each type ----

static constexpr auto fields_of(const Failure*) {
  return std::tuple(field("part", &Failure::part), field("name", &Failure::name),
                    field("what", &Failure::what));
}

static constexpr auto fields_of(const Timing*) {
  return std::tuple(field("job_read_ms", &Timing::job_read, TimeInMs()),
                    field("attested_ms", &Timing::attested, TimeInMs()),
                    field("ready_ms", &Timing::ready, TimeInMs()),
                    field("stopped_ms", &Timing::stopped, TimeInMs()));
}

static constexpr auto fields_of(const KernelAnswers*) {
  return std::tuple(field("files", &KernelAnswers::files), field("log", &KernelAnswers::log),
                    field("log_is_whole", &KernelAnswers::log_is_whole));
}

static constexpr auto fields_of(const KernelFacts*) {
  return std::tuple(
      field("release", &KernelFacts::release), field("version", &KernelFacts::version),
      field("machine", &KernelFacts::machine), field("command_line", &KernelFacts::command_line),
      field("realtime", &KernelFacts::realtime, OneOrZero()), field("answers", &KernelFacts::answers));
}

static constexpr auto fields_of(const CheckRow*) {
  return std::tuple(field("name", &CheckRow::name), field("expected", &CheckRow::expected),
                    field("seen", &CheckRow::seen), field("passed", &CheckRow::passed));
}

static constexpr auto fields_of(const TuningRow*) {
  return std::tuple(field("what", &TuningRow::what), field("pid", &TuningRow::pid),
                    field("wanted", &TuningRow::wanted), field("read_back", &TuningRow::read_back),
                    field("ok", &TuningRow::ok));
}

static constexpr auto fields_of(const ThreadRow*) {
  return std::tuple(field("name", &ThreadRow::name), field("pid", &ThreadRow::pid),
                    field("policy", &ThreadRow::policy), field("priority", &ThreadRow::priority));
}

static constexpr auto fields_of(const PartReport*) {
  return std::tuple(field("name", &PartReport::name), field("died_early", &PartReport::died_early),
                    field("exit", &PartReport::exit),
                    group("attested", field("processes", &PartReport::processes),
                          field("cpu_ms", &PartReport::attested_cpu_ns, NsInMs())),
                    field("cpu_ms_in_window", &PartReport::cpu_ns_in_window, NsInMs()),
                    field("processes_at_stop", &PartReport::processes_at_stop),
                    field("cpus", &PartReport::cpus), field("stdout", &PartReport::output),
                    field("stderr", &PartReport::errors), field("output", &PartReport::file));
}

static constexpr auto fields_of(const CodeMap*) {
  return std::tuple(field("file", &CodeMap::file), field("begin", &CodeMap::begin),
                    field("end", &CodeMap::end), field("offset", &CodeMap::offset));
}

static constexpr auto fields_of(const PayloadReport*) {
  return std::tuple(field("exit", &PayloadReport::exit), field("stdout", &PayloadReport::output),
                    field("stderr", &PayloadReport::errors),
                    field("ready_after_ms", &PayloadReport::ready_after, TimeInMs()),
                    field("code", &PayloadReport::code));
}

static constexpr auto fields_of(const ProgramReport*) {
  return std::tuple(
      field("name", &ProgramReport::name), field("missing", &ProgramReport::missing),
      field("exit", &ProgramReport::exit), field("timed_out", &ProgramReport::timed_out),
      field("cut_off", &ProgramReport::cut_off), field("told_to_end", &ProgramReport::told_to_end),
      field("began_ms", &ProgramReport::began, TimeInMs()),
      field("ended_ms", &ProgramReport::ended, TimeInMs()), field("stdout", &ProgramReport::output),
      field("stderr", &ProgramReport::errors), field("file", &ProgramReport::file));
}

static constexpr auto fields_of(const ProbeReport*) {
  return std::tuple(field("exit", &ProbeReport::exit), field("findings", &ProbeReport::output, PrintedJson()),
                    field("stderr", &ProbeReport::errors), field("file", &ProbeReport::file, BytesInBase64()),
                    sparse("trace", &ProbeReport::trace, BytesInBase64()));
}

static constexpr auto fields_of(const InstrumentReport*) {
  return std::tuple(field("check_exit", &InstrumentReport::check_exit),
                    field("check", &InstrumentReport::check, PrintedJson()),
                    field("exit", &InstrumentReport::exit, NullWhereEmpty()),
                    field("end", &InstrumentReport::end, PrintedJson()),
                    field("stderr", &InstrumentReport::errors),
                    field("files", &InstrumentReport::files, FilesInBase64()));
}

static std::string state_of(const Report& report) { return report.failure ? "failed" : "reported"; }
static std::int64_t window_ns_of(const Report& report) { return report.timing.window().count(); }

static constexpr auto fields_of(const Report*) {
  return std::tuple(
      field("failure", &Report::failure), derived("state", &state_of, "contradicts failure"),
      field("timing", &Report::timing), field("kernel", &Report::kernel), field("checks", &Report::checks),
      field("tuning", &Report::tuning), field("threads", &Report::threads),
      field("checks_end", &Report::checks_end), field("tuning_end", &Report::tuning_end),
      field("interrupts_start", &Report::interrupts_start), field("interrupts_end", &Report::interrupts_end),
      group("load", derived("window_ns", &window_ns_of, "contradicts timing"),
            field("parts", &Report::parts)),
      field("payload", &Report::payload), field("programs", &Report::programs),
      sparse("probe", &Report::probe), field("instrument", &Report::instrument));
}

std::string thread_cpus_text(const std::string& cpus) { return " on CPU " + cpus; }

std::string subject_of(const TuningRow& row) {
  return row.pid ? row.what + " (pid " + std::to_string(*row.pid) + ")" : row.what;
}

nanoseconds Timing::window() const {
  return attested && stopped ? *stopped - *attested : nanoseconds::zero();
}

std::string to_json(const Report& report) {
  nlohmann::ordered_json document = {{"format", 1}};
  document.update(write_object<nlohmann::ordered_json>(report));
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Report> parse_report(std::string_view text) {
  TRY(reader, JsonReader::parse(text, "the agent's report", JsonReader::message));
  Report report;
  TRY_STATUS(read_object(std::move(reader), &report));
  return report;
}

}  // namespace loopgate
