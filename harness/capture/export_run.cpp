#include "capture/export_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>

#include "base/text.h"
#include "base/units.h"
#include "capture/bounds_run.h"
#include "capture/import_files.h"
#include "programs/cyclictest_export.h"
#include "programs/result_file.h"
#include "stats/exact_tail.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// What becomes a thread of cyclictest, or rows of the CSV: a cell's samples, or a histogram.
struct ExportedPart {
  std::string name;
  const Latencies* latencies = nullptr;  // of single samples; else
  const LatencyHistogram* bins = nullptr;
  std::uint64_t missed = 0;  // with any latency, at the most
};

// A kernel under a load.
struct ExportedGroup {
  const GroupEvidence* evidence = nullptr;
  std::vector<ExportedPart> parts;
};

struct Source {
  Comparison comparison;
  std::optional<BoundsRun> bounds;
  std::string measured_by;
  std::string only_cell;  // of a file of samples
  std::vector<ExportedGroup> groups;
};

bool is_at(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// The samples are the tail's, which the comparison keeps.
void add_group(const GroupEvidence& group, Source* source) {
  ExportedGroup exported{&group, {}};
  for (const Replicate& each : group.replicates) {
    if (!source->only_cell.empty() && each.cell != source->only_cell) continue;
    const auto* exact = dynamic_cast<const ExactTail*>(each.tail.get());
    if (exact != nullptr) exported.parts.push_back({each.cell, &exact->latencies(), nullptr, 0});
  }
  if (!exported.parts.empty() || source->only_cell.empty()) source->groups.push_back(std::move(exported));
}

Result<Source> source_of_bounds(BoundsRun run) {
  Source source;
  source.measured_by = run.measured_by;
  source.comparison = run.evidence;
  source.bounds = std::move(run);
  return source;
}

void add_bounds_group(Source* source) {
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
Result<Source> source_of_result_file(const fs::path& file) {
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

Result<Source> read_source(const fs::path& from) {
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
  Source source;
  TRY(statistics, run_statistics(folder));
  source.comparison = std::move(statistics);
  source.measured_by = "Loopgate's instrument";
  source.only_cell = only_cell;
  return source;
}

void fill_groups(const ExportRequest& request, Source* source) {
  if (source->bounds) {
    add_bounds_group(source);
  } else {
    for (const GroupEvidence& group : source->comparison.groups) add_group(group, source);
  }
  std::erase_if(source->groups, [&](const ExportedGroup& each) {
    return (!request.kernel.empty() && each.evidence->kernel != request.kernel) ||
           (!request.load.empty() && each.evidence->load != request.load);
  });
}

std::string groups_text(const std::vector<ExportedGroup>& groups) {
  std::string text;
  for (const ExportedGroup& each : groups)
    text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", each.evidence->kernel, each.evidence->load);
  return text;
}

// Of a part, what cyclictest's forms have no place for.
struct Losses {
  std::uint64_t not_sent = 0;
  std::uint64_t unanswered = 0;
  std::uint64_t missed = 0;
  std::uint64_t unsure = 0;
  bool mean = false;
  bool finer = false;  // than a microsecond
};

ExportedThread thread_of(const Latencies& latencies, std::uint64_t bins, Losses* losses) {
  ExportedThread thread;
  const std::vector<std::int64_t>& answered = latencies.answered_ns;
  double sum_us = 0;
  for (const std::int64_t ns : answered) {
    const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0) / 1'000);
    sum_us += static_cast<double>(us);
    if (us < bins) {
      ++thread.rows[us];
    } else {
      ++thread.overflow;
    }
  }
  thread.min_us = static_cast<std::uint64_t>(std::max<std::int64_t>(answered.front(), 0) / 1'000);
  thread.max_us = static_cast<std::uint64_t>(std::max<std::int64_t>(answered.back(), 0) / 1'000);
  thread.mean_us = sum_us / static_cast<double>(answered.size());
  losses->not_sent += latencies.not_sent_ns.size();
  losses->unanswered += latencies.censored;
  losses->finer = true;
  return thread;
}

std::int64_t end_of(const LatencyHistogram& bins) {
  return bins.first_ns + static_cast<std::int64_t>(bins.count.size()) * bins.bin_width_ns;
}

// Bins of a microsecond, or of a part of one: then they lie in its bins.
bool fits_cyclictest(const LatencyHistogram& bins) {
  return 1'000 % bins.bin_width_ns == 0 && bins.first_ns % bins.bin_width_ns == 0 && bins.first_ns >= 0 &&
         bins.min_ns && bins.max_ns;
}

ExportedThread thread_of(const ExportedPart& part, std::uint64_t end_us, Losses* losses) {
  const LatencyHistogram& bins = *part.bins;
  ExportedThread thread;
  for (std::size_t i = 0; i < bins.count.size(); ++i) {
    if (bins.count[i] == 0) continue;
    const std::int64_t lower = bins.first_ns + static_cast<std::int64_t>(i) * bins.bin_width_ns;
    const auto us = static_cast<std::uint64_t>(lower / 1'000);
    if (us < end_us) {
      thread.rows[us] += bins.count[i];
    } else {
      thread.overflow += bins.count[i];
    }
  }
  thread.overflow += bins.overflow;
  thread.min_us = static_cast<std::uint64_t>(bins.min_ns.value_or(0) / 1'000);
  thread.max_us = static_cast<std::uint64_t>(bins.max_ns.value_or(0) / 1'000);
  losses->missed += part.missed;
  losses->unsure += bins.overflow_unsure;
  losses->mean = true;
  losses->finer = losses->finer || bins.bin_width_ns < 1'000;
  return thread;
}

// Where the bins end: after the largest latency; where one is beyond the bins that are there, they end no
// later.
std::uint64_t bins_of(const ExportedGroup& group) {
  std::uint64_t bins = 1;
  std::uint64_t least = exported_bins_max;
  for (const ExportedPart& each : group.parts) {
    const bool exact = each.latencies != nullptr;
    const std::int64_t largest_ns =
        exact && !each.latencies->answered_ns.empty() ? each.latencies->answered_ns.back() : 0;
    const std::int64_t end_ns = exact ? largest_ns + 1'000 : end_of(*each.bins);
    const auto end_us = static_cast<std::uint64_t>(std::max<std::int64_t>(end_ns, 0) / 1'000);
    bins = std::max(bins, end_us);
    if (!exact && each.bins->overflow > 0) least = std::min(least, end_us);
  }
  return std::min(bins, least);
}

void add_invalid(const ExportedGroup& group, std::vector<std::string>* lost) {
  for (const UnmeasuredCell& each : group.evidence->invalid)
    lost->push_back(fmt::format("{} was not measured, and is left out: {}", each.cell, each.reason));
}

std::vector<std::string> texts_of(const Losses& losses) {
  std::vector<std::string> lost;
  if (losses.finer) lost.emplace_back("what is finer than a microsecond: latencies are cut to whole ones");
  if (losses.not_sent > 0)
    lost.push_back(
        fmt::format("{} that were not sent, and would have waited", stimuli_text(losses.not_sent)));
  if (losses.unanswered > 0)
    lost.push_back(fmt::format("{} without an answer, above every limit", stimuli_text(losses.unanswered)));
  if (losses.missed > 0)
    lost.push_back(fmt::format("{} latencies at the most that are not known", with_thousands(losses.missed)));
  if (losses.unsure > 0)
    lost.push_back(fmt::format("that {} of the overflows are not sure", with_thousands(losses.unsure)));
  if (losses.mean) lost.emplace_back("the mean, which bounds do not have");
  return lost;
}

Result<Exported> as_cyclictest(const ExportRequest& request, const Source& source) {
  const ExportedGroup& group = source.groups.front();
  const bool json = request.form == ExportForm::cyclictest_json;
  CyclictestExport exported;
  exported.bins = bins_of(group);
  Losses losses;
  for (const ExportedPart& each : group.parts) {
    if (each.latencies != nullptr) {
      if (each.latencies->answered_ns.empty()) continue;
      exported.threads.push_back(thread_of(*each.latencies, exported.bins, &losses));
      continue;
    }
    if (!fits_cyclictest(*each.bins))
      return fail(
          ErrorKind::usage,
          fmt::format("{}: its bins are {} ns wide from {} ns on, or it does not tell its largest latency: "
                      "cyclictest's forms have bins of a microsecond",
                      each.name, each.bins->bin_width_ns, each.bins->first_ns),
          "--export csv has all of it");
    exported.threads.push_back(thread_of(each, exported.bins, &losses));
  }
  if (exported.threads.empty())
    return fail(ErrorKind::data, fmt::format("nothing was measured of {}", groups_text(source.groups)));
  exported.command = fmt::format("loopgate stats --export {}", json ? "cyclictest-json" : "histfile");
  exported.version = "loopgate " + request.version;
  exported.suite = source.comparison.suite.name;
  exported.board = source.comparison.board.name;
  exported.kernel = group.evidence->kernel;
  exported.load = group.evidence->load;
  exported.time_base = name_of(source.comparison.time_base);
  exported.measured_by = source.measured_by;
  exported.lost = texts_of(losses);
  add_invalid(group, &exported.lost);
  return Exported{json ? to_cyclictest_json(exported) : to_cyclictest_text(exported), exported.lost};
}

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string csv_rows(const ExportedPart& part, const std::string& begins) {
  std::string text;
  const auto add = [&](const char* kind, const std::string& lower, const std::string& upper,
                       std::uint64_t count) {
    text += fmt::format("{}{},{},{},{}\n", begins, kind, lower, upper, count);
  };
  const auto add_equal = [&](const char* kind, const std::vector<std::int64_t>& sorted, bool has_upper) {
    for (std::size_t i = 0; i < sorted.size();) {
      std::size_t end = i;
      while (end < sorted.size() && sorted[end] == sorted[i]) ++end;
      const std::string ns = std::to_string(sorted[i]);
      add(kind, ns, has_upper ? ns : "", end - i);
      i = end;
    }
  };
  if (part.latencies != nullptr) {
    add_equal("latency", part.latencies->answered_ns, true);
    add_equal("not_sent", part.latencies->not_sent_ns, false);
    if (part.latencies->censored > 0) add("unanswered", "", "", part.latencies->censored);
    return text;
  }
  const LatencyHistogram& bins = *part.bins;
  for (std::size_t i = 0; i < bins.count.size(); ++i) {
    if (bins.count[i] == 0) continue;
    const std::int64_t lower = bins.first_ns + static_cast<std::int64_t>(i) * bins.bin_width_ns;
    add("latency", std::to_string(lower), std::to_string(lower + bins.bin_width_ns - 1), bins.count[i]);
  }
  const std::string end = std::to_string(end_of(bins));
  const std::string max = bins.max_ns ? std::to_string(*bins.max_ns + bins.resolution_ns - 1) : "";
  if (bins.overflow > bins.overflow_unsure) add("latency", end, max, bins.overflow - bins.overflow_unsure);
  if (bins.overflow_unsure > 0) add("unsure", end, max, bins.overflow_unsure);
  if (part.missed > 0) add("missed_at_most", "", "", part.missed);
  return text;
}

Exported as_csv(const Source& source) {
  Exported exported;
  exported.text = "suite,board,kernel,load,cell,time_base,measured_by,kind,lower_ns,upper_ns,count\n";
  const Comparison& comparison = source.comparison;
  for (const ExportedGroup& group : source.groups) {
    for (const ExportedPart& part : group.parts) {
      std::string begins;
      for (const std::string& field :
           {comparison.suite.name, comparison.board.name, group.evidence->kernel, group.evidence->load,
            part.name, std::string(name_of(comparison.time_base)), source.measured_by})
        begins += csv_field(field) + ",";
      exported.text += csv_rows(part, begins);
    }
    add_invalid(group, &exported.lost);
  }
  exported.lost.emplace_back("the order of the latencies in time");
  return exported;
}

}  // namespace

Result<Exported> export_run(const ExportRequest& request) {
  TRY(source, read_source(request.from));
  fill_groups(request, &source);
  if (source.groups.empty())
    return fail(ErrorKind::usage,
                fmt::format("{} has nothing of that kernel and load", request.from.string()),
                "name a kernel and a load that were measured");
  if (request.form == ExportForm::csv) return as_csv(source);
  if (source.groups.size() > 1)
    return fail(ErrorKind::usage,
                fmt::format("cyclictest's forms are of one kernel under one load, and there are {}",
                            groups_text(source.groups)),
                "choose one with --kernel and --load");
  return as_cyclictest(request, source);
}

}  // namespace loopgate
