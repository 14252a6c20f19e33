#include "protocol/job.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json_forms.h"
#include "base/json_reader.h"
#include "protocol/channel.h"

namespace loopgate {
namespace {

using nlohmann::json;

using Named = std::pair<const char*, int>;
constexpr std::array<Named, 3> policies = {{{"fifo", SCHED_FIFO}, {"rr", SCHED_RR}, {"other", SCHED_OTHER}}};
constexpr std::array<Named, 2> signals = {{{"INT", SIGINT}, {"TERM", SIGTERM}}};

constexpr std::array<const char*, 7> line_names = {"stimulus",    "response",     "storm",      "control_in",
                                                   "control_out", "stimulus_out", "response_in"};

// No wait is longer: a slip of the hand in a job must not hold the bench.
constexpr std::int64_t wait_ms_max = 600'000;
// But for the measurement itself.
constexpr std::int64_t measure_ms_max = std::int64_t{7} * 24 * 3'600'000;

// ---- Forms ----

constexpr Span<std::chrono::milliseconds> wait_form{wait_ms_max};
constexpr Span<std::chrono::milliseconds> measure_form{measure_ms_max};
constexpr Span<std::chrono::microseconds> delay_form{1'000 * wait_ms_max};
constexpr ByName policy_form{&policies};
constexpr ByName signal_form{&signals};
constexpr Within<int> cpu_form{0, CPU_SETSIZE - 1};

// A command begins with a program.
struct Command : AsItIs {
  void read(JsonReader* reader, const char* key, std::vector<std::string>* argv) const {
    reader->required(key, argv);
    if (argv->empty() || argv->front().empty()) reader->refuse(key, "must begin with a program");
  }
};

struct Cpus : AsItIs {
  void read(JsonReader* reader, const char* key, std::vector<int>* cpus) const {
    std::vector<std::int64_t> numbers;
    reader->required(key, &numbers);
    for (const std::int64_t number : numbers) {
      if (number < cpu_form.least || number > cpu_form.most)
        return reader->refuse(key, "must be from 0 to 1023");
      cpus->push_back(static_cast<int>(number));
    }
  }
};

// Lines of the board by their names, which are known.
struct Lines : AsItIs {
  void read(JsonReader* reader, const char* key, std::map<std::string, int>* lines) const {
    JsonReader entries = reader->object(key);
    for (const char* name : line_names) {
      if (!entries.has(name)) continue;
      int& line = (*lines)[name];
      entries.required(name, &line);
      if (line < 0) entries.refuse(name, "must not be negative");
    }
    (void)entries.finish();
  }
};

// What reading a file back must give is what was written, unless it is said.
struct ReadsBack {
  template <class Json>
  void write(const FileRule& rule, Json* object) const {
    if (rule.reads != rule.value) (*object)["reads"] = rule.reads;
  }
  void read(JsonReader* reader, FileRule* rule) const {
    rule->reads = rule->value;
    reader->optional("reads", &rule->reads);
  }
};

struct EqualsOrContains {
  template <class Json>
  void write(const FileCheck& check, Json* object) const {
    (*object)[check.whole ? "equals" : "contains"] = check.expected;
  }
  void read(JsonReader* reader, FileCheck* check) const {
    check->whole = reader->has("equals");
    if (check->whole == reader->has("contains"))
      reader->refuse("equals", "or contains is needed, and only one of the two");
    reader->optional("equals", &check->expected);
    reader->optional("contains", &check->expected);
  }
};

template <class Row>
std::string two_of_a_name(const std::vector<Row>& rows) {
  std::set<std::string> names;
  for (const Row& row : rows)
    if (!names.insert(row.name).second) return "has two of the name " + row.name;
  return "";
}

std::string priority_complaint(const ThreadRule& rule) {
  const bool real_time = rule.policy != SCHED_OTHER;
  if (real_time && (rule.priority < 1 || rule.priority > 99)) return "must be from 1 to 99";
  if (!real_time && rule.priority != 0) return "must be 0 where the policy is other";
  return "";
}

std::string size_complaint(const FileSpec& file) {
  return file.size > payload_files_size_max - file.offset ? "reaches beyond the area for files" : "";
}

}  // namespace

// ---- Fields ----

static constexpr auto fields_of(const FileRule*) {
  return std::tuple(field("path", &FileRule::path), field("value", &FileRule::value), ReadsBack());
}

static constexpr auto fields_of(const ThreadRule*) {
  return std::tuple(field("name", &ThreadRule::name), field("policy", &ThreadRule::policy, policy_form),
                    lenient("priority", &ThreadRule::priority), lenient("required", &ThreadRule::required),
                    sparse("cpus", &ThreadRule::cpus, Cpus()), constraint("priority", priority_complaint));
}

static constexpr auto fields_of(const FileCheck*) {
  return std::tuple(field("name", &FileCheck::name), field("file", &FileCheck::file), EqualsOrContains());
}

static constexpr auto fields_of(const KernelQuestions*) {
  return std::tuple(field("files", &KernelQuestions::files), field("log", &KernelQuestions::log));
}

static constexpr auto fields_of(const Perturbation*) {
  return std::tuple(field("seed", &Perturbation::seed),
                    field("held_pages", &Perturbation::held_pages, Within<int>{0, held_pages_max}),
                    field("delay_us", &Perturbation::delay, delay_form));
}

static constexpr auto fields_of(const PartSpec*) {
  return std::tuple(field("name", &PartSpec::name), field("argv", &PartSpec::argv, Command()),
                    field("stop_signal", &PartSpec::stop_signal, signal_form),
                    lenient("output", &PartSpec::output, NullWhereEmpty()),
                    lenient("min_processes", &PartSpec::min_processes, Within<int>{1, 100'000}),
                    lenient("min_cpu_ms", &PartSpec::min_cpu_ms),
                    constraint<PartSpec>("min_cpu_ms",
                                         [](const PartSpec& part) -> std::string {
                                           return part.min_cpu_ms < 0 ? "must not be negative" : "";
                                         }),
                    field("ready_timeout_ms", &PartSpec::ready_timeout, wait_form));
}

static constexpr auto fields_of(const FileSpec*) {
  return std::tuple(field("path", &FileSpec::path),
                    field("offset", &FileSpec::offset, Within<std::size_t>{0, payload_files_size_max}),
                    field("size", &FileSpec::size, Within<std::size_t>{0, payload_files_size_max}),
                    constraint<FileSpec>("path",
                                         [](const FileSpec& file) -> std::string {
                                           return file.path.starts_with('/') ? "" : "must be absolute";
                                         }),
                    constraint("size", size_complaint));
}

static constexpr auto fields_of(const PayloadSpec*) {
  return std::tuple(field("argv", &PayloadSpec::argv, Command()), lenient("files", &PayloadSpec::files),
                    sparse("cpus", &PayloadSpec::cpus, Cpus()),
                    field("ready_timeout_ms", &PayloadSpec::ready_timeout, wait_form));
}

static constexpr auto fields_of(const ProgramNeeds*) {
  return std::tuple(field("cpus", &ProgramNeeds::cpus), sparse("machine", &ProgramNeeds::machine),
                    sparse("tracer", &ProgramNeeds::tracer), sparse("programs", &ProgramNeeds::programs),
                    sparse("files", &ProgramNeeds::files), sparse("libraries", &ProgramNeeds::libraries));
}

static constexpr auto fields_of(const ProgramSpec*) {
  return std::tuple(field("name", &ProgramSpec::name), field("argv", &ProgramSpec::argv, Command()),
                    sparse("file", &ProgramSpec::file),
                    constraint<ProgramSpec>("file",
                                            [](const ProgramSpec& program) -> std::string {
                                              const bool good =
                                                  program.file.empty() || program.file.starts_with('/');
                                              return good ? "" : "must be absolute";
                                            }),
                    field("timeout_ms", &ProgramSpec::timeout, measure_form),
                    field("needs", &ProgramSpec::needs), sparse("cpus", &ProgramSpec::cpus, Cpus()));
}

static constexpr auto fields_of(const ProbeSpec*) {
  return std::tuple(field("argv", &ProbeSpec::argv, Command()), field("file", &ProbeSpec::file),
                    constraint<ProbeSpec>("file",
                                          [](const ProbeSpec& probe) -> std::string {
                                            return probe.file.starts_with('/') ? "" : "must be absolute";
                                          }),
                    sparse("trace", &ProbeSpec::trace), lenient("in_report", &ProbeSpec::in_report),
                    field("ready_timeout_ms", &ProbeSpec::ready_timeout, wait_form));
}

static constexpr auto fields_of(const InstrumentSpec*) {
  return std::tuple(
      field("check_argv", &InstrumentSpec::check_argv, Command()),
      field("argv", &InstrumentSpec::argv, Command()), sparse("cpu", &InstrumentSpec::cpu, cpu_form),
      field("check_timeout_ms", &InstrumentSpec::check_timeout, wait_form),
      field("timeout_ms", &InstrumentSpec::timeout, measure_form), sparse("files", &InstrumentSpec::files));
}

static constexpr auto fields_of(const JobBoard*) {
  return std::tuple(field("chip", &JobBoard::chip), field("lines", &JobBoard::lines, Lines()));
}

namespace {

// A payload must be there where no program stands in its place.
struct PayloadOrPrograms {
  template <class Json>
  void write(const Job& job, Json* object) const {
    if (job.has_payload() || job.programs.empty()) (*object)["payload"] = write_object<Json>(job.payload);
    if (!job.programs.empty()) (*object)["programs"] = AsItIs().write<Json>(job.programs);
  }
  void read(JsonReader* reader, Job* job) const {
    const bool has_programs = reader->has("programs");
    if (has_programs) {
      AsItIs().read(reader, "programs", &job->programs);
      if (job->programs.empty()) reader->refuse("programs", "is empty");
      if (const auto twice = two_of_a_name(job->programs); !twice.empty()) reader->refuse("programs", twice);
    }
    if (reader->has("payload") || !has_programs) AsItIs().read(reader, "payload", &job->payload);
    if (job->has_payload() && job->programs.size() > 1)
      reader->refuse("programs", "has more than one beside the payload");
  }
};

}  // namespace

static constexpr auto fields_of(const Job*) {
  return std::tuple(field("board", &Job::board),
                    group("tuning", field("files", &Job::files), field("threads", &Job::threads)),
                    field("checks", &Job::checks), sparse("kernel", &Job::kernel),
                    sparse("perturbation", &Job::perturbation),
                    group("load", field("parts", &Job::parts),
                          constraint<Job>("parts", [](const Job& job) { return two_of_a_name(job.parts); }),
                          field("settle_ms", &Job::settle, wait_form)),
                    PayloadOrPrograms(), sparse("probe", &Job::probe),
                    constraint<Job>("probe",
                                    [](const Job& job) -> std::string {
                                      return !job.probe || job.has_payload() ? ""
                                                                             : "has no payload to follow";
                                    }),
                    sparse("instrument", &Job::instrument));
}

std::optional<int> scheduling_policy(const std::string& name) {
  for (const auto& [known, number] : policies)
    if (name == known) return number;
  return std::nullopt;
}

std::string to_json(const Job& job) {
  json document = write_object<json>(job);
  document["format"] = 1;
  return document.dump();
}

Result<Job> parse_job(std::string_view text) {
  TRY(reader, JsonReader::parse(text, "job", JsonReader::message));
  Job job;
  TRY_STATUS(read_object(std::move(reader), &job));
  return job;
}

}  // namespace loopgate
