#include "hunt/cell_hunt.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/split_mix.h"
#include "hunt/exact_shots.h"
#include "hunt/hunt_budget.h"
#include "run/hunted_request.h"

namespace loopgate {
namespace {

// Of each aimed run. Each costs up to a run.
constexpr std::size_t exact_shots_a_run = 3;
// The longest windows, of which some may come too late in the run for what is left of the budget.
constexpr std::size_t windows_looked_at = 30;

bool begins_with(const std::vector<std::int64_t>& all, const std::vector<std::int64_t>& first) {
  return std::ranges::mismatch(all, first).in2 == first.end();
}

class CellHunt {
 public:
  CellHunt(const HuntOrder& order, const Shoot& shoot, const HuntNames& names, HuntedCell* cell)
      : order_(order), shoot_(shoot), names_(names), cell_(cell), budget_(order.budget_s) {}

  Status run() {
    if (const Status spent = spend(); !spent) {
      TRY_STATUS(made_to_fail_again(spent));
      if (cell_->worst.empty()) return {};
    }
    if (const Status confirmed = confirm(); !confirmed) {
      TRY_STATUS(made_to_fail_again(confirmed));
      cell_->worst.clear();  // was not sent again to its end
    }
    return {};
  }

  // Of a kernel that failed: once more. Any other error stays one.
  Status made_to_fail_again(const Status& failed) {
    if (failed.error().kind != ErrorKind::kernel || cell_->kernel_failures.empty()) return failed;
    return fail_again(&cell_->kernel_failures.back());
  }

  // The same stimuli, and one that nobody lives to see: the run is one until then.
  Status fail_again(HuntedFailure* failure) {
    AimSettings aim = own_aim();
    aim.shots_ns = failure->shots_ns;
    if (!aim.shots_ns.empty())
      aim.shots_ns.push_back(aim.shots_ns.back() + order_.response_timeout_ns + aim.at_most_ns);
    const auto stimuli = static_cast<std::uint32_t>(std::max<std::size_t>(aim.shots_ns.size(), 1));
    TRY(end, shoot_({failure->seed, stimuli, aim, false}));
    ++cell_->runs;
    cell_->host_s += end.host_s;
    // A guest that goes on behind an oops, or hangs without a word, meets the one that nobody lives to see.
    failure->repeated = end.failed && begins_with(end.failed->shots_ns, failure->shots_ns);
    if (!failure->repeated) return {};
    failure->console = end.failed->console;
    failure->console_sha256 = end.failed->console_sha256;
    return {};
  }

 private:
  AimSettings own_aim() const {
    AimSettings aim;
    aim.quiet = order_.turns.cpus > 1;
    return aim;
  }

  Status spend() {
    std::uint64_t seed = order_.seed;
    std::uint32_t stimuli = order_.stimuli;
    while (stimuli > 0) {
      cell_->next_seed = split_mix(seed);
      TRY(aimed, fire({seed, stimuli, aimed_at_sections(seed), true}, false));
      TRY_STATUS(hit_exactly(seed, aimed));
      stimuli = budget_.stimuli_of_next(cell_->host_s, order_.stimuli);
      seed = cell_->next_seed;
    }
    return {};
  }

  AimSettings aimed_at_sections(std::uint64_t seed) const {
    AimSettings aim = own_aim();
    aim.at_sections = true;
    aim.seed = seed;
    aim.taught = order_.taught;
    return aim;
  }

  static std::size_t counted_of(const std::vector<Sample>& samples) {
    return static_cast<std::size_t>(std::ranges::count_if(samples, &Sample::counted));
  }

  std::int64_t worst_ns() const { return cell_->worst.empty() ? 0 : cell_->worst.front().latency_ns; }

  Result<VolleyEnd> fire(const Volley& volley, bool exact) {
    TRY(end, shoot_(volley));
    ++cell_->runs;
    cell_->host_s += end.host_s;
    if (end.failed) {
      cell_->stimuli += exact ? 1 : end.failed->shots_ns.size();
      return keep_failed(*end.failed, volley.seed);
    }
    if (volley.aim.at_sections && order_.turns.cpus > 1) {
      cpus_ = cpus_of_shots(end);
      cell_->turns.interrupt_cpu = cpus_.interrupt;
      cell_->turns.thread_cpu = cpus_.thread;
    }
    if (volley.aim.at_sections) budget_.learn(end.begun_s, end.host_s, counted_of(end.samples));
    const std::optional<HuntedStimulus> worst_before =
        cell_->worst.empty() ? std::nullopt : std::optional(cell_->worst.front());
    const LocksOnWay locks(end, order_.response_timeout_ns);
    std::vector<std::int64_t> shots;
    for (const Sample& sample : end.samples) {
      if (!sample.counted()) continue;
      shots.push_back(sample.due_ns);
      // What comes before an exact shot was counted in the run that it repeats.
      const bool counts = !exact || &sample == &end.samples.back();
      if (counts) ++cell_->stimuli;
      if (counts && sample.unanswered()) ++cell_->unanswered;
      if (counts && !sample.sent()) ++cell_->not_sent;
      if (sample.sent()) keep(volley.seed, shots, sample, exact, end, locks);
    }
    if (!cell_->worst.empty() && worst_before != cell_->worst.front()) keep_samples_of_worst(end.samples);
    return end;
  }

  tl::unexpected<Error> keep_failed(const FailedKernel& failed, std::uint64_t seed) {
    keep_failure({failed.what, seed, failed.shots_ns, false, failed.console, failed.console_sha256},
                 &cell_->kernel_failures);
    return fail(ErrorKind::kernel, failed.what);
  }

  // One that is never answered waits longer than any other.
  std::int64_t latency_of(const Sample& sample) const {
    return sample.answered() ? sample.latency_ns() : order_.response_timeout_ns;
  }

  void keep(std::uint64_t seed, const std::vector<std::int64_t>& shots, const Sample& sample, bool exact,
            const VolleyEnd& end, const LocksOnWay& locks) {
    const std::int64_t latency_ns = latency_of(sample);
    shortest_ns_ = std::min(shortest_ns_, latency_ns);
    const auto& worst = cell_->worst;
    if (worst.size() == hunted_kept && latency_ns <= worst.back().latency_ns) return;
    HuntedStimulus hunted;
    hunted.seed = seed;
    hunted.shots_ns = shots;
    hunted.stimulus_ns = sample.stimulus_ns;
    hunted.answered = sample.answered();
    hunted.latency_ns = latency_ns;
    hunted.exact = exact;
    if (const SectionRecord* around = section_around(end.sections, sample.stimulus_ns, cpus_)) {
      hunted.section_ns = around->length_ns;
      hunted.passed_ns = sample.stimulus_ns - around->begin_ns;
      names_.section(end.sections, *around, &hunted);
    }
    for (const LockOnWay& lock : locks.of(sample)) {
      if (hunted.lock_waits.size() == hunted_locks_kept) break;
      hunted.lock_waits.push_back(names_.lock(end.sections, lock));
    }
    keep_worst(std::move(hunted), &cell_->worst);
  }

  // Of the run that found it: it and all that came before it. A later run that has it again is a repeat, as
  // the proof is.
  void keep_samples_of_worst(const std::vector<Sample>& samples) {
    const auto worst = std::ranges::find_if(samples, [&](const Sample& sample) {
      return sample.counted() && is_again(sample, cell_->worst.front());
    });
    if (worst == samples.end()) return;
    samples_of_worst_.assign(samples.begin(), worst + 1);
    budget_.found_worst(counted_of(samples_of_worst_));
  }

  // A stimulus waits at least as long as what is left of the window, and answering takes the shortest
  // latency; or the kernel ends the window for it, as it will in others of the same places.
  Status hit_exactly(std::uint64_t seed, const VolleyEnd& recorded) {
    std::set<std::int64_t> hit_ns;
    while (hit_ns.size() < exact_shots_a_run) {
      const std::optional<ExactShot> shot = next_shot(recorded, hit_ns);
      if (!shot) return {};
      AimSettings aim = own_aim();
      aim.shots_ns = shot->shots_ns;
      hit_ns.insert(shot->shots_ns.back());
      TRY(end, fire({seed, static_cast<std::uint32_t>(shot->shots_ns.size()), aim, true}, true));
      if (!end.samples.empty() && latency_of(end.samples.back()) < shot->left_ns)
        ++ended_early_[shot->places];
    }
    return {};
  }

  // The longest window that promises more than the worst so far, was not hit yet, and that the budget has
  // room for.
  std::optional<ExactShot> next_shot(const VolleyEnd& recorded, const std::set<std::int64_t>& hit_ns) const {
    const ShotTurns shot_turns{round_ns(order_.turns), cpus_, order_.turns.cpus};
    for (ExactShot& shot :
         exact_shots(recorded, windows_looked_at, worst_ns() - shortest_ns_, shot_turns, ended_early_))
      if (!hit_ns.contains(shot.shots_ns.back()) &&
          budget_.allows(cell_->host_s, budget_.cost_s(shot.shots_ns.size())))
        return std::move(shot);
    return std::nullopt;
  }

  Status confirm() {
    if (cell_->worst.empty())
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: none of {} stimuli was sent", cell_->cell, cell_->stimuli));
    const HuntedStimulus& worst = cell_->worst.front();
    AimSettings aim = own_aim();
    aim.shots_ns = worst.shots_ns;
    TRY(end, shoot_({worst.seed, static_cast<std::uint32_t>(worst.shots_ns.size()), aim, false}));
    ++cell_->runs;
    cell_->host_s += end.host_s;
    if (end.failed) return keep_failed(*end.failed, worst.seed);
    const Sample* last = end.samples.empty() ? nullptr : &end.samples.back();
    if (last != nullptr && is_again(*last, worst)) return confirm_all_before(end.samples);
    return fail(
        ErrorKind::infrastructure,
        fmt::format("{}: the worst stimulus did not repeat: sent at {} ns and answered after {} ns, and "
                    "again at {} ns after {} ns",
                    cell_->cell, worst.stimulus_ns, worst.latency_ns, last ? last->stimulus_ns : -1,
                    last ? latency_of(*last) : -1),
        "measure the cell with --verify-determinism");
  }

  // The worst took the same: so must have what led to it, or that was luck.
  Status confirm_all_before(const std::vector<Sample>& again) const {
    const auto [then, now] = std::ranges::mismatch(samples_of_worst_, again);
    if (then == samples_of_worst_.end() && now == again.end()) return {};
    const std::size_t parted = static_cast<std::size_t>(then - samples_of_worst_.begin());
    return fail(
        ErrorKind::infrastructure,
        fmt::format("{}: the run of the worst stimulus did not repeat: it parts from what was measured at "
                    "record {} of {}",
                    cell_->cell, parted + 1, samples_of_worst_.size()),
        "measure the cell with --verify-determinism");
  }

  const HuntOrder& order_;
  const Shoot& shoot_;
  const HuntNames& names_;
  HuntedCell* cell_;
  CpusOfShot cpus_;
  std::vector<Sample> samples_of_worst_;
  HuntBudget budget_;
  std::map<SectionPlaces, int> ended_early_;  // by the kernel, as an exact shot came: so often
  std::int64_t shortest_ns_ = INT64_MAX;
};

}  // namespace

Status hunt(const HuntOrder& order, const Shoot& shoot, const HuntNames& names, HuntedCell* cell) {
  return CellHunt(order, shoot, names, cell).run();
}

Status repeat_failures(const HuntOrder& order, const Shoot& shoot, HuntedCell* cell) {
  const HuntNames none;
  CellHunt again(order, shoot, none, cell);
  for (HuntedFailure& each : cell->kernel_failures) TRY_STATUS(again.fail_again(&each));
  return {};
}

}  // namespace loopgate
