#include "hunt/hunt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "analysis/section_places.h"
#include "analysis/section_text.h"
#include "analysis/sections.h"
#include "base/file.h"
#include "base/text.h"
#include "base/units.h"
#include "explain/arch/explain_arch.h"
#include "explain/kernel_layout.h"
#include "explain/traced_run.h"
#include "hunt/cell_hunt.h"
#include "machine/agents_reason.h"
#include "record/artifacts.h"
#include "record/outcome.h"
#include "record/worst_case.h"
#include "run/hunted_request.h"
#include "run/progress.h"
#include "run/replay.h"
#include "schedule/pulse_train.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// As of a recorder of sections.
constexpr std::uint64_t windows_at_most = 64'000'000;
// A run's: enough to learn where it hurts, and short enough to be made again in seconds.
constexpr std::uint32_t stimuli_of_run = 800;

struct HuntingGround {
  Replay* replay = nullptr;
  KernelLayout kernel;
  SectionSettings sections;
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
  if (volley.recorded)
    request.trace = {request.folder / "sections.lgw", {}, false, false, ground.kernel, ground.sections};
  return request;
}

Result<VolleyEnd> shoot(const HuntingGround& ground, const Volley& volley) {
  const CellRequest request = request_of(ground, volley);
  TRY(run, ground.replay->run(request, ground.on_progress));
  if (run.agent_failed) return fail(ErrorKind::kernel, "the hunt ended: " + why_agent_failed(run.report));
  VolleyEnd end;
  end.host_s = run.total_s;
  TRY(samples, read_samples(request.folder / samples_artifact.name));
  end.samples = std::move(samples.samples);
  TRY_STATUS(check_self_checks(end.samples));
  if (volley.recorded) {
    TRY(bytes, read_file(request.trace.file));
    TRY(sections, read_sections(bytes));
    end.sections = std::move(sections);
    end.preemptible = ground.sections.preemptible;
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
    TRY(samples, read_samples(folder / samples_artifact.name));
    for (const Sample& sample : samples.samples) {
      if (!sample.counted() || !sample.answered()) continue;
      ++random.count;
      random.max_ns = std::max(random.max_ns, sample.latency_ns());
    }
  }
  return random;
}

std::string progress_text(const HuntedCell& cell) {
  return fmt::format("{}: {:.0f} of {:.0f} s, {} stimuli in {} runs, worst {}", cell.cell, cell.host_s,
                     cell.budget_s, with_thousands(cell.stimuli), cell.runs,
                     us_text(cell.worst.front().latency_ns));
}

Status check_hunted(const Replay& replay) {
  const auto* work = std::get_if<ResponseRequest>(&replay.request().work);
  if (work != nullptr && !work->bench_monitors) return {};
  return fail(
      ErrorKind::usage,
      replay.measured().name + " can't be hunted in: its stimuli are not the instrument's own, or are frames",
      "hunt in a suite whose payload answers a stimulus, such as irq-to-gpio");
}

Result<HuntedCell> hunt_cell(const HuntRequest& request, const RunRecord& run, const DescribedCell& described,
                             const LoopgateVersion& version, const Notify& notify) {
  TRY(replay, Replay::open(request.run, described.name, version, notify));
  TRY_STATUS(check_hunted(replay));
  HuntedCell cell;
  cell.cell = described.name;
  cell.kernel = described.kernel;
  cell.load = described.load;
  cell.samples_sha256 = replay.measured().samples_sha256;
  TRY(random, random_stimuli(request.run, run, cell));
  cell.random = random;
  cell.budget_s = request.budget_s.value_or(random.host_s);
  Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, 0, stimuli_of_run);
  HuntingGround ground{&replay, {}, {}, [&](Stage stage, const InstrumentEvent& event) {
                         progress.update("hunting " + cell.cell + ":", stage, event);
                       }};
  TRY(arch, explain_arch(name_of(replay.board().architecture)));
  TRY(texts, fetch_symbols(&replay, ground.on_progress));
  TRY(symbols, Symbols::of_kernel(texts.functions));
  TRY(kernel, kernel_layout(*arch, symbols, texts.types));
  TRY(settings, section_settings(symbols, texts.types));
  settings.windows_at_most = windows_at_most;
  ground.kernel = kernel;
  ground.sections = settings;
  const NameSection name = [&](const RecordedSections& sections, const SectionRecord& window,
                               HuntedStimulus* of) {
    const SectionPlaces& places = sections.places[window.places];
    of->section = name_of(static_cast<SectionKind>(places.kind));
    of->opened = place_text(place_name(places.opened, &symbols));
    of->closed = place_text(place_name(places.closed, &symbols));
  };
  const HuntOrder order{pulses_of(replay.request().work).seed, stimuli_of_run, cell.budget_s,
                        replay.request().folder / "aim.bin"};
  const Shoot and_tell = [&](const Volley& volley) {
    if (!cell.worst.empty()) progress.note(progress_text(cell));
    return shoot(ground, volley);
  };
  TRY_STATUS(hunt(order, and_tell, name, &cell));
  return cell;
}

}  // namespace

Result<std::vector<HuntedCell>> hunt_cells(const HuntRequest& request, const LoopgateVersion& version,
                                           const Notify& notify) {
  TRY(run, read_run_record(request.run));
  TRY(cells, section_cells({request.run, request.kernels, request.loads, request.cells}, run));
  std::vector<HuntedCell> hunted;
  for (const DescribedCell& cell : cells) {
    TRY(each, hunt_cell(request, run, cell, version, notify));
    hunted.push_back(std::move(each));
  }
  return hunted;
}

Result<fs::path> write_hunt(const fs::path& run_folder, const std::vector<HuntedCell>& cells) {
  const fs::path path = run_folder / hunt_file;
  TRY_STATUS(write_file_atomically(path, to_json(cells)));
  TRY(bounds, read_worst_cases(run_folder));
  if (!bounds) return path;
  for (CellWorstCase& bound : bounds->cells)
    for (const HuntedCell& cell : cells)
      if (cell.cell == bound.cell && cell.samples_sha256 == bound.samples_sha256)
        bound.hunted_max_ns = cell.worst.front().latency_ns;
  TRY(written, write_worst_cases(run_folder, *bounds));
  (void)written;
  return path;
}

}  // namespace loopgate
