#include "run/asked_of_load.h"

#include <fmt/format.h>

#include "programs/options.h"

namespace loopgate {
namespace {

AskedFor row_of(const LoadPart& part, const char* kind, const std::string& asked) {
  return {"load", kind, fmt::format("{}: {}", part.name, asked)};
}

AskedFor processes_row(const LoadPart& part, const PartSeen* seen) {
  AskedFor row = row_of(part, "processes", fmt::format("at least {}", part.min_processes));
  if (seen == nullptr) return row;
  row.became = as_asked(has_processes(part, seen->report));
  row.read_back = fmt::format("{} before measuring, {}", seen->report.processes,
                              seen->report.died_early
                                  ? "and it ended while measuring"
                                  : fmt::format("{} when it was over", seen->report.processes_at_stop));
  return row;
}

AskedFor cpu_time_row(const LoadPart& part, const PartSeen* seen) {
  AskedFor row =
      row_of(part, "CPU time", fmt::format("at least {:.6g} ms before measuring", part.min_cpu_ms));
  if (seen == nullptr) return row;
  const double before_ms = static_cast<double>(seen->report.attested_cpu_ns) / 1e6;
  row.became = as_asked(before_ms >= part.min_cpu_ms);
  row.read_back = fmt::format("{:.6g} ms before, {:.6g} ms until measuring was over", before_ms,
                              static_cast<double>(seen->report.cpu_ns_in_window) / 1e6);
  return row;
}

AskedFor rate_row(const LoadPart& part, const std::string& metric, double at_least, const PartSeen* seen) {
  AskedFor row = row_of(part, "rate", fmt::format("{} at least {:.6g} a second", metric, at_least));
  if (seen == nullptr) return row;
  if (!seen->findings) {
    row.read_back = seen->findings.error().what;
    return row;
  }
  const auto found = seen->findings->rates.find(metric);
  row.became = as_asked(found != seen->findings->rates.end() && found->second >= at_least);
  row.read_back = found == seen->findings->rates.end() ? "no such figure in what it left"
                                                       : fmt::format("{:.6g} a second", found->second);
  return row;
}

AskedFor option_row(const LoadPart& part, const ProgramOption& option, const PartSeen* seen) {
  AskedFor row = row_of(part, "option", text_of(option));
  if (seen == nullptr) return row;
  const auto told = part.program->read_back(option, seen->output);
  if (!told) return row;
  row.became = as_asked(told->as_asked);
  row.read_back = told->text;
  return row;
}

}  // namespace

bool has_processes(const LoadPart& part, const PartReport& seen) {
  return !seen.died_early && seen.processes_at_stop >= part.min_processes;
}

std::vector<AskedFor> asked_of_part(const LoadPart& part, const PartSeen* seen) {
  std::vector<AskedFor> rows = {processes_row(part, seen), cpu_time_row(part, seen)};
  for (const auto& [metric, at_least] : part.min_per_second)
    rows.push_back(rate_row(part, metric, at_least, seen));
  if (part.cpus != LoadCpus::any)
    rows.push_back({"load", "CPUs", fmt::format("{}: {}", part.name, name_of(part.cpus)), AskedState::known,
                    "taskset starts it there, or it does not run"});
  for (const ProgramOption& option : options_in(part.arguments))
    rows.push_back(option_row(part, option, seen));
  return rows;
}

}  // namespace loopgate
