#include "gate/programs_reread.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/json_reader.h"
#include "gate/verdict.h"
#include "programs/measuring/measuring_program.h"
#include "protocol/exit_text.h"
#include "stats/within_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct Left {
  ProgramEnd end;
  bool cut_off = false;
};

// As run/judge_programs.cpp writes it.
Result<Left> read_left(std::string_view text, const std::string& program) {
  TRY(fields, JsonReader::parse(text, program, JsonReader::file()));
  Left left;
  std::string exit, file;
  bool timed_out = false;
  fields.required("exit", &exit);
  fields.required("timed_out", &timed_out);
  fields.required("cut_off", &left.cut_off);
  fields.required("told_to_end", &left.end.told_to_end);
  fields.required("stdout", &left.end.printed);
  fields.required("stderr", &left.end.errors);
  fields.nullable("file", &file);
  if (fields.has("file")) left.end.file = std::move(file);
  TRY_STATUS(fields.finish());
  if (!timed_out) {
    left.end.status = exit_status_of(exit);
    left.end.signal = signal_of(exit);
  }
  return left;
}

// Of the figures, those that the program gave: the instructions of a path are made of its time.
std::string difference(const ProgramResult& told, const ProgramResult& read) {
  if (told.verdict != read.verdict)
    return fmt::format("programs.json says {}, and what it left {}", name_of(told.verdict),
                       name_of(read.verdict));
  for (const ProgramFigure& figure : read.figures) {
    const auto found = std::ranges::find(told.figures, figure.name, &ProgramFigure::name);
    if (found == told.figures.end())
      return fmt::format("it left a figure \"{}\", and programs.json has none", figure.name);
    if (*found != figure)
      return fmt::format("programs.json says {} {} {}, and what it left {:.15g} {}", figure.name,
                         found->value, found->unit, figure.value, figure.unit);
  }
  return told.histogram == read.histogram ? "" : "programs.json has another histogram than what it left";
}

std::string first_difference(const fs::path& cell_folder, const std::string& sha256) {
  const auto file = load_programs(cell_folder, sha256);
  if (!file) return file.error().what;
  for (const ProgramRecord& record : file->file.programs) {
    if (record.left_sha256.empty()) continue;
    const auto left = read_file(program_file(cell_folder, record.name));
    const std::string other = left ? other_than_left(record, *left) : left.error().what;
    if (!other.empty()) return fmt::format("{}: program {}: {}", cell_folder.string(), record.name, other);
  }
  return {};
}

}  // namespace

std::string other_than_left(const ProgramRecord& record, std::string_view left_text) {
  const MeasuringProgram* adapter = find_measuring_program(record.adapter);
  const ProgramVerdict told = record.result.verdict;
  if (adapter == nullptr || told == ProgramVerdict::invalid || record.left_sha256.empty()) return {};
  const auto left = read_left(left_text, record.name);
  if (!left) return left.error().what;
  if (left->cut_off) return fmt::format("programs.json says {}, and what it left was cut off", name_of(told));
  if (const std::string other = other_option(*adapter, record.argv, left->end); !other.empty())
    return fmt::format("programs.json says {}, and {}", name_of(told), other);
  return difference(record.result, adapter->judge(record.argv, left->end));
}

void reread_programs(const fs::path& run_dir, Comparison* comparison) {
  for (GroupEvidence& group : comparison->groups) {
    if (group.programs.empty()) continue;
    for (const ProgramReplicate& each : group.programs.front().replicates) {
      const std::string other = first_difference(run_dir / "cells" / each.cell, each.file_sha256);
      if (other.empty()) continue;
      UnmeasuredCell& cell = group.invalid.emplace_back();
      cell.cell = each.cell;
      cell.outcome = "invalid";
      cell.reason = printable(within_run(other, run_dir));
      cell.unreadable = true;
    }
  }
}

}  // namespace loopgate
