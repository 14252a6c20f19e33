#include "cost/cost_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "stats/quantities.h"

namespace loopgate {
namespace {

constexpr std::size_t most_named = 4;
constexpr int time_width = 10;

std::string signed_ns(double ns) {
  const auto rounded = static_cast<std::uint64_t>(std::llround(std::abs(ns)));
  return fmt::format("{}{}", ns < 0 && rounded > 0 ? "-" : "+", with_thousands(rounded));
}

std::string interval_text(const AddedTime& time) {
  return fmt::format("{} ns ({} to {})", signed_ns(time.ns), signed_ns(time.low_ns), signed_ns(time.high_ns));
}

std::string ns_text(double ns) {
  return with_thousands(static_cast<std::uint64_t>(std::llround(ns))) + " ns";
}

std::string end_text(const CostRecord& record, const char* name, const std::string& kernel) {
  const CostStep* step = find_step(record, name);
  if (step == nullptr) return "";
  std::string text = fmt::format("{:>{}}  {}", ns_text(mean_ns(*step)), time_width + 3, printable(kernel));
  if (step->image_bytes)
    text += fmt::format(", image {:.1f} MB", static_cast<double>(*step->image_bytes) / 1e6);
  if (step->boot_s) text += fmt::format(", {:.3f} s to its first program", *step->boot_s);
  return text + "\n";
}

bool is_cost(const CostRow& row, const CostRecord& record) { return is_cost(row.added, record.least_ns); }

std::string functions_text(const CostRow& row) {
  if (row.functions.empty())
    return row.functions_not_told.empty() ? "" : "functions: not told: " + row.functions_not_told;
  std::vector<std::string> parts;
  for (const FunctionCost& each : row.functions)
    parts.push_back(fmt::format("{} {}", each.function, signed_ns(static_cast<double>(each.ns))));
  return fmt::format("in {}", fmt::join(parts, ", "));
}

// Of the kernel that differences are taken out of.
std::string last_text(const CostRecord& record) {
  const bool rebuilt = find_step(record, "to-rebuilt") != nullptr;
  return rebuilt ? fmt::format("{}'s options on {}'s sources", record.to.name, record.from.name)
                 : record.to.name;
}

std::string taken_out_text(const CostRow& row, const CostRecord& record) {
  if (!row.taken_out) return "not taken out: " + row.not_taken_out;
  // It went in last, or first of one: the same two kernels.
  const bool is_last = row.without == row.before;
  return fmt::format("taken out of {} it takes back {}{}", last_text(record), interval_text(*row.taken_out),
                     is_last ? ", the same measurement" : "");
}

std::string row_text(const CostRow& row, const CostRecord& record) {
  std::string text =
      fmt::format("{:>{}}  {}\n", signed_ns(row.added.ns) + " ns", time_width + 3, printable(row.what));
  const auto line = [&](const std::string& words) {
    if (!words.empty()) text += fmt::format("{:{}}  {}\n", "", time_width + 3, printable(words));
  };
  line(fmt::format("from {} to {} ns; {}", signed_ns(row.added.low_ns), signed_ns(row.added.high_ns),
                   taken_out_text(row, record)));
  if (!row.not_divided.empty()) line("not told apart: " + row.not_divided);
  line(functions_text(row));
  return text;
}

std::string names_text(const CostRecord& record, const std::vector<std::int64_t>& changes) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(changes.size(), most_named); ++i)
    names.push_back(record.changes[static_cast<std::size_t>(changes[i])].text);
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (changes.size() > most_named)
    text += fmt::format(" and {} more", with_thousands(changes.size() - most_named));
  return text;
}

// What the rows that are no cost take back together.
std::string hidden_text(const CostRecord& record) {
  if (!record.hidden) return "";
  if (!record.hidden->taken_out) return "; not taken out: " + record.hidden->not_taken_out;
  const AddedTime& back = *record.hidden->taken_out;
  return fmt::format("; taken out of {} together they take back {}{}", last_text(record), interval_text(back),
                     is_cost(back, record.least_ns) ? ":" : "");
}

// The rows that are no cost, in one line.
std::string small_rows_text(const CostRecord& record) {
  std::vector<std::int64_t> changes;
  double sum = 0;
  for (const CostRow& row : record.rows) {
    if (row.changes.empty() || is_cost(row, record)) continue;
    changes.insert(changes.end(), row.changes.begin(), row.changes.end());
    sum += row.added.ns;
  }
  std::string text;
  if (!changes.empty())
    text = fmt::format("{:>{}}  {}, which are no cost in the order in which they went in{}\n",
                       signed_ns(sum) + " ns", time_width + 3, printable(names_text(record, changes)),
                       printable(hidden_text(record)));
  if (record.hidden)
    for (const CostRow& row : record.hidden->rows)
      text += fmt::format("{:>{}}  {}: beside all others, {} to {} ns{}\n", "", time_width + 3,
                          printable(row.what), signed_ns(row.added.low_ns), signed_ns(row.added.high_ns),
                          row.functions.empty() ? "" : ", " + functions_text(row));
  const bool has_small_rest =
      !record.rows.empty() && record.rows.back().changes.empty() && !is_cost(record.rows.back(), record);
  if (has_small_rest)
    text += fmt::format("{:>{}}  {}\n", signed_ns(record.rows.back().added.ns) + " ns", time_width + 3,
                        printable(record.rows.back().what));
  return text;
}

std::string not_measured_text(const CostRecord& record) {
  std::string text;
  for (const CostStep& step : record.steps)
    if (!step.measured) text += fmt::format("step {}\n", step_text(step, record.by));
  return text;
}

}  // namespace

std::string differences_text(const KernelDifference& difference, const ChangeSet& changes) {
  const auto text = [&](std::size_t change) {
    const KernelChange& each = difference.changes[change];
    return each.kind == ChangeKind::option && !each.becomes.empty() && each.was.empty() ? each.becomes
                                                                                        : each.text();
  };
  if (changes.size() > most_named)
    return fmt::format("{} differences, among them {}", with_thousands(changes.size()),
                       fmt::join({text(changes.front()), text(changes.back())}, " and "));
  std::vector<std::string> texts;
  for (const std::size_t change : changes) texts.push_back(text(change));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string not_divided_text(NotDivided why) {
  switch (why) {
    case NotDivided::no:
      return "";
    case NotDivided::not_worth:
      return "together they add too little";
    case NotDivided::inseparable:
      return "none of their parts that were tried goes in, or can be measured, without the rest";
    case NotDivided::stopped:
      return "as many kernels were measured as --kernels allows";
  }
  return "";
}

std::string lost_text(const KernelDifference& difference, const ChangeSet& lost) {
  return fmt::format("{} can't be without it", differences_text(difference, lost));
}

std::string step_text(const CostStep& step, const std::string& by) {
  const std::string same = step.same_as.empty() ? "" : fmt::format(" (the same kernel as {})", step.same_as);
  if (!step.measured)
    return fmt::format("{}: {}{}: can't be measured: {}", step.name, printable(step.what), same,
                       printable(step.why));
  return fmt::format("{}: {}{}: {} {}", step.name, printable(step.what), same, label_of(by),
                     ns_text(mean_ns(step)));
}

std::string cost_text(const CostRecord& record) {
  const CostStep* from = find_step(record, "from");
  std::string text = fmt::format(
      "suite {} · board {} · load {} · {}, the mean of {} replicates with {} stimuli in all, by {}\n",
      record.suite.name, record.board.name, record.load.name, label_of(record.by),
      from == nullptr ? 0 : from->by_ns.size(),
      from == nullptr ? 0 : with_thousands(static_cast<std::uint64_t>(from->stimuli)),
      record.on_virtual_time ? "virtual time" : "the wall clock");
  text += end_text(record, "from", record.from.name);
  for (const CostRow& row : record.rows)
    if (is_cost(row, record)) text += row_text(row, record);
  text += small_rows_text(record);
  text += end_text(record, "to", record.to.name);
  text += not_measured_text(record);
  if (record.chance && record.chance_of_to)
    text += fmt::format("chance, each against itself with a longer command line: {} {}, {} {}\n",
                        printable(record.from.name), interval_text(*record.chance),
                        printable(last_text(record)), interval_text(*record.chance_of_to));
  text += fmt::format(
      "Intervals are of {:.0f} % confidence each, over schedules. Less than {} is not called a cost. What is "
      "added depends on what went in before; what is taken out, on what else is there.\n",
      record.confidence * 100, ns_text(record.least_ns));
  if (!record.left_out_why.empty()) text += record.left_out_why + ".\n";
  if (!record.is_finished) text += "Not finished: call the same command again, with more --kernels.\n";
  return text;
}

}  // namespace loopgate
