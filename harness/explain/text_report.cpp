#include "explain/text_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <sstream>

#include "base/text.h"
#include "base/units.h"
#include "explain/diagnosis.h"
#include "explain/sample/breakdown.h"
#include "explain/sample_words.h"

namespace loopgate {
namespace {

constexpr std::size_t rows_shown = 8;
constexpr int name_width = 34;
constexpr int bar_width = 22;
// "rt-irq-threads.mixed.8" fits: cut off at its number it would name another cell.
constexpr int column_width = 23;
constexpr std::size_t sentence_width = 110;

using Others = std::vector<const ExplainedSample*>;

std::string nanoseconds(std::int64_t ns) { return with_thousands(static_cast<std::uint64_t>(ns)) + " ns"; }

std::string cut(std::string text, std::size_t width) {
  if (text.size() > width) text.resize(width);
  return text;
}

std::string ended(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

// One row of the table: a name, the sample's ns and share, something to see, and the other samples' ns.
std::string row(const std::string& name, std::int64_t ns, std::int64_t whole_ns, const std::string& seen,
                const std::vector<std::int64_t>& others) {
  const double share = 100.0 * static_cast<double>(ns) / static_cast<double>(whole_ns);
  std::string text = fmt::format("  {:<{}}{:>15} {:5.1f} %  {:<{}}", cut(name, name_width - 1), name_width,
                                 nanoseconds(ns), share, cut(seen, bar_width), bar_width);
  for (const std::int64_t other : others) text += fmt::format("{:>{}}", nanoseconds(other), column_width);
  return ended(std::move(text));
}

std::string heads(const ExplainedSample& sample, const Others& others) {
  const auto line = [&](const std::string& here, const auto& head) {
    std::string text = fmt::format("  {:<{}}{:>15} {:7}  {:<{}}", "", name_width, here, "", "", bar_width);
    for (const ExplainedSample* other : others)
      text += fmt::format("{:>{}}", cut(head(*other), column_width - 1), column_width);
    return ended(std::move(text));
  };
  const std::string number = fmt::format("sample {}", sample.sample);
  return line("",
              [&](const ExplainedSample& other) {
                return other.cell == sample.cell ? std::string("median") : other.cell;
              }) +
         line(number, [](const ExplainedSample& other) { return fmt::format("sample {}", other.sample); });
}

// Each phase's bar begins where the one before ends.
std::string waterfall(const ExplainedSample& sample, const Others& others) {
  std::string text;
  std::int64_t begin = 0;
  const auto column = [&](std::int64_t ns) {
    return static_cast<std::size_t>(ns * (bar_width - 3) / sample.latency_ns);
  };
  for (std::size_t i = 0; i < phase_names.size(); ++i) {
    const std::int64_t end = begin + sample.phase_ns[i];
    const std::size_t width = std::max<std::size_t>(column(end) - column(begin), end > begin ? 1 : 0);
    std::vector<std::int64_t> there;
    for (const ExplainedSample* other : others) there.push_back(other->phase_ns[i]);
    text += row(phase_names[i], sample.phase_ns[i], sample.latency_ns,
                std::string(column(begin), ' ') + std::string(width, '#'), there);
    begin = end;
  }
  std::vector<std::int64_t> there;
  for (const ExplainedSample* other : others) there.push_back(other->latency_ns);
  return text + row("latency, their sum", sample.latency_ns, sample.latency_ns, "", there);
}

struct FunctionRow {
  std::string name;
  std::string task;  // the one that spent most in it
  std::int64_t task_ns = 0;
  std::int64_t here_ns = 0;
  std::vector<std::int64_t> there_ns;
};

// By function, whatever its phase; those first that differ most from the last of the other samples.
std::vector<FunctionRow> function_rows(const ExplainedSample& sample, const Others& others) {
  std::map<std::string, FunctionRow> rows;
  const auto row_of = [&](const FunctionShare& share) -> FunctionRow& {
    FunctionRow& row = rows[share.name];
    row.name = share.name;
    row.there_ns.resize(others.size());
    return row;
  };
  const auto tell_task = [](const ExplainedSample& of, const FunctionShare& share, FunctionRow* row) {
    if (share.ns <= row->task_ns) return;
    row->task_ns = share.ns;
    row->task = of.tasks[share.task].name;
  };
  for (const FunctionShare& share : functions_of(sample)) {
    row_of(share).here_ns += share.ns;
    tell_task(sample, share, &row_of(share));
  }
  for (std::size_t i = 0; i < others.size(); ++i) {
    for (const FunctionShare& share : functions_of(*others[i])) {
      row_of(share).there_ns[i] += share.ns;
      if (row_of(share).here_ns == 0) tell_task(*others[i], share, &row_of(share));
    }
  }
  std::vector<FunctionRow> sorted;
  for (auto& [name, row] : rows) sorted.push_back(std::move(row));
  const auto weight = [](const FunctionRow& row) {
    return std::abs(row.here_ns - (row.there_ns.empty() ? 0 : row.there_ns.back()));
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const FunctionRow& a, const FunctionRow& b) { return weight(a) > weight(b); });
  return sorted;
}

std::string functions_text(const ExplainedSample& sample, const Others& others) {
  std::string text =
      fmt::format("\n  functions, {}\n", others.empty() ? "largest first" : "largest difference first");
  const auto rows = function_rows(sample, others);
  for (std::size_t i = 0; i < std::min(rows.size(), rows_shown); ++i)
    text += row(rows[i].name, rows[i].here_ns, sample.latency_ns, rows[i].task, rows[i].there_ns);
  return text;
}

// Each line ends between two words, before the table's right edge.
std::string wrapped(const std::string& sentence) {
  std::string text = "  ";
  std::size_t column = 2;
  std::istringstream words(sentence);
  for (std::string word; words >> word;) {
    if (column + 1 + word.size() > sentence_width) {
      text += "\n  ";
      column = 2;
    }
    if (column > 2) word.insert(0, " ");
    text += word;
    column += word.size();
  }
  return text + "\n";
}

std::string headline(const ExplainedSample& sample) {
  return fmt::format("{}, sample {}: {} (virtual)\n{}", sample.cell, sample.sample,
                     duration_text(sample.latency_ns), wrapped(sample.why));
}

// Part by part, whether the program beside has it on its own way.
std::string timers_text(const ExplainedSample& sample, const ProgramBeside& program) {
  std::string text =
      fmt::format("\n  what {} can see of it\n{}", program.name, wrapped(timers_sentence(sample, program)));
  for (const PathPart& part : timers_parts(sample)) {
    const char* has = part.timer == OnTimersWay::too       ? "it, too"
                      : part.timer == OnTimersWay::its_own ? "one of its own"
                                                           : "none";
    text += fmt::format("  {:<{}}{:>15}  {} has {}: {}\n", part.name, name_width, nanoseconds(part.ns),
                        program.name, has, part.why);
  }
  return text;
}

std::string sample_text(const Explanation& explanation, std::size_t number) {
  const ExplainedSample& sample = explanation.explained[number];
  std::string text = "\n" + headline(sample);
  Others others;
  for (const SampleComparison& comparison : explanation.comparisons) {
    if (comparison.sample != number) continue;
    others.push_back(&comparison.against);
    if (comparison.against.cell != sample.cell) text += headline(comparison.against);
  }
  text += "\n" + heads(sample, others) + waterfall(sample, others) + functions_text(sample, others) +
          cross_cpu_text(sample);
  return explanation.beside ? text + timers_text(sample, *explanation.beside) : text;
}

std::string bands_text(const std::vector<Band>& bands) {
  std::string text = fmt::format("  {:<20} {:>8} {:>11}  mean virtual ns in each phase\n", "share of samples",
                                 "count", "mean");
  for (const Band& band : bands) {
    const double mean = std::accumulate(band.mean_ns.begin(), band.mean_ns.end(), 0.0);
    text += fmt::format("  {:>6.4g} to {:<6.5g} % {:>9} {:>11}  ", band.from_percent, band.to_percent,
                        band.count, duration_text(static_cast<std::int64_t>(mean)));
    double rest = 0;  // phases of less than a hundredth
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < phase_names.size(); ++i) {
      if (band.mean_ns[i] >= mean / 100) {
        parts.push_back(fmt::format("{} {:.0f}", phase_names[i], band.mean_ns[i]));
      } else {
        rest += band.mean_ns[i];
      }
    }
    if (rest > 0) parts.push_back(fmt::format("the rest {:.0f}", rest));
    text += fmt::format("{}\n", fmt::join(parts, ", "));
  }
  return text;
}

// Whether it stands on a line of its own, with what says so: what did nothing, and an argument of the kernel
// that nothing confirms, of which `run` gives the reason as well.
bool stands_alone(const AskedFor& row) {
  return did_nothing(row.became) || (row.became == AskedState::not_told && row.by == "kernel");
}

// All of one state, to be read over.
std::string listed(const std::vector<AskedFor>& rows, AskedState state) {
  std::string text;
  for (const AskedFor& row : rows) {
    if (row.became != state || stands_alone(row)) continue;
    text += (text.empty() ? fmt::format("{}: ", name_of(state)) : "; ") + row.asked;
  }
  return text.empty() ? text : wrapped(text);
}

// First those that stand alone, one by one; of the rest the names.
std::string asked_text(const Explanation& explanation) {
  if (!explanation.why_asked_not_known.empty())
    return fmt::format("\n{}: what became of what was asked for is not known\n{}", explanation.cell,
                       wrapped(explanation.why_asked_not_known));
  if (explanation.asked_for.empty()) return {};
  std::string text = fmt::format("\n{}, asked for and what became of it\n", explanation.cell);
  for (const AskedFor& row : explanation.asked_for) {
    if (!stands_alone(row)) continue;
    text +=
        wrapped(fmt::format("{}: the {}'s {} {}: {}", name_of(row.became), row.by, row.kind, row.asked,
                            row.read_back.empty() ? "nothing says whether it had an effect" : row.read_back));
  }
  for (const AskedState state : {AskedState::not_told, AskedState::known, AskedState::in_effect})
    text += listed(explanation.asked_for, state);
  return text;
}

}  // namespace

std::string to_text(const Explanation& explanation) {
  std::string text;
  for (std::size_t i = 0; i < explanation.explained.size(); ++i) text += sample_text(explanation, i);
  if (!explanation.bands.empty())
    text += fmt::format("\n{}, every answered sample, by latency (virtual)\n{}", explanation.cell,
                        bands_text(explanation.bands));
  return text + asked_text(explanation);
}

}  // namespace loopgate
