#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "capture/export_forms.h"
#include "programs/result/cyclictest_export.h"

namespace loopgate {
namespace {

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
std::uint64_t bins_of(const std::vector<ExportedPart>& parts) {
  std::uint64_t bins = 1;
  std::uint64_t least = exported_bins_max;
  for (const ExportedPart& each : parts) {
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

std::vector<std::string> texts_of(const Losses& losses) {
  std::vector<std::string> lost;
  if (losses.finer) lost.emplace_back("what is finer than a microsecond: latencies are cut to whole ones");
  if (losses.not_sent > 0)
    lost.push_back(
        fmt::format("{} that were not sent, and would have waited", stimuli_text(losses.not_sent)));
  if (losses.unanswered > 0)
    lost.push_back(fmt::format("{} without an answer, above every limit", stimuli_text(losses.unanswered)));
  if (losses.missed > 0)
    lost.push_back(fmt::format(
        "{} not known",
        counted_text(losses.missed, {"latency at the most that is", "latencies at the most that are"})));
  if (losses.unsure > 0)
    lost.push_back(fmt::format("that {} of the overflows are not sure", with_thousands(losses.unsure)));
  if (losses.mean) lost.emplace_back("the mean, which bounds do not have");
  return lost;
}

// The forms are of one who measured: the instrument; without one, the only program that has a histogram, or
// cyclictest among several.
Result<std::string> program_to_export(const ExportedGroup& group) {
  std::vector<std::string> programs;
  for (const ExportedPart& each : group.parts)
    if (programs.empty() || programs.back() != each.program) programs.push_back(each.program);
  if (programs.empty() || programs.front().empty()) return std::string();
  if (programs.size() == 1) return programs.front();
  if (std::ranges::find(programs, "cyclictest") != programs.end()) return std::string("cyclictest");
  return fail(
      ErrorKind::usage,
      fmt::format("cyclictest's forms are of one program, and there are {}", fmt::join(programs, ", ")),
      "--export csv has all of them");
}

struct Chosen {
  std::vector<ExportedPart> parts;
  std::vector<std::string> left_out;
};

Chosen parts_of(const ExportedGroup& group, const std::string& program) {
  Chosen chosen;
  std::vector<std::string> others;
  for (const ExportedPart& each : group.parts) {
    if (each.program == program)
      chosen.parts.push_back(each);
    else if (others.empty() || others.back() != each.program)
      others.push_back(each.program);
  }
  if (!others.empty())
    chosen.left_out.push_back(fmt::format("what {} measured: --export csv has it", fmt::join(others, ", ")));
  return chosen;
}

}  // namespace

Result<Exported> export_as_cyclictest(const ExportRequest& request, const ExportSource& source) {
  if (source.groups.size() > 1)
    return fail(ErrorKind::usage,
                fmt::format("cyclictest's forms are of one kernel under one load, and there are {}",
                            groups_text(source.groups)),
                "choose one with --kernel and --load");
  const ExportedGroup& group = source.groups.front();
  const bool json = request.form == ExportForm::cyclictest_json;
  CyclictestExport exported;
  TRY(program, program_to_export(group));
  const Chosen chosen = parts_of(group, program);
  exported.bins = bins_of(chosen.parts);
  Losses losses;
  for (const ExportedPart& each : chosen.parts) {
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
  exported.measured_by = program.empty() ? source.measured_by : program;
  exported.lost = texts_of(losses);
  exported.lost.insert(exported.lost.end(), chosen.left_out.begin(), chosen.left_out.end());
  add_left_out(group, &exported.lost);
  return Exported{json ? to_cyclictest_json(exported) : to_cyclictest_text(exported), exported.lost};
}

}  // namespace loopgate
