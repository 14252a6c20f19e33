#include "capture/export_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "capture/import_files.h"
#include "programs/result/result_file.h"
#include "stats/exact_tail.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

bool is_at(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

void add_program(const ProgramEvidence& program, ExportedGroup* group) {
  for (const ProgramReplicate& each : program.replicates) {
    const ProgramResult& result = each.result;
    if (result.histogram && result.verdict != ProgramVerdict::invalid) {
      group->parts.push_back({each.cell, nullptr, &*result.histogram, 0, program.program});
      continue;
    }
    group->without_histogram.push_back(fmt::format("{} in {} has no histogram, and is left out{}{}",
                                                   program.program, each.cell,
                                                   result.reason.empty() ? "" : ": ", result.reason));
  }
}

// The forms have no place for why a measurement is INVALID: whoever reads one back would pass it.
Status check_is_valid(const Comparison& evidence) {
  for (const GroupEvidence& group : evidence.groups)
    for (const UnmeasuredCell& each : group.invalid)
      return fail(ErrorKind::data, fmt::format("{} is INVALID: {}", each.cell, each.reason),
                  "nothing of it is exported: measure again");
  return {};
}

Result<ExportSource> source_of_bounds(BoundsRun run) {
  TRY_STATUS(check_is_valid(run.evidence));
  ExportSource source;
  source.measured_by = run.measured_by;
  source.comparison = run.evidence;
  source.bounds = std::move(run);
  return source;
}

void add_bounds_group(ExportSource* source) {
  if (!source->bounds) return;
  const BoundsRun& run = *source->bounds;
  ExportedGroup exported{&source->comparison.groups.front(), {}};
  const std::uint64_t missed = exported.evidence->pooled->censored().most;
  for (std::size_t i = 0; i < run.histograms.size(); ++i)
    exported.parts.push_back(
        {exported.evidence->cells.at(i), nullptr, &run.histograms[i], i == 0 ? missed : 0});
  source->groups.push_back(std::move(exported));
}

// A result file of another program, of which nobody said what board, kernel and load it is of.
Result<ExportSource> source_of_result_file(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string beginning(result_beginning, '\0');
  stream.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  beginning.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  const std::string_view program = program_of_result(beginning);
  if (program.empty())
    return fail(ErrorKind::usage,
                fmt::format("{} is no run, and no result file of a program that is known", file.string()),
                "name a folder of a run, or what one of the programs of `loopgate import` wrote");
  ImportRequest request;
  request.program = program;
  request.files = {file};
  request.board = {"", "", "", ""};
  TRY(imported, import_files(request));
  TRY(run, bounds_of(imported));
  return source_of_bounds(std::move(run));
}

Result<ExportSource> read_source(const fs::path& from) {
  std::error_code ignored;
  fs::path folder = from;
  std::string only_cell;
  if (fs::is_regular_file(from, ignored)) {
    const fs::path absolute = fs::absolute(from);
    const fs::path name = absolute.filename();
    if (name == "samples.lgs") {
      only_cell = absolute.parent_path().filename().string();
      folder = absolute.parent_path().parent_path().parent_path();
    } else if (name == "run.json" || name == "imported.json" || name == "latmon.json") {
      folder = absolute.parent_path();
    } else {
      return source_of_result_file(from);
    }
  }
  if (holds_bounds(folder)) {
    TRY(run, read_bounds(folder));
    return source_of_bounds(std::move(run));
  }
  if (!is_at(folder / "run.json"))
    return fail(ErrorKind::usage,
                fmt::format("{} holds no run, and nothing that was imported", folder.string()),
                "name the folder that `loopgate run` or `loopgate import` was given with --out");
  ExportSource source;
  TRY(statistics, run_statistics(folder));
  source.comparison = std::move(statistics);
  source.measured_by = "Loopgate's instrument";
  source.only_cell = only_cell;
  return source;
}

void fill_groups(const ExportRequest& request, ExportSource* source) {
  if (source->bounds) {
    add_bounds_group(source);
  } else {
    for (const GroupEvidence& group : source->comparison.groups) {
      ExportedGroup exported = group_to_export(group, source->only_cell);
      if (!exported.parts.empty() || source->only_cell.empty()) source->groups.push_back(std::move(exported));
    }
  }
  std::erase_if(source->groups, [&](const ExportedGroup& each) {
    return (!request.kernel.empty() && each.evidence->kernel != request.kernel) ||
           (!request.load.empty() && each.evidence->load != request.load);
  });
}

// Of programs alone, none of which has what a form could hold.
Status check_histograms(const ExportSource& source) {
  const auto is_left_out = [](const ExportedGroup& group) {
    return group.parts.empty() && !group.without_histogram.empty();
  };
  if (!std::ranges::all_of(source.groups, is_left_out)) return {};
  return fail(ErrorKind::usage,
              fmt::format("there is no histogram of {}: {}", groups_text(source.groups),
                          source.groups.front().without_histogram.front()),
              "`loopgate report` shows the figures of programs");
}

}  // namespace

Result<ExportSource> read_export_source(const ExportRequest& request) {
  TRY(source, read_source(request.from));
  fill_groups(request, &source);
  if (source.groups.empty())
    return fail(ErrorKind::usage,
                fmt::format("{} has nothing of that kernel and load", request.from.string()),
                "name a kernel and a load that were measured");
  TRY_STATUS(check_histograms(source));
  return source;
}

std::string groups_text(const std::vector<ExportedGroup>& groups) {
  std::string text;
  for (const ExportedGroup& each : groups)
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", each.evidence->kernel, each.evidence->load);
  return text;
}

std::int64_t end_of(const LatencyHistogram& bins) {
  return bins.first_ns + static_cast<std::int64_t>(bins.count.size()) * bins.bin_width_ns;
}

// The samples are the tail's; the histograms are the programs', which the comparison keeps.
ExportedGroup group_to_export(const GroupEvidence& group, const std::string& only_cell) {
  ExportedGroup exported{&group, {}};
  for (const Replicate& each : group.replicates) {
    if (!only_cell.empty() && each.cell != only_cell) continue;
    const auto* exact = dynamic_cast<const ExactTail*>(each.tail.get());
    if (exact != nullptr)
      exported.parts.push_back({each.cell, std::make_shared<Latencies>(exact->latencies()), nullptr, 0});
  }
  if (!only_cell.empty()) return exported;
  for (const ProgramEvidence& program : group.programs) add_program(program, &exported);
  return exported;
}

void add_left_out(const ExportedGroup& group, std::vector<std::string>* lost) {
  for (const UnmeasuredCell& each : group.evidence->invalid)
    lost->push_back(fmt::format("{} was not measured, and is left out: {}", each.cell, each.reason));
  lost->insert(lost->end(), group.without_histogram.begin(), group.without_histogram.end());
}

}  // namespace loopgate
