#include "analysis/bound_text.h"

#include <fmt/format.h>

#include "base/text.h"
#include "base/units.h"

namespace loopgate {
namespace {

std::string row(const std::string& name, std::int64_t ns, const std::string& rest) {
  return fmt::format("{:<30}{:>11}  {}\n", name, us_text(ns), rest);
}

std::string share_of_bound(std::int64_t ns, std::int64_t bound_ns) {
  return fmt::format("{:.2f} of the bound", static_cast<double>(ns) / static_cast<double>(bound_ns));
}

// A replicate that was not recorded may have run other code.
std::string others_text(const BoundedCell& cell) {
  const CellWorstCase& figures = cell.figures;
  if (cell.replicates < 2) return "";
  std::string text =
      row("observed max, all replicates", cell.max_of_all_ns,
          fmt::format("of {} samples in {} replicates, {}", with_thousands(cell.samples_of_all),
                      cell.replicates, share_of_bound(cell.max_of_all_ns, figures.bound_ns)));
  if (cell.max_of_all_ns > figures.bound_ns)
    text +=
        "a replicate that was not recorded exceeds this bound: its run had longer windows. Name it with "
        "--cell\n";
  return text;
}

std::string hunted_text(const CellWorstCase& figures) {
  if (!figures.with_hunted_ns) return "";
  return row("hunted max", *figures.with_hunted_ns,
             share_of_bound(*figures.with_hunted_ns, figures.bound_ns));
}

std::string text_of(const BoundedCell& cell) {
  const CellWorstCase& figures = cell.figures;
  std::string text = fmt::format(
      "{}: every window and every sample of its run, which was made again with the same samples ({})\n",
      figures.cell, figures.samples_sha256.substr(0, 16));
  text += row("observed max", figures.observed_max_ns,
              fmt::format("of {} samples, {}", with_thousands(figures.samples),
                          share_of_bound(figures.observed_max_ns, figures.bound_ns)));
  text += others_text(cell) + hunted_text(figures);
  text += row("bound", figures.bound_ns, "the sum of:");
  for (const BoundTerm& term : figures.terms) text += row("  " + term.name, term.ns, term.from);
  const auto window_text = [](const LongestWindow& window) {
    return window.ns == 0 ? "there was none" : fmt::format("{} of {}", window.function, window.task);
  };
  text += row("longest irq off", figures.longest_irq_off.ns, window_text(figures.longest_irq_off));
  text +=
      row("longest preempt off", figures.longest_preempt_off.ns, window_text(figures.longest_preempt_off));
  return text;
}

}  // namespace

std::string to_text(const std::vector<BoundedCell>& cells) {
  std::string text;
  for (const BoundedCell& cell : cells) text += text_of(cell) + "\n";
  return text +
         "A bound holds for the code that ran under these loads, in whatever order it meets a stimulus. It "
         "says "
         "nothing of code that did not run. Times are virtual: 1 ns per instruction.\n";
}

}  // namespace loopgate
