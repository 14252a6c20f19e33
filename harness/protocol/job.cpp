#include "protocol/job.h"

#include <sched.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

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
constexpr std::int64_t measure_ms_max = 7 * 24 * 3'600'000;

template <std::size_t size>
std::optional<int> number_of(const std::array<Named, size>& table, const std::string& name) {
  const auto found = std::ranges::find_if(table, [&](const Named& entry) { return entry.first == name; });
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

template <std::size_t size>
const char* name_of(const std::array<Named, size>& table, int number) {
  const auto found = std::ranges::find(table, number, &Named::second);
  return found == table.end() ? "" : found->first;
}

// ---- Writing ----

json json_of(const FileRule& rule) {
  json entry = {{"path", rule.path}, {"value", rule.value}};
  if (rule.reads != rule.value) entry["reads"] = rule.reads;
  return entry;
}

json json_of(const ThreadRule& rule) {
  return {{"name", rule.name},
          {"policy", name_of(policies, rule.policy)},
          {"priority", rule.priority},
          {"required", rule.required}};
}

json json_of(const FileCheck& check) {
  return {{"name", check.name}, {"file", check.file}, {check.whole ? "equals" : "contains", check.expected}};
}

json json_of(const PartSpec& part) {
  return {{"name", part.name},
          {"argv", part.argv},
          {"stop_signal", name_of(signals, part.stop_signal)},
          {"output", part.output.empty() ? json(nullptr) : json(part.output)},
          {"min_processes", part.min_processes},
          {"min_cpu_ms", part.min_cpu_ms},
          {"ready_timeout_ms", part.ready_timeout.count()}};
}

json json_of(const FileSpec& file) {
  return {{"path", file.path}, {"offset", file.offset}, {"size", file.size}};
}

json json_of(const ProgramNeeds& needs) {
  json entry = {{"cpus", needs.cpus}};
  if (!needs.machine.empty()) entry["machine"] = needs.machine;
  if (!needs.tracer.empty()) entry["tracer"] = needs.tracer;
  if (!needs.programs.empty()) entry["programs"] = needs.programs;
  if (!needs.files.empty()) entry["files"] = needs.files;
  if (!needs.libraries.empty()) entry["libraries"] = needs.libraries;
  return entry;
}

json json_of(const ProgramSpec& program) {
  json entry = {{"name", program.name},
                {"argv", program.argv},
                {"timeout_ms", program.timeout.count()},
                {"needs", json_of(program.needs)}};
  if (!program.file.empty()) entry["file"] = program.file;
  if (!program.cpus.empty()) entry["cpus"] = program.cpus;
  return entry;
}

template <class Row>
json rows_of(const std::vector<Row>& rows) {
  json array = json::array();
  for (const Row& row : rows) array.push_back(json_of(row));
  return array;
}

json json_of(const PayloadSpec& payload) {
  json entry = {{"argv", payload.argv},
                {"files", rows_of(payload.files)},
                {"ready_timeout_ms", payload.ready_timeout.count()}};
  if (!payload.cpus.empty()) entry["cpus"] = payload.cpus;
  return entry;
}

json json_of(const InstrumentSpec& instrument) {
  json entry = {{"check_argv", instrument.check_argv},
                {"argv", instrument.argv},
                {"check_timeout_ms", instrument.check_timeout.count()},
                {"timeout_ms", instrument.timeout.count()}};
  if (instrument.cpu >= 0) entry["cpu"] = instrument.cpu;
  if (!instrument.files.empty()) entry["files"] = instrument.files;
  return entry;
}

// ---- Reading ----

void read_wait(JsonReader* reader, const std::string& key, std::chrono::milliseconds* out,
               std::int64_t most_ms = wait_ms_max) {
  std::int64_t wait_ms = 0;
  reader->required(key, &wait_ms);
  if (wait_ms < 0 || wait_ms > most_ms) reader->refuse(key, "must be from 0 to " + std::to_string(most_ms));
  *out = std::chrono::milliseconds(wait_ms);
}

void read_argv(JsonReader* reader, std::vector<std::string>* argv, const std::string& key = "argv") {
  reader->required(key, argv);
  if (argv->empty() || argv->front().empty()) reader->refuse(key, "must begin with a program");
}

void read_cpu(JsonReader* reader, const std::string& key, std::int64_t cpu, int* out) {
  if (cpu < 0 || cpu >= CPU_SETSIZE) return reader->refuse(key, "must be from 0 to 1023");
  *out = static_cast<int>(cpu);
}

JobBoard read_board(JsonReader reader) {
  JobBoard board;
  reader.required("chip", &board.chip);
  JsonReader lines = reader.object("lines");
  for (const char* name : line_names) {
    if (!lines.has(name)) continue;
    int line = 0;
    lines.required(name, &line);
    if (line < 0) lines.refuse(name, "must not be negative");
    board.lines[name] = line;
  }
  (void)lines.finish();
  (void)reader.finish();
  return board;
}

FileRule read_file_rule(JsonReader reader) {
  FileRule rule;
  reader.required("path", &rule.path);
  reader.required("value", &rule.value);
  rule.reads = rule.value;
  reader.optional("reads", &rule.reads);
  (void)reader.finish();
  return rule;
}

ThreadRule read_thread_rule(JsonReader reader) {
  ThreadRule rule;
  std::string policy;
  reader.required("name", &rule.name);
  reader.required("policy", &policy);
  reader.optional("priority", &rule.priority);
  reader.optional("required", &rule.required);
  const auto number = scheduling_policy(policy);
  if (!number) reader.refuse("policy", "must be fifo, rr or other");
  rule.policy = number.value_or(SCHED_OTHER);
  const bool real_time = rule.policy != SCHED_OTHER;
  if (real_time && (rule.priority < 1 || rule.priority > 99))
    reader.refuse("priority", "must be from 1 to 99");
  if (!real_time && rule.priority != 0) reader.refuse("priority", "must be 0 where the policy is other");
  (void)reader.finish();
  return rule;
}

FileCheck read_check(JsonReader reader) {
  FileCheck check;
  reader.required("name", &check.name);
  reader.required("file", &check.file);
  check.whole = reader.has("equals");
  if (check.whole == reader.has("contains"))
    reader.refuse("equals", "or contains is needed, and only one of the two");
  reader.optional("equals", &check.expected);
  reader.optional("contains", &check.expected);
  (void)reader.finish();
  return check;
}

KernelQuestions read_questions(JsonReader reader) {
  KernelQuestions questions;
  reader.required("files", &questions.files);
  reader.required("log", &questions.log);
  (void)reader.finish();
  return questions;
}

Perturbation read_perturbation(JsonReader reader) {
  Perturbation perturbation;
  std::int64_t delay_us = 0;
  reader.required("seed", &perturbation.seed);
  reader.required("held_pages", &perturbation.held_pages);
  reader.required("delay_us", &delay_us);
  if (perturbation.held_pages < 0 || perturbation.held_pages > held_pages_max)
    reader.refuse("held_pages", "must be from 0 to " + std::to_string(held_pages_max));
  if (delay_us < 0 || delay_us > 1'000 * wait_ms_max)
    reader.refuse("delay_us", "must be from 0 to " + std::to_string(1'000 * wait_ms_max));
  perturbation.delay = std::chrono::microseconds(delay_us);
  (void)reader.finish();
  return perturbation;
}

PartSpec read_part(JsonReader reader) {
  PartSpec part;
  std::string stop_signal;
  reader.required("name", &part.name);
  read_argv(&reader, &part.argv);
  reader.required("stop_signal", &stop_signal);
  reader.optional("output", &part.output);
  reader.optional("min_processes", &part.min_processes);
  reader.optional("min_cpu_ms", &part.min_cpu_ms);
  read_wait(&reader, "ready_timeout_ms", &part.ready_timeout);
  const auto number = number_of(signals, stop_signal);
  if (!number) reader.refuse("stop_signal", "must be INT or TERM");
  part.stop_signal = number.value_or(SIGTERM);
  if (part.min_processes < 1 || part.min_processes > 100'000)
    reader.refuse("min_processes", "must be from 1 to 100000");
  if (part.min_cpu_ms < 0) reader.refuse("min_cpu_ms", "must not be negative");
  (void)reader.finish();
  return part;
}

void read_tuning(JsonReader reader, Job* job) {
  for (JsonReader& file : reader.objects("files")) job->files.push_back(read_file_rule(std::move(file)));
  for (JsonReader& thread : reader.objects("threads"))
    job->threads.push_back(read_thread_rule(std::move(thread)));
  (void)reader.finish();
}

void read_load(JsonReader reader, Job* job) {
  std::set<std::string> names;
  for (JsonReader& part : reader.objects("parts")) {
    job->parts.push_back(read_part(std::move(part)));
    const std::string& name = job->parts.back().name;
    if (!names.insert(name).second) reader.refuse("parts", "has two of the name " + name);
  }
  read_wait(&reader, "settle_ms", &job->settle);
  (void)reader.finish();
}

FileSpec read_file_spec(JsonReader reader) {
  FileSpec file;
  std::int64_t offset = 0, size = 0;
  reader.required("path", &file.path);
  reader.required("offset", &offset);
  reader.required("size", &size);
  constexpr auto most = static_cast<std::int64_t>(payload_files_size_max);
  if (!file.path.starts_with('/')) reader.refuse("path", "must be absolute");
  if (offset < 0 || offset > most) {
    reader.refuse("offset", "is outside of the area for files");
  } else if (size < 0 || size > most - offset) {
    reader.refuse("size", "reaches beyond the area for files");
  } else {
    file.offset = static_cast<std::size_t>(offset);
    file.size = static_cast<std::size_t>(size);
  }
  (void)reader.finish();
  return file;
}

PayloadSpec read_payload(JsonReader reader) {
  PayloadSpec payload;
  read_argv(&reader, &payload.argv);
  if (reader.has("files")) {
    for (JsonReader& file : reader.objects("files")) payload.files.push_back(read_file_spec(std::move(file)));
  }
  std::vector<std::int64_t> cpus;
  reader.optional("cpus", &cpus);
  for (const std::int64_t cpu : cpus) read_cpu(&reader, "cpus", cpu, &payload.cpus.emplace_back(0));
  read_wait(&reader, "ready_timeout_ms", &payload.ready_timeout);
  (void)reader.finish();
  return payload;
}

ProgramNeeds read_needs(JsonReader reader) {
  ProgramNeeds needs;
  reader.required("cpus", &needs.cpus);
  reader.optional("machine", &needs.machine);
  reader.optional("tracer", &needs.tracer);
  reader.optional("programs", &needs.programs);
  reader.optional("files", &needs.files);
  reader.optional("libraries", &needs.libraries);
  (void)reader.finish();
  return needs;
}

ProgramSpec read_program(JsonReader reader) {
  ProgramSpec program;
  reader.required("name", &program.name);
  read_argv(&reader, &program.argv);
  reader.optional("file", &program.file);
  if (!program.file.empty() && !program.file.starts_with('/')) reader.refuse("file", "must be absolute");
  read_wait(&reader, "timeout_ms", &program.timeout, measure_ms_max);
  program.needs = read_needs(reader.object("needs"));
  std::vector<std::int64_t> cpus;
  reader.optional("cpus", &cpus);
  for (const std::int64_t cpu : cpus) read_cpu(&reader, "cpus", cpu, &program.cpus.emplace_back(0));
  (void)reader.finish();
  return program;
}

void read_programs(JsonReader* reader, Job* job) {
  std::set<std::string> names;
  for (JsonReader& program : reader->objects("programs")) {
    job->programs.push_back(read_program(std::move(program)));
    const std::string& name = job->programs.back().name;
    if (!names.insert(name).second) reader->refuse("programs", "has two of the name " + name);
  }
  if (job->programs.empty()) reader->refuse("programs", "is empty");
}

InstrumentSpec read_instrument(JsonReader reader) {
  InstrumentSpec instrument;
  read_argv(&reader, &instrument.check_argv, "check_argv");
  read_argv(&reader, &instrument.argv);
  if (std::int64_t cpu = 0; reader.has("cpu")) {
    reader.required("cpu", &cpu);
    read_cpu(&reader, "cpu", cpu, &instrument.cpu);
  }
  read_wait(&reader, "check_timeout_ms", &instrument.check_timeout);
  read_wait(&reader, "timeout_ms", &instrument.timeout, measure_ms_max);
  reader.optional("files", &instrument.files);
  (void)reader.finish();
  return instrument;
}

}  // namespace

std::optional<int> scheduling_policy(const std::string& name) { return number_of(policies, name); }

std::string to_json(const Job& job) {
  json document = {{"format", 1},
                   {"board", {{"chip", job.board.chip}, {"lines", job.board.lines}}},
                   {"tuning", {{"files", rows_of(job.files)}, {"threads", rows_of(job.threads)}}},
                   {"checks", rows_of(job.checks)},
                   {"load", {{"parts", rows_of(job.parts)}, {"settle_ms", job.settle.count()}}}};
  if (job.has_payload() || job.programs.empty()) document["payload"] = json_of(job.payload);
  if (!job.programs.empty()) document["programs"] = rows_of(job.programs);
  if (job.kernel) document["kernel"] = {{"files", job.kernel->files}, {"log", job.kernel->log}};
  if (job.perturbation)
    document["perturbation"] = {{"seed", job.perturbation->seed},
                                {"held_pages", job.perturbation->held_pages},
                                {"delay_us", job.perturbation->delay.count()}};
  if (job.instrument) document["instrument"] = json_of(*job.instrument);
  return document.dump();
}

Result<Job> parse_job(std::string_view text) {
  TRY(reader, JsonReader::parse(text, "job", JsonReader::message));
  Job job;
  job.board = read_board(reader.object("board"));
  read_tuning(reader.object("tuning"), &job);
  for (JsonReader& check : reader.objects("checks")) job.checks.push_back(read_check(std::move(check)));
  if (reader.has("kernel")) job.kernel = read_questions(reader.object("kernel"));
  if (reader.has("perturbation")) job.perturbation = read_perturbation(reader.object("perturbation"));
  read_load(reader.object("load"), &job);
  if (reader.has("programs")) read_programs(&reader, &job);
  if (reader.has("payload") || !reader.has("programs")) job.payload = read_payload(reader.object("payload"));
  if (job.has_payload() && job.programs.size() > 1)
    reader.refuse("programs", "has more than one beside the payload");
  if (reader.has("instrument")) job.instrument = read_instrument(reader.object("instrument"));
  TRY_STATUS(reader.finish());
  return job;
}

}  // namespace loopgate
