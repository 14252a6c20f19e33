#include "hunt/hunt_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"

namespace loopgate {
namespace {

constexpr std::size_t worst_shown = 5;
constexpr std::size_t locks_shown = 2;

std::string where(const HuntedStimulus& stimulus) {
  if (stimulus.section.empty()) return "in no window with interrupts or preemption off";
  const std::string span =
      stimulus.opened == stimulus.closed ? stimulus.closed : stimulus.opened + " to " + stimulus.closed;
  return fmt::format("{} for {}, {} of it past: {}", stimulus.section, us_text(stimulus.section_ns),
                     us_text(stimulus.passed_ns), span);
}

// A shot that comes behind the look of schedule() is 5 us past the begin (hunt/exact_shots.h).
std::string exact_of(const HuntedStimulus& stimulus) {
  constexpr std::int64_t at_the_begin_ns = 1'000;
  if (!stimulus.exact) return {};
  return fmt::format(" (hit {} its begin in a run made again)",
                     stimulus.passed_ns < at_the_begin_ns ? "at" : "near");
}

// "responder waited 14.1 us (usual: 8.29 us) for a lock in do_wait_intr (rt_spin_lock), which stress-ng-getra
// (pid 301) took in crng_make_state (rt_spin_lock)"
std::string text_of(const HuntedLockWait& wait) {
  const std::string usual = wait.usual_ns == 0 ? "" : fmt::format(" (usual: {})", us_text(wait.usual_ns));
  const std::string waited =
      fmt::format("{} waited {}{} for a lock in {}, ", wait.waiter, us_text(wait.wait_ns), usual, wait.lock);
  if (wait.holder.empty()) return waited + "whose holder is not known";
  return waited + fmt::format("which {} (pid {}) {}", wait.holder, wait.holder_pid,
                              wait.taken.empty() ? "has" : "took in " + wait.taken);
}

// What it waited for longer than is usual; a line each.
std::string locks_of(const HuntedStimulus& stimulus) {
  std::string text;
  for (std::size_t i = 0; i < std::min(locks_shown, stimulus.lock_waits.size()); ++i)
    if (const HuntedLockWait& wait = stimulus.lock_waits[i]; wait.wait_ns > wait.usual_ns)
      text += fmt::format("{:>14}{}\n", "", text_of(wait));
  return text;
}

std::string row(const std::string& how, const std::string& stimuli, std::int64_t max_ns, double host_s) {
  return fmt::format("{:<18}{:>12}{:>13}{:>11.1f} s\n", how, stimuli, us_text(max_ns), host_s);
}

std::string text_of(const HuntedFailure& failure, const std::string& cell, const std::string& run) {
  return fmt::format(
      "\nthe kernel failed {} of a run (seed {}): {}; {}\n  its console: {}/{}\n  made again by: loopgate "
      "hunt {} --cell {} "
      "--repeat-failures\n",
      failure.shots_ns.empty() ? "before the first stimulus"
                               : fmt::format("after {} stimuli", failure.shots_ns.size()),
      failure.seed, failure.what,
      failure.repeated ? "it did so again in a run that nothing recorded"
                       : "it DID NOT FAIL AGAIN when the run was made again",
      run, failure.console, run, cell);
}

// How near a stimulus comes to the moment it is meant for, and whose windows are told.
std::string turns_of(const HuntedCell& cell) {
  const HuntedTurns& turns = cell.turns;
  if (turns.cpus == 1) return {};
  std::string text = fmt::format(
      "{} CPUs in turns of {} ns: a stimulus comes between two rounds,\n"
      "at the least a round ({} ns) behind the opening that it is sent at",
      turns.cpus, turns.slice_ns, turns.cpus * turns.slice_ns);
  if (!turns.interrupt_cpu || !turns.thread_cpu) return text + "\n";
  text += ";\n";
  text += fmt::format("windows are those with interrupts off of CPU {}, which takes the interrupt, and\n",
                      *turns.interrupt_cpu);
  return text + fmt::format("with preemption off of CPU {}, which runs its thread\n", *turns.thread_cpu);
}

std::string worst_of(const HuntedCell& cell) {
  std::string text = fmt::format("{:<18}{:>12}{:>13}{:>13}\n", "stimuli", "count", "max", "host time");
  text += row("at random", with_thousands(cell.random.count), cell.random.max_ns, cell.random.host_s);
  text += row("hunted", with_thousands(cell.stimuli), cell.worst.front().latency_ns, cell.host_s);
  if (cell.unanswered + cell.not_sent > 0)
    text += fmt::format("of the hunted, {} were never answered and {} not sent\n", cell.unanswered,
                        cell.not_sent);
  text += "\nthe worst, of which the first was sent again and took the same:\n";
  for (std::size_t i = 0; i < std::min(worst_shown, cell.worst.size()); ++i) {
    const HuntedStimulus& each = cell.worst[i];
    text += fmt::format("  {}{:>10}  {}{}\n", each.answered ? "" : "no answer within ",
                        us_text(each.latency_ns), where(each), exact_of(each));
    text += locks_of(each);
  }
  return text;
}

}  // namespace

std::string to_text(const std::vector<HuntedCell>& cells, const std::string& run) {
  std::string text;
  for (const HuntedCell& cell : cells) {
    text += fmt::format("{}{}: {} runs of the guest; times of stimuli are virtual\n",
                        text.empty() ? "" : "\n", cell.cell, with_thousands(cell.runs));
    text += turns_of(cell);
    if (!cell.worst.empty()) text += worst_of(cell);
    for (const HuntedFailure& each : cell.kernel_failures) text += text_of(each, cell.cell, run);
  }
  return text;
}

}  // namespace loopgate
