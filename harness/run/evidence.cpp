#include "run/evidence.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include "programs/program_adapter.h"
#include "run/interrupt_table.h"

namespace loopgate {
namespace {

using nlohmann::json;

// By this consumer's name a program requests the storm line, and /proc/interrupts counts it.
constexpr const char* storm_consumer = "storm";

std::string text_of(const json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

json list_of(const json& object, const char* key) {
  if (!object.is_object()) return json::array();
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? *found : json::array();
}

json object_of(const json& object, const char* key) {
  if (!object.is_object()) return json::object();
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : json::object();
}

bool is_true(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

double number_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : 0.0;
}

const json* find_part(const json& parts, const std::string& name) {
  for (const json& part : parts) {
    if (text_of(part, "name") == name) return &part;
  }
  return nullptr;
}

void note_problem(Evidence* evidence, std::string what, std::string next_step = {}) {
  if (!evidence->problem.empty()) return;
  evidence->problem = std::move(what);
  evidence->next_step = std::move(next_step);
}

void judge_rates(const LoadPart& part, const Result<Rates>& rates, Evidence* evidence, json* rows) {
  if (!rates) {
    note_problem(evidence,
                 fmt::format("load part {} gave no proof that it ran: {}", part.name, rates.error().what));
    return;
  }
  for (const auto& [metric, at_least] : part.min_per_second) {
    const auto found = rates->find(metric);
    const double rate = found == rates->end() ? 0.0 : found->second;
    const bool ok = rate >= at_least;
    rows->push_back(
        {{"part", part.name}, {"metric", metric}, {"per_second", rate}, {"at_least", at_least}, {"ok", ok}});
    if (!ok)
      note_problem(evidence,
                   fmt::format("load part {} delivered {:.6g} {} a second, and {:.6g} are wanted", part.name,
                               rate, metric, at_least),
                   "the load did not run as it should: see evidence.json");
  }
}

// The pulses are the instrument's; how many of them were handled, the kernel's own counter of the line says.
// A load that leaves them to nobody proves nothing.
void judge_storm(const json& report, const Storm& storm, const MachineRun& run, Evidence* evidence,
                 json* rows) {
  const auto before = interrupts_of(text_of(report, "interrupts_start"), storm_consumer).value_or(0);
  const auto after = interrupts_of(text_of(report, "interrupts_end"), storm_consumer);
  const json timing = object_of(report, "timing");
  const double seconds = (number_of(timing, "stopped_ms") - number_of(timing, "ready_ms")) / 1e3;
  const auto per_second = [&](std::uint64_t count) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0.0;
  };
  const double rate = after && *after > before ? per_second(*after - before) : 0.0;
  const double made = per_second(run.end.storm_pulses);
  const bool ok = rate >= storm.min_handled_per_second;
  rows->push_back({{"part", "storm"},
                   {"metric", "interrupts handled"},
                   {"per_second", rate},
                   {"at_least", storm.min_handled_per_second},
                   {"ok", ok}});
  if (ok) return;
  if (!after) {
    note_problem(evidence,
                 fmt::format("nobody took the storm in: /proc/interrupts has no \"{}\"", storm_consumer),
                 "give the load a part whose program requests the line {storm} by that name");
    return;
  }
  note_problem(evidence,
               fmt::format("the kernel handled {:.6g} interrupts of the storm a second of {:.6g} that the "
                           "instrument made, and {:.6g} are wanted",
                           rate, made, storm.min_handled_per_second),
               "the load did not run as it should: see evidence.json");
}

void judge_load(const json& report, const Load& load, const MachineRun& run, Evidence* evidence) {
  const json reported = object_of(report, "load");
  const json parts = list_of(reported, "parts");
  json rows = json::array();
  for (const LoadPart& part : load.parts) {
    const json* seen = find_part(parts, part.name);
    if (seen == nullptr) {
      note_problem(evidence, fmt::format("load part {} is not in the agent's report", part.name));
      continue;
    }
    if (is_true(*seen, "died_early"))
      note_problem(evidence,
                   fmt::format("load part {} died while measuring ({})", part.name, text_of(*seen, "exit")));
    const double window_s = number_of(reported, "window_ns") / 1e9;
    const ProgramOutput output{text_of(*seen, "stdout"), text_of(*seen, "output"), window_s};
    judge_rates(part, adapter_of(part.program).parse(output), evidence, &rows);
  }
  if (load.storm.per_second > 0) judge_storm(report, load.storm, run, evidence, &rows);
  evidence->document["load"] = std::move(rows);
}

void judge_lists(const json& report, Evidence* evidence) {
  for (const json& check : list_of(report, "checks")) {
    if (!is_true(check, "passed"))
      note_problem(evidence,
                   fmt::format("kernel check \"{}\" failed: wanted {}, saw {}", text_of(check, "name"),
                               text_of(check, "expected"), text_of(check, "seen")));
  }
  for (const json& knob : list_of(report, "tuning")) {
    if (!is_true(knob, "ok"))
      note_problem(evidence, fmt::format("tuning {} reads back {}, wanted {}", text_of(knob, "what"),
                                         text_of(knob, "read_back"), text_of(knob, "wanted")));
  }
}

// As JSON writes it; "missing" where nothing is.
std::string value_at(const json& document, const std::string& pointer) {
  try {  // nlohmann-json reports by exception; it goes no further than here
    return document.at(json::json_pointer(pointer)).dump();
  } catch (const json::exception&) {
    return "missing";
  }
}

bool has_row(const json& rows, const char* key, const std::string& pattern) {
  for (const json& row : rows) {
    const std::string text = text_of(row, key);
    if (::fnmatch(pattern.c_str(), text.substr(0, text.find(" (pid")).c_str(), 0) == 0) return true;
  }
  return false;
}

}  // namespace

std::string missing_evidence(const json& document, const Kernel& kernel) {
  const json checks = list_of(document, "checks");
  const json tuning = list_of(document, "tuning");
  for (const KernelCheck& check : kernel.checks) {
    if (!check.file.empty() && !has_row(checks, "name", check.name))
      return fmt::format("the agent did not make the kernel check \"{}\"", check.name);
  }
  for (const FileTuning& file : kernel.files) {
    if (!has_row(tuning, "what", file.path)) return fmt::format("the agent did not read {} back", file.path);
  }
  for (const ThreadTuning& thread : kernel.threads) {
    if (thread.required && !has_row(tuning, "what", thread.name))
      return fmt::format("the agent did not read the threads {} back", thread.name);
  }
  return {};
}

std::string check_payload(const std::vector<PayloadCheck>& checks, json* document) {
  std::string problem;
  json rows = json::array();
  for (const PayloadCheck& check : checks) {
    const std::string seen = value_at((*document)["payload"], check.value);
    const std::string& wanted = check.contains.empty() ? check.equals : check.contains;
    const bool passed = check.contains.empty() ? seen == wanted : seen.find(wanted) != std::string::npos;
    rows.push_back({{"name", check.name},
                    {"value", check.value},
                    {"wanted", wanted},
                    {"seen", seen},
                    {"passed", passed}});
    if (!passed && problem.empty())
      problem = fmt::format("payload check \"{}\" failed: {} is {}, wanted {}", check.name, check.value, seen,
                            wanted);
  }
  (*document)["payload_checks"] = std::move(rows);
  return problem;
}

std::string payload_problem(const json& document) {
  const std::string end = text_of(object_of(object_of(document, "report"), "payload"), "exit");
  if (end != "exited 0")
    return fmt::format("the payload did not end as it should: it {}", end.empty() ? "left no word" : end);
  const json counters = object_of(document, "payload");
  if (is_true(counters, "degraded"))
    return "the payload ran degraded: without real-time priority or locked memory";
  return {};
}

Result<Evidence> judge_evidence(const MachineRun& run, const Load& load) {
  const json report = json::parse(run.report, nullptr, false);
  if (!report.is_object() || number_of(report, "format") != 1)
    return fail(ErrorKind::data, "the agent's report cannot be read");
  Evidence evidence;
  evidence.document = {
      {"format", 1},
      {"kernel", object_of(report, "kernel")},
      {"checks", list_of(report, "checks")},
      {"tuning", list_of(report, "tuning")},
      {"threads", list_of(report, "threads")},
      {"load", json::array()},
      {"payload", json::parse(text_of(object_of(report, "payload"), "stdout"), nullptr, false)},
      {"report", report}};
  if (evidence.document["payload"].is_discarded()) evidence.document["payload"] = nullptr;
  judge_lists(report, &evidence);
  const json failure = object_of(report, "failure");
  if (run.agent_failed || !failure.empty())
    note_problem(
        &evidence,
        fmt::format("{}{}{}: {}", text_of(failure, "part"), text_of(failure, "name").empty() ? "" : " ",
                    text_of(failure, "name"), text_of(failure, "what")),
        "see evidence.json and console.log");
  if (!run.agent_failed) judge_load(report, load, run, &evidence);
  return evidence;
}

}  // namespace loopgate
