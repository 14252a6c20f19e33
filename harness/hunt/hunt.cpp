#include "hunt/hunt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "analysis/section_places.h"
#include "analysis/section_text.h"
#include "analysis/sections.h"
#include "base/elapsed.h"
#include "base/file.h"
#include "base/side_by_side.h"
#include "base/text.h"
#include "base/units.h"
#include "hunt/cell_hunt.h"
#include "hunt/failed_run.h"
#include "hunt/hunt_budget.h"
#include "record/artifacts.h"
#include "record/cell_files.h"
#include "record/outcome.h"
#include "run/hunted_request.h"
#include "run/progress.h"
#include "run/replay.h"
#include "schedule/pulse_train.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct HuntingGround {
  Replay* replay = nullptr;
  std::filesystem::path run_folder;
  SectionBench sections;
  ProgressListener on_progress;
};

// The instrument's own answers are known to the nanosecond.
Status check_self_checks(const std::vector<Sample>& samples) {
  for (const Sample& sample : samples) {
    if ((sample.flags & sample_self_check) == 0) continue;
    if (!sample.answered() || sample.latency_ns() != PulseTrain::known_delay_ns(sample.index))
      return fail(
          ErrorKind::infrastructure,
          fmt::format("the instrument does not measure its own answers right: self-check {}", sample.index),
          "check the bench with: loopgate doctor --strict");
  }
  return {};
}

CellRequest request_of(const HuntingGround& ground, const Volley& volley) {
  CellRequest request =
      request_with_pulses(ground.replay->request(), volley.seed, volley.stimuli, volley.aim);
  request.aim.log = request.folder / "shots.bin";
  if (volley.recorded)
    request.trace = {request.folder / "sections.lgw", {}, false, false, ground.sections.kernel,
                     ground.sections.settings};
  return request;
}

// A kernel error where the kernel failed.
Result<MachineRun> run_soundly(const HuntingGround& ground, const Volley& volley,
                               const CellRequest& request) {
  TRY(run, ground.replay->run(request, ground.on_progress));
  // The others are equal to such a run, up to where they end.
  const bool judged = volley.aim.at_sections || run.agent_failed;
  TRY_STATUS(judged ? ground.replay->check_sound(request, run)
                    : check_console(request.folder / "console.log"));
  return run;
}

Result<VolleyEnd> shoot(const HuntingGround& ground, const Volley& volley) {
  const CellRequest request = request_of(ground, volley);
  std::error_code ignored;
  fs::remove(request.aim.log, ignored);
  const auto start = std::chrono::steady_clock::now();
  const auto run = run_soundly(ground, volley, request);
  VolleyEnd end;
  if (!run && run.error().kind == ErrorKind::kernel) {
    end.host_s = seconds_since(start);
    TRY(failed, keep_failed_run(request, volley.seed, run.error().what, ground.run_folder,
                                ground.replay->measured().name));
    end.failed = std::move(failed);
    return end;
  }
  if (!run) return tl::unexpected(run.error());
  end.host_s = run->total_s;
  end.begun_s = run->to_first_stimulus_s;
  TRY(samples, read_samples(request.folder / samples_artifact.name));
  end.samples = std::move(samples.samples);
  TRY_STATUS(check_self_checks(end.samples));
  if (volley.recorded) {
    TRY(bytes, read_file(request.trace.file));
    TRY(sections, read_sections(bytes));
    end.preemptible = sections.preemptible;
    end.sections = std::move(sections);
  }
  return end;
}

// Every replicate of the cell's kernel and load.
Result<RandomStimuli> random_stimuli(const fs::path& run_folder, const RunRecord& run,
                                     const HuntedCell& cell) {
  RandomStimuli random;
  for (const DescribedCell& each : run.cells) {
    if (each.kernel != cell.kernel || each.load != cell.load) continue;
    const fs::path folder = run_folder / "cells" / each.name;
    if (!has_outcome(folder)) continue;
    TRY(outcome, read_outcome(folder, run, each));
    if (outcome.kind != OutcomeKind::measured) continue;
    random.host_s += outcome.total_s;
    TRY(samples, load_samples(folder, outcome.sha256_of(samples_artifact)));
    for (const Sample& sample : samples.file.samples) {
      if (!sample.counted() || !sample.answered()) continue;
      ++random.count;
      random.max_ns = std::max(random.max_ns, sample.latency_ns());
    }
  }
  return random;
}

std::string progress_label(const std::string& cell) { return "hunting " + cell + ":"; }

std::string progress_text(const HuntedCell& cell) {
  return fmt::format("{}: {:.0f} of {:.0f} s, {} stimuli in {} runs, worst {}", cell.cell, cell.host_s,
                     cell.budget_s, with_thousands(cell.stimuli), cell.runs,
                     us_text(cell.worst.front().latency_ns));
}

Status check_hunted(const Replay& replay) {
  const auto* work = std::get_if<ResponseRequest>(&replay.request().work);
  // It has room for the stimuli of its own run, and may be replaced after so many of them.
  if (work != nullptr && work->probe)
    return fail(ErrorKind::usage,
                replay.measured().name + " can't be hunted in: a probe in its kernel takes time of its own",
                "hunt in a run without --probe: QEMU sees the windows without one");
  if (work != nullptr && !work->bench_monitors && !work->pulses.back_to_back) return {};
  return fail(
      ErrorKind::usage,
      replay.measured().name +
          " can't be hunted in: its stimuli are not the instrument's own, are frames, or follow the answers",
      "hunt in a suite whose payload answers a stimulus, such as irq-to-gpio");
}

// With nothing hunted yet.
Result<HuntedCell> cell_to_hunt(const HuntRequest& request, const RunRecord& run,
                                const DescribedCell& described, const Replay& replay) {
  HuntedCell cell;
  cell.cell = described.name;
  cell.kernel = described.kernel;
  cell.load = described.load;
  cell.samples_sha256 = replay.measured().samples_sha256;
  TRY(random, random_stimuli(request.run, run, cell));
  cell.random = random;
  cell.budget_s = request.budget_s.value_or(random.host_s);
  const Board& board = replay.board();
  if (board.cpus > 1) cell.turns = {board.cpus, board.qemu().slice_ns, std::nullopt, std::nullopt};
  return cell;
}

NameSection section_names(Symbols* symbols) {
  return [symbols](const RecordedSections& sections, const SectionRecord& window, HuntedStimulus* of) {
    const auto [opened, closed] = place_names(sections.places[window.places], symbols);
    of->section = name_of(sections.kind_of(window));
    of->opened = place_text(opened);
    of->closed = place_text(closed);
  };
}

NameLock lock_names(Symbols* symbols) {
  return [symbols](const RecordedSections& sections, const LockOnWay& lock) {
    const SectionRecord& window = sections.windows[lock.wait];
    const SectionTask& holder = sections.holder_of(lock.wait);
    const auto [asked, taken] = place_names(sections.places[window.places], symbols);
    return HuntedLockWait{task_name(sections.tasks[window.task]),
                          lock.length_ns,
                          lock.usual_ns,
                          place_text(asked),
                          holder.name,
                          holder.pid,
                          place_text(taken)};
  };
}

struct HuntEnd {
  HuntedCell cell;
  Status status;  // an error: nothing is sure of it but that its kernel failed
};

// `earlier`: what hunts found in the same cell.
Result<HuntEnd> hunt_cell(const HuntRequest& request, const RunRecord& run, const DescribedCell& described,
                          const HuntedCell& earlier, const LoopgateVersion& version, const Notify& notify,
                          Progress* progress) {
  TRY(replay,
      Replay::open(request.run, described.name, version, notify, request.stop, MeasuredBy::instrument));
  TRY_STATUS(check_hunted(replay));
  TRY_STATUS(check_sound(replay.measured()));
  TRY(cell, cell_to_hunt(request, run, described, replay));
  if (request.repeat_failures) {
    cell.kernel_failures = earlier.kernel_failures;
    cell.budget_s = 0;
  }
  const PulseSettings& pulses = pulses_of(replay.request().work);
  const std::uint32_t stimuli = stimuli_of_first_run(cell.random, cell.budget_s, pulses.counted);
  const std::string label = progress_label(cell.cell);
  const ProgressListener on_progress = [&](Stage stage, const InstrumentEvent& event) {
    progress->update(label, stage, event);
  };
  const auto start = std::chrono::steady_clock::now();
  TRY(sections, section_bench(&replay, on_progress));
  cell.host_s = seconds_since(start);
  HuntingGround ground{&replay, request.run, std::move(sections), on_progress};
  const Shoot and_tell = [&](const Volley& volley) {
    if (!cell.worst.empty()) progress->note(progress_text(cell));
    progress->again(label, pulses.self_checks + pulses.warm_up + volley.stimuli);
    return shoot(ground, volley);
  };
  const bool goes_on = earlier.samples_sha256 == cell.samples_sha256 && earlier.next_seed != 0;
  const HuntOrder order{goes_on ? earlier.next_seed : pulses.seed,
                        stimuli,
                        cell.budget_s,
                        pulses.response_timeout_ns,
                        replay.request().folder / "aim.bin",
                        {cell.turns.cpus, cell.turns.slice_ns}};
  Symbols* symbols = &ground.sections.symbols;
  const HuntNames names{section_names(symbols), lock_names(symbols)};
  Status status =
      request.repeat_failures ? repeat_failures(order, and_tell, &cell) : hunt(order, and_tell, names, &cell);
  if (!status && cell.kernel_failures.empty()) return tl::unexpected(status.error());
  if (!status) cell.worst.clear();  // was not sent again
  return HuntEnd{std::move(cell), std::move(status)};
}

// What stands in hunt.json; of one that is damaged nothing, which add_to_hunt_file() tells.
std::vector<HuntedCell> earlier_hunts(const fs::path& run_folder) {
  auto earlier = read_hunt(run_folder);
  return earlier ? std::move(*earlier).value_or(std::vector<HuntedCell>()) : std::vector<HuntedCell>();
}

HuntedCell hunted_in(const std::vector<HuntedCell>& cells, const std::string& cell) {
  const auto found = std::ranges::find(cells, cell, &HuntedCell::cell);
  return found == cells.end() ? HuntedCell() : *found;
}

// Also where it ends with an error, `hunted` has what was found until then.
Status hunt_each(const HuntRequest& request, const LoopgateVersion& version, const Notify& notify,
                 std::vector<HuntedCell>* hunted) {
  TRY(run, read_run_record(request.run));
  TRY(cells, section_cells({request.run, request.kernels, request.loads, request.cells}, run));
  if (request.repeat_failures) TRY_STATUS(read_hunt(request.run));  // one that is damaged names none
  Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, 0, 0);
  std::vector<std::optional<HuntedCell>> found(cells.size());
  const Status done = side_by_side(cells.size(), request.jobs, [&](std::size_t i) -> Status {
    const HuntedCell earlier = hunted_in(earlier_hunts(request.run), cells[i].name);
    if (request.repeat_failures && earlier.kernel_failures.empty()) return {};
    auto end = hunt_cell(request, run, cells[i], earlier, version, notify, &progress);
    progress.ended(progress_label(cells[i].name));
    if (!end) return tl::unexpected(end.error());
    TRY(all, add_to_hunt_file(request.run, std::move(end->cell), notify));
    found[i] = hunted_in(all, cells[i].name);
    return end->status;
  });
  for (std::optional<HuntedCell>& each : found)
    if (each) hunted->push_back(*std::move(each));
  return done;
}

// An error tells of one cell alone, and a kernel that failed is worth more.
void tell_failures(const std::vector<HuntedCell>& hunted, const Notify& notify) {
  for (const HuntedCell& cell : hunted)
    for (const HuntedFailure& each : cell.kernel_failures)
      notify(fmt::format("{}: the kernel failed in a hunted run{}: {}; {} keeps it", cell.cell,
                         each.repeated ? ", twice" : ", once only", each.what, hunt_file));
}

}  // namespace

Result<std::vector<HuntedCell>> hunt_cells(const HuntRequest& request, const LoopgateVersion& version,
                                           const Notify& notify) {
  std::vector<HuntedCell> hunted;
  if (const Status done = hunt_each(request, version, notify, &hunted); !done) {
    tell_failures(hunted, notify);
    return tl::unexpected(done.error());
  }
  if (hunted.empty())
    return fail(ErrorKind::usage, "no hunt in these cells has met a kernel that failed",
                "leave --repeat-failures out");
  return hunted;
}

}  // namespace loopgate
