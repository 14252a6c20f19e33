#include "target/agent/job.h"

#include <sched.h>

#include <csignal>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "protocol/channel.h"
#include "target/agent/json_reader.h"

namespace loopgate {
namespace {

using nlohmann::json;

// No wait is longer: a job with a slip of the hand must not hold the bench.
constexpr std::int64_t wait_ms_max = 600'000;
// But for the measuring itself.
constexpr std::int64_t measure_ms_max = 7 * 24 * 3'600'000;

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

FileRule read_file_rule(JsonReader reader) {
  FileRule rule;
  reader.required("path", &rule.path);
  reader.required("value", &rule.value);
  rule.reads = rule.value;
  reader.optional("reads", &rule.reads);
  reader.finish();
  return rule;
}

ThreadRule read_thread_rule(JsonReader reader) {
  static const std::map<std::string, int> policies = {
      {"fifo", SCHED_FIFO}, {"rr", SCHED_RR}, {"other", SCHED_OTHER}};
  ThreadRule rule;
  std::string policy;
  std::int64_t priority = 0;
  reader.required("name", &rule.name);
  reader.required("policy", &policy);
  reader.optional("priority", &priority);
  reader.optional("required", &rule.required);
  const auto found = policies.find(policy);
  if (found == policies.end()) {
    reader.refuse("policy", "must be fifo, rr or other");
  } else {
    rule.policy = found->second;
  }
  const bool real_time = rule.policy != SCHED_OTHER;
  if (real_time && (priority < 1 || priority > 99)) reader.refuse("priority", "must be from 1 to 99");
  if (!real_time && priority != 0) reader.refuse("priority", "must be 0 where the policy is other");
  rule.priority = static_cast<int>(priority);
  reader.finish();
  return rule;
}

FileCheck read_check(JsonReader reader) {
  FileCheck check;
  reader.required("name", &check.name);
  reader.required("file", &check.file);
  check.whole = reader.has("equals");
  if (check.whole == reader.has("contains"))
    reader.refuse("equals", "exactly one of equals and contains is needed");
  reader.optional("equals", &check.expected);
  reader.optional("contains", &check.expected);
  reader.finish();
  return check;
}

PartSpec read_part(JsonReader reader) {
  static const std::map<std::string, int> signals = {{"INT", SIGINT}, {"TERM", SIGTERM}};
  PartSpec part;
  std::string stop_signal;
  std::int64_t processes = 1;
  reader.required("name", &part.name);
  read_argv(&reader, &part.argv);
  reader.required("stop_signal", &stop_signal);
  reader.optional("output", &part.output);
  reader.optional("processes_at_least", &processes);
  reader.optional("cpu_ms_at_least", &part.cpu_ms_at_least);
  read_wait(&reader, "ready_within_ms", &part.ready_within);
  const auto found = signals.find(stop_signal);
  if (found == signals.end()) {
    reader.refuse("stop_signal", "must be INT or TERM");
  } else {
    part.stop_signal = found->second;
  }
  if (processes < 1 || processes > 100'000) reader.refuse("processes_at_least", "must be from 1 to 100000");
  if (part.cpu_ms_at_least < 0) reader.refuse("cpu_ms_at_least", "must not be negative");
  part.processes_at_least = static_cast<int>(processes);
  reader.finish();
  return part;
}

void read_tuning(JsonReader reader, Job* job) {
  for (JsonReader& file : reader.objects("files")) job->files.push_back(read_file_rule(std::move(file)));
  for (JsonReader& thread : reader.objects("threads"))
    job->threads.push_back(read_thread_rule(std::move(thread)));
  reader.finish();
}

void read_load(JsonReader reader, Job* job) {
  std::set<std::string> names;
  for (JsonReader& part : reader.objects("parts")) {
    job->parts.push_back(read_part(std::move(part)));
    const std::string& name = job->parts.back().name;
    if (!names.insert(name).second) reader.refuse("parts", "there are two of the name " + name);
  }
  if (reader.has("settle_ms")) read_wait(&reader, "settle_ms", &job->settle);
  reader.finish();
}

FileSpec read_file_order(JsonReader reader) {
  FileSpec file;
  std::int64_t offset = 0, size = 0;
  reader.required("path", &file.path);
  reader.required("offset", &offset);
  reader.required("size", &size);
  constexpr auto most = static_cast<std::int64_t>(payload_files_size_max);
  if (!file.path.starts_with('/')) reader.refuse("path", "must be absolute");
  if (offset < 0 || offset > most) reader.refuse("offset", "is outside of the area for files");
  if (size < 0 || size > most - offset) reader.refuse("size", "reaches out of the area for files");
  file.offset = static_cast<std::size_t>(offset);
  file.size = static_cast<std::size_t>(size);
  reader.finish();
  return file;
}

void read_payload(JsonReader reader, Job* job) {
  read_argv(&reader, &job->payload.argv);
  if (reader.has("files")) {
    for (JsonReader& file : reader.objects("files"))
      job->payload.files.push_back(read_file_order(std::move(file)));
  }
  std::vector<std::int64_t> cpus;
  if (reader.has("cpus")) reader.required("cpus", &cpus);
  for (const std::int64_t cpu : cpus) {
    if (cpu < 0 || cpu >= CPU_SETSIZE) reader.refuse("cpus", "must be from 0 to 1023");
    job->payload.cpus.push_back(static_cast<int>(cpu));
  }
  read_wait(&reader, "ready_within_ms", &job->payload.ready_within);
  reader.finish();
}

InstrumentSpec read_instrument(JsonReader reader) {
  InstrumentSpec order;
  std::int64_t cpu = -1;
  read_argv(&reader, &order.check_argv, "check_argv");
  read_argv(&reader, &order.argv);
  reader.optional("cpu", &cpu);
  if (cpu < -1 || cpu >= 1024) reader.refuse("cpu", "must be from 0 to 1023");
  order.cpu = static_cast<int>(cpu);
  read_wait(&reader, "check_within_ms", &order.check_within);
  read_wait(&reader, "within_ms", &order.within, measure_ms_max);
  if (reader.has("files")) reader.required("files", &order.files);
  reader.finish();
  return order;
}

// The agent takes its control lines from the kernel's command line, since it needs them before there is a
// job. Here they only have to be of the right kind.
void read_board(JsonReader reader) {
  std::string chip;
  std::int64_t line = 0;
  reader.required("chip", &chip);
  JsonReader lines = reader.object("lines");
  for (const char* name : {"stimulus", "response", "storm", "control_in", "control_out", "wire_out",
                           "wire_in", "stimulus_out", "response_in"}) {
    if (!lines.has(name)) continue;
    lines.required(name, &line);
    if (line < 0) lines.refuse(name, "must not be negative");
  }
  lines.finish();
  reader.finish();
}

}  // namespace

Result<Job> parse_job(std::string_view text) {
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded())
    return fail(ErrorKind::data,
                "job: is no JSON, or is cut off (" + std::to_string(text.size()) + " bytes)");
  Job job;
  std::string problem;
  JsonReader reader(document, "", &problem);
  std::int64_t format = 0;
  reader.required("format", &format);
  if (format != 1) reader.refuse("format", "must be 1");
  if (reader.has("board")) read_board(reader.object("board"));
  read_tuning(reader.object("tuning"), &job);
  for (JsonReader& check : reader.objects("checks")) job.checks.push_back(read_check(std::move(check)));
  read_load(reader.object("load"), &job);
  read_payload(reader.object("payload"), &job);
  if (reader.has("instrument")) job.instrument = read_instrument(reader.object("instrument"));
  reader.finish();
  if (!problem.empty()) return fail(ErrorKind::data, "job: " + problem);
  return job;
}

}  // namespace loopgate
