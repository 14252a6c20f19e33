#include "run/judge_programs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/file.h"
#include "protocol/exit_text.h"
#include "record/programs_file.h"
#include "run/judge.h"
#include "stats/histogram_tail.h"

namespace loopgate {
namespace {

using nlohmann::json;

const ProgramReport* find_report(const Report& report, const std::string& name) {
  const auto found = std::ranges::find(report.programs, name, &ProgramReport::name);
  return found == report.programs.end() ? nullptr : &*found;
}

// One that the agent had to end has neither status nor signal.
ProgramEnd end_of(const ProgramReport& seen) {
  ProgramEnd end{
      .told_to_end = seen.told_to_end, .printed = seen.output, .errors = seen.errors, .file = seen.file};
  if (seen.timed_out) return end;
  end.status = exit_status_of(seen.exit);
  end.signal = signal_of(seen.exit);
  return end;
}

ProgramResult result_of(ProgramVerdict verdict, std::string reason) {
  ProgramResult result;
  result.verdict = verdict;
  result.reason = std::move(reason);
  return result;
}

std::optional<std::int64_t> ns_of(const std::optional<std::chrono::nanoseconds>& time) {
  return time ? std::optional<std::int64_t>(time->count()) : std::nullopt;
}

// What it left, as it was.
std::string left_text(const ProgramRecord& record, const ProgramReport& seen) {
  const nlohmann::ordered_json document = {
      {"format", 1},
      {"name", record.name},
      {"argv", record.argv},
      {"exit", seen.exit},
      {"timed_out", seen.timed_out},
      {"cut_off", seen.cut_off},
      {"told_to_end", seen.told_to_end},
      {"stdout", seen.output},
      {"stderr", seen.errors},
      {"file", seen.file ? nlohmann::ordered_json(*seen.file) : nlohmann::ordered_json()}};
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<ProgramRecord> record_of(const SuiteProgram& program, const ProgramReport* seen,
                                const std::filesystem::path& folder,
                                std::optional<std::int64_t> ns_per_instruction) {
  ProgramRecord record{.name = program.name, .adapter = program.adapter->form().key, .argv = program.argv()};
  record.result = judge_program(program, seen, ns_per_instruction);
  if (seen == nullptr || !seen->missing.empty()) return record;
  record.began_ns = ns_of(seen->began);
  record.ended_ns = ns_of(seen->ended);
  const std::string left = left_text(record, *seen);
  TRY_STATUS(write_file_atomically(program_file(folder, program.name), left));
  record.left_sha256 = sha256_of(left);
  return record;
}

std::optional<StimuliTime> stimuli_time(const Report& report) {
  const auto began = ns_of(report.timing.ready);
  const auto ended = ns_of(report.timing.stopped);
  return began && ended && *began < *ended ? std::optional(StimuliTime{*began, *ended}) : std::nullopt;
}

Result<ProgramsFile> file_of(const std::vector<SuiteProgram>& programs, const CellRequest& request,
                             const Report& report, const Board& board) {
  ProgramsFile file{.cell = request.cell, .time_base = board.time_base()};
  if (request.job.has_payload()) file.stimuli = stimuli_time(report);
  TRY_STATUS(make_directories(request.folder / "programs"));
  for (const SuiteProgram& program : programs) {
    TRY(record,
        record_of(program, find_report(report, program.name), request.folder, board.ns_per_instruction()));
    file.programs.push_back(std::move(record));
  }
  return file;
}

// A program that measured for less proves nothing by its pass. It is started after `began` and gone before
// `ended`, and what ends it is a timer of the same clock (alarm(2)), which is never early: so no tolerance.
std::string ended_early(const SuiteProgram& program, const ProgramReport& seen) {
  const std::chrono::seconds asked(program.order.duration_s);
  if (asked.count() == 0 || seen.told_to_end) return {};
  if (!seen.began || !seen.ended)
    return fmt::format("it was to measure for {} s, and nobody noted when it ended", asked.count());
  if (*seen.ended - *seen.began >= asked) return {};
  return fmt::format("it was to measure for {} s, and ended {:.9g} s after it began", asked.count(),
                     std::chrono::duration<double>(*seen.ended - *seen.began).count());
}

// Why what the adapter makes of it is not to be believed; empty where it is, or is invalid already.
std::string not_as_asked(const SuiteProgram& program, const ProgramReport& seen, ProgramVerdict verdict) {
  if (verdict == ProgramVerdict::invalid || verdict == ProgramVerdict::not_applicable) return {};
  std::string why = other_option(*program.adapter, program.argv(), end_of(seen));
  if (why.empty() && verdict == ProgramVerdict::pass) why = ended_early(program, seen);
  return why;
}

// Where each instruction takes the same time, a path's time is its length.
void add_instructions(const std::string& figure, std::int64_t ns_per_instruction, ProgramResult* result) {
  auto& figures = result->figures;
  const auto path = std::ranges::find(figures, figure, &ProgramFigure::name);
  if (path == figures.end()) return;
  const auto each = static_cast<double>(ns_per_instruction);
  const ProgramFigure length = {"instructions", path->value / each, "instructions", "",
                                path->resolution / each};
  figures.insert(figures.begin(), length);
}

}  // namespace

ProgramResult judge_program(const SuiteProgram& program, const ProgramReport* seen,
                            std::optional<std::int64_t> ns_per_instruction) {
  if (seen == nullptr) return result_of(ProgramVerdict::invalid, "it is not in the agent's report");
  if (!seen->missing.empty()) return result_of(ProgramVerdict::not_applicable, seen->missing);
  if (seen->cut_off)
    return result_of(ProgramVerdict::invalid, "it left more than is kept, so that it was cut off");
  ProgramResult result = program.adapter->judge(program.argv(), end_of(*seen));
  if (std::string why = not_as_asked(program, *seen, result.verdict); !why.empty())
    return result_of(ProgramVerdict::invalid, std::move(why));
  if (ns_per_instruction)
    add_instructions(program.adapter->path_figure(end_of(*seen)), *ns_per_instruction, &result);
  if (!result.histogram) return result;
  if (const auto tail = HistogramTail::make(*result.histogram); !tail)
    return result_of(ProgramVerdict::invalid, "its figures cannot be: " + tail.error().what);
  return result;
}

void judge_programs(const std::vector<SuiteProgram>& programs, const CellRequest& request,
                    const Report& report, const Board& board, Outcome* outcome) {
  const auto file = file_of(programs, request, report, board);
  if (!file) return set_invalid(outcome, file.error().what);
  const std::string text = to_json(*file);
  if (const auto written = write_file_atomically(request.folder / programs_artifact.name, text); !written)
    return set_invalid(outcome, written.error().what);
  outcome->artifacts[programs_artifact.name] = sha256_of(text);
  if (!request.job.has_payload()) outcome->records = file->programs.size();  // else its samples
}

std::vector<AskedFor> asked_of_programs(const std::vector<SuiteProgram>& programs, const Report& report) {
  std::vector<AskedFor> rows;
  for (const SuiteProgram& program : programs) {
    const ProgramReport* seen = find_report(report, program.name);
    const bool ran = seen != nullptr && seen->missing.empty();
    AskedFor whole{"suite", "program", program.name};
    if (seen != nullptr) {
      whole.became = as_asked(ran && !seen->timed_out);
      whole.read_back = ran ? seen->timed_out ? "it did not end in its time" : seen->exit : seen->missing;
    }
    rows.push_back(std::move(whole));
    for (const ProgramOption& option : options_in(program.argv())) {
      AskedFor row{"suite", "option", fmt::format("{}: {}", program.name, text_of(option))};
      const auto told = ran ? program.adapter->read_back(option, end_of(*seen)) : std::nullopt;
      if (told) {
        row.became = as_asked(told->as_asked);
        row.read_back = told->text;
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

void leave_out_what_programs_left(json* report) {
  const auto programs = report->find("programs");
  if (programs == report->end() || !programs->is_array()) return;
  for (json& program : *programs)
    for (const char* key : {"stdout", "stderr", "file"}) program.erase(key);
}

}  // namespace loopgate
