#include "run/evidence.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cctype>
#include <tuple>

#include "base/json.h"
#include "protocol/exit_text.h"
#include "run/interrupt_table.h"
#include "run/load_evidence.h"
#include "run/thread_rules.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr const char* undone =
    "it was so when measuring began: something changed it since, see evidence.json";

void judge_kernel(const Report& report, Evidence* evidence) {
  for (const CheckRow& check : report.checks) {
    if (!check.passed)
      note_problem(evidence, fmt::format("kernel check \"{}\" failed: wanted {}, saw {}", check.name,
                                         check.expected, check.seen));
  }
  for (const TuningRow& row : report.tuning) {
    if (!row.ok)
      note_problem(evidence, fmt::format("tuning {} reads back {}, wanted {}", subject_of(row), row.read_back,
                                         row.wanted));
  }
}

// What was applied and checked before measuring, once more after it.
void judge_kernel_at_the_end(const Report& report, Evidence* evidence) {
  for (const CheckRow& check : report.checks_end) {
    if (!check.passed)
      note_problem(evidence,
                   fmt::format("kernel check \"{}\" failed when measuring was over: wanted {}, saw {}",
                               check.name, check.expected, check.seen),
                   undone);
  }
  for (const TuningRow& row : report.tuning_end) {
    if (!row.ok)
      note_problem(evidence,
                   fmt::format("tuning {} reads back {} when measuring was over, wanted {}", subject_of(row),
                               row.read_back, row.wanted),
                   undone);
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

bool has_tuning(const std::vector<TuningRow>& rows, const std::string& pattern) {
  return std::ranges::any_of(
      rows, [&](const TuningRow& row) { return ::fnmatch(pattern.c_str(), row.what.c_str(), 0) == 0; });
}

bool has_check(const std::vector<CheckRow>& rows, const std::string& name) {
  return std::ranges::find(rows, name, &CheckRow::name) != rows.end();
}

// The probe says what to do behind an arrow, since the host cannot ask its kernel.
std::string last_line(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return std::string(text.substr(text.rfind('\n') + 1));  // npos + 1 is 0
}

// What the payload wrote last, which says more than its exit status; nothing of the JSON that a sound one
// prints at its end.
std::string last_words(const Report& report) {
  constexpr std::size_t words_max = 300;
  if (!report.payload) return {};
  std::string words = last_line(report.payload->errors);
  if (words.empty() && parse_json(report.payload->output).is_discarded())
    words = last_line(report.payload->output);
  return words.substr(0, words_max);
}

std::string with_last_words(std::string sentence, const Report& report) {
  const std::string words = last_words(report);
  if (words.empty() || sentence.find(words) != std::string::npos) return sentence;
  return fmt::format("{}; its last words: {}", sentence, words);
}

void note_failure(const Report& report, Evidence* evidence) {
  const std::optional<Failure>& failure = report.failure;
  constexpr const char* look = "see evidence.json and console.log";
  if (!failure) return note_problem(evidence, "the agent failed and gave no reason", look);
  const std::size_t arrow = failure->part == "probe" ? failure->what.find(" -> ") : std::string::npos;
  const std::string what = fmt::format("{}{}{}: {}", failure->part, failure->name.empty() ? "" : " ",
                                       failure->name, failure->what.substr(0, arrow));
  note_problem(evidence, failure->part == "payload" ? with_last_words(what, report) : what,
               arrow == std::string::npos ? look : failure->what.substr(arrow + 4));
}

}  // namespace

void note_problem(Evidence* evidence, std::string what, std::string next_step) {
  if (!evidence->problem.empty()) return;
  evidence->problem = std::move(what);
  evidence->next_step = std::move(next_step);
}

std::string missing_evidence(const Report& report, const Kernel& kernel, const Work& work) {
  for (const auto& [checks, tuning, when] :
       {std::tuple{&report.checks, &report.tuning, ""},
        std::tuple{&report.checks_end, &report.tuning_end, " when measuring was over"}}) {
    for (const KernelCheck& check : kernel.checks) {
      if (!check.file.empty() && !has_check(*checks, check.name))
        return fmt::format("the agent did not make the kernel check \"{}\"{}", check.name, when);
    }
    for (const FileTuning& file : kernel.files) {
      if (!has_tuning(*tuning, file.path))
        return fmt::format("the agent did not read {} back{}", file.path, when);
    }
    for (const ThreadTuning& thread : kernel.threads) {
      if (is_required(thread, work) && !has_tuning(*tuning, thread.name))
        return fmt::format("the agent did not read the threads {} back{}", thread.name, when);
    }
  }
  return {};
}

std::string missing_cpus(const Report& report, const Board& board) {
  const std::size_t online = online_cpus(report.interrupts_start);
  if (online >= static_cast<std::size_t>(board.cpus)) return {};
  return fmt::format("board {} has {} CPUs by its file, and the kernel ran on {}", board.name, board.cpus,
                     online);
}

std::string other_priority(const std::vector<std::string>& command, const json& printed) {
  const auto option = std::ranges::find(command, "--priority");
  if (option == command.end() || option + 1 == command.end() || !printed.is_object()) return {};
  const auto seen = printed.find("priority_read_back");
  if (seen == printed.end() || seen->dump() == *(option + 1)) return {};
  return fmt::format("had the real-time priority {} at its end; its command asks for {}", seen->dump(),
                     *(option + 1));
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

std::string payload_problem(const Evidence& evidence) {
  const std::string exit = evidence.report.payload ? evidence.report.payload->exit : "";
  if (exit.empty()) return "the payload exited abnormally: no exit status was reported";
  if (!exited_well(exit))
    return with_last_words("the payload exited abnormally: it " + exit, evidence.report);
  const json& printed = evidence.document["payload"];
  const auto degraded = printed.find("degraded");
  if (printed.is_object() && degraded != printed.end() && *degraded == true)
    return "the payload ran degraded: without real-time priority or locked memory";
  return {};
}

Result<Evidence> judge_evidence(const MachineRun& run, const Load& load) {
  Evidence evidence;
  TRY(report, parse_report(run.report));
  json document = parse_json(run.report);
  const std::string printed = report.payload ? report.payload->output : "";
  evidence.document = {{"format", evidence_format},      {"kernel", document["kernel"]},
                       {"checks", document["checks"]},   {"tuning", document["tuning"]},
                       {"threads", document["threads"]}, {"load", json::array()},
                       {"payload", parse_json(printed)}, {"report", std::move(document)}};
  if (evidence.document["payload"].is_discarded()) evidence.document["payload"] = nullptr;
  judge_kernel(report, &evidence);
  if (report.failure || run.agent_failed) note_failure(report, &evidence);
  if (!run.agent_failed) judge_kernel_at_the_end(report, &evidence);
  judge_load(report, load, run, &evidence);
  evidence.report = std::move(report);
  return evidence;
}

}  // namespace loopgate
