#include "analysis/section_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"

namespace loopgate {
namespace {

constexpr std::size_t longest_shown = 3;
constexpr std::size_t holders_shown = 3;
constexpr std::size_t chain_shown = 5;

// What it takes for a distribution to say something of its tail.
constexpr std::uint64_t windows_wanted = 100'000;

constexpr const char* not_seen = "a place that was not seen";

// "do_wait_intr (rt_spin_lock), taken in crng_make_state (rt_spin_lock)"
std::string lock_text(const PlaceName& asked, const PlaceName& taken) {
  return place_text(asked) + ", taken in " + (taken.function.empty() ? not_seen : place_text(taken));
}

// Where it opened and closed, which is mostly one function.
std::string span_text(const PlaceName& opened, const PlaceName& closed) {
  const std::string from = place_text(opened);
  const std::string to = place_text(closed);
  return opened.function == closed.function ? to : from + " to " + to;
}

std::string places_text(SectionKind kind, const PlaceName& opened, const PlaceName& closed) {
  return kind == SectionKind::lock_wait ? lock_text(opened, closed) : span_text(opened, closed);
}

std::string row(const KindOfSection& kind, std::size_t width) {
  if (kind.count == 0) return fmt::format("{:<{}}{:>12}\n", name_of(kind), width, 0);
  return fmt::format("{:<{}}{:>12}{:>11}{:>11}{:>11}{:>11}  {}\n", name_of(kind), width,
                     with_thousands(kind.count), us_text(kind.p50_ns), us_text(kind.p99_ns),
                     us_text(kind.p99_9_ns), us_text(kind.max_ns),
                     places_text(kind.kind, kind.longest.front().opened, kind.longest.front().closed));
}

std::string long_text(SectionKind kind, const LongSection& section) {
  std::string text = fmt::format("  {:>10}  {} (pid {}): {}", us_text(section.length_ns), section.task,
                                 section.pid, places_text(kind, section.opened, section.closed));
  if (kind == SectionKind::lock_wait)
    text += section.holder.empty() ? ", by a task that is not known"
                                   : fmt::format(" by {} (pid {})", section.holder, section.holder_pid);
  if (!section.chain.empty()) {
    const auto shown = static_cast<std::ptrdiff_t>(std::min(section.chain.size(), chain_shown));
    text += fmt::format("\n              < {}",
                        fmt::join(section.chain.begin(), section.chain.begin() + shown, " < "));
  }
  return text + "\n";
}

std::string holder_text(SectionKind kind, const SectionHolder& holder, std::int64_t total_ns) {
  return fmt::format("  {:>7} of the time, {} windows, max {}: {}\n",
                     percent_text(static_cast<double>(holder.total_ns) / static_cast<double>(total_ns)),
                     with_thousands(holder.count), us_text(holder.max_ns),
                     places_text(kind, holder.opened, holder.closed));
}

std::string details(const KindOfSection& kind) {
  if (kind.count == 0) return "";
  std::string text = fmt::format("\n{}, the longest:\n", name_of(kind));
  for (std::size_t i = 0; i < std::min(longest_shown, kind.longest.size()); ++i)
    text += long_text(kind.kind, kind.longest[i]);
  text += kind.kind == SectionKind::lock_wait ? "waited most in:\n" : "held most by:\n";
  for (std::size_t i = 0; i < std::min(holders_shown, kind.holders.size()); ++i)
    text += holder_text(kind.kind, kind.holders[i], kind.total_ns);
  return text;
}

std::string head(const CellSections& cell) {
  return fmt::format(
      "{}: {} of virtual time recorded in {:.1f} s; the samples are those that were measured ({})\n"
      "{}\n",
      cell.cell, duration_text(cell.summary.recorded_ns), cell.host_s, cell.samples_sha256.substr(0, 16),
      cell.preemptible
          ? "this kernel preempts its own code: preemption is off while its preempt count is not 0"
          : "this kernel does not preempt its own code: preemption is off from one look at whether "
            "to reschedule to the next");
}

std::string text_of(const CellSections& cell) {
  std::string text = head(cell);
  const std::size_t width = cell.summary.kinds.front().cpu ? 25 : 18;
  text += fmt::format("{:<{}}{:>12}{:>11}{:>11}{:>11}{:>11}  {}\n", "kind", width, "windows", "p50", "p99",
                      "p99.9", "max", "the longest");
  for (const KindOfSection& kind : cell.summary.kinds) text += row(kind, width);
  for (const KindOfSection& kind : cell.summary.kinds) {
    if (kind.count > 0 && kind.count < windows_wanted && kind.kind <= SectionKind::preemption_off)
      text += fmt::format("{}: fewer than {} windows, for the run was only {} long\n", name_of(kind),
                          with_thousands(windows_wanted), duration_text(cell.summary.recorded_ns));
  }
  for (const KindOfSection& kind : cell.summary.kinds) text += details(kind);
  return text;
}

}  // namespace

std::string place_text(const PlaceName& place) {
  return place.through.empty() ? place.function : fmt::format("{} ({})", place.function, place.through);
}

std::string to_text(const std::vector<CellSections>& cells) {
  std::string text;
  for (const CellSections& cell : cells) text += (text.empty() ? "" : "\n") + text_of(cell);
  return text;
}

}  // namespace loopgate
