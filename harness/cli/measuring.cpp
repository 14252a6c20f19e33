#include "cli/measuring.h"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/version.h"
#include "protocol/instrument_settings.h"
#include "run/frame_truth.h"
#include "run/kernel_in_effect.h"
#include "run/repeat_line.h"
#include "run/shard.h"

namespace loopgate {
namespace {

// After which a kernel that has not booted has failed.
std::string boot_limit_of(const Board& board) {
  if (!board.is_virtual()) return fmt::format("{} s", board.ssh().boot_timeout_s);
  return fmt::format("{} s of virtual time", InstrumentSettings().boot_timeout_ns / 1'000'000'000);
}

}  // namespace

Result<MeasuredRun> measure_at_terminal(Session* session, const AtTerminal& what) {
  const Plan& plan = session->plan;
  if (std::string frames = frames_text(plan); !frames.empty()) {
    frames.pop_back();
    show_progress(frames);
  }
  for (const std::string& same : same_kernels_of(plan, session->kernels)) show_progress(same);
  MeasureRequest request{std::filesystem::absolute(what.out), what.resume, what.options, loopgate_version(),
                         what.request};
  MeasureHooks hooks;
  hooks.notify = show_progress;
  hooks.on_late_error = [](const Error& error) { report_error(error); };
  request.options.repeat_line = [&](const Cell& cell) {
    return repeat_line(program_name(), what.request, plan, cell, what.out.string());
  };
  if (!plan.board.is_virtual()) {
    request.options.stop = interrupted();
    hooks.on_cells_begin = [] { stop_when_interrupted(GoOn::with_resume); };
  }
  Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, own_part(plan).cells.size(),
                    PulseTrain(pulses_of(plan, plan.cells.front())).counts().planned,
                    boot_limit_of(plan.board));
  return measure_plan(session, request, hooks, &progress);
}

}  // namespace loopgate
