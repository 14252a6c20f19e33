#include "run/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/output.h"
#include "base/text.h"

namespace loopgate {
namespace {

// Without a terminal a line every so often is enough for a log.
constexpr std::chrono::seconds plain_interval{10};

const char* name_of(Stage stage) {
  switch (stage) {
    case Stage::booting:
      return "booting";
    case Stage::restoring:
      return "restoring";
    case Stage::getting_ready:
      return "starting load and payload";
    case Stage::measuring:
      return "measuring";
    case Stage::reporting:
      return "reporting";
  }
  return "";
}

// Of a stage of which nothing else shows that it goes on: " for 12 s (at most 60 s of virtual time)".
std::string waiting_text(Stage stage, std::chrono::steady_clock::duration lasts,
                         const std::string& boot_limit) {
  if (stage == Stage::measuring) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(lasts).count();
  std::string text = seconds > 0 ? fmt::format(" for {} s", seconds) : "";
  if (stage == Stage::booting && !boot_limit.empty()) text += fmt::format(" (at most {})", boot_limit);
  return text;
}

}  // namespace

Progress::Progress(std::FILE* stream, bool terminal, std::size_t cells, std::uint64_t stimuli_a_cell,
                   std::string boot_limit, std::chrono::milliseconds tick)
    : stream_(stream),
      terminal_(terminal),
      cells_(cells),
      stimuli_a_cell_(stimuli_a_cell),
      boot_limit_(std::move(boot_limit)),
      ticker_([this, tick](const std::stop_token& stop) { this->tick(stop, tick); }) {}

Progress::~Progress() {
  ticker_ = {};  // which joins it
  wipe();
}

// A kernel that is silent while it boots sends no event, and a line that stands still looks like a hang.
void Progress::tick(const std::stop_token& stop, std::chrono::milliseconds interval) {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); }))
    if (!stop.stop_requested() && !running_.empty()) show(false);
}

void Progress::update(const std::string& cell, Stage stage, const InstrumentEvent& event) {
  const std::lock_guard guard(mutex_);
  const auto [running, is_new] = running_.try_emplace(cell);
  const bool new_stage = is_new || running->second.stage != stage;
  if (new_stage) running->second.since = Clock::now();
  running->second.stage = stage;
  running->second.due = std::max(running->second.due, event.counts.due);
  running->second.answered = std::max(running->second.answered, event.counts.answered);
  show(new_stage);
}

void Progress::again(const std::string& cell, std::uint64_t stimuli) {
  const std::lock_guard guard(mutex_);
  running_[cell] = {Stage::restoring, 0, 0, Clock::now(), stimuli};
}

void Progress::ended(const std::string& cell) {
  const std::lock_guard guard(mutex_);
  running_.erase(cell);
  wipe();
}

void Progress::finished(const std::string& cell, const std::string& how) {
  const std::lock_guard guard(mutex_);
  running_.erase(cell);
  ++done_;
  wipe();
  tell_progress(stream_, how + "\n");
  shown_ = {};
  if (done_ < cells_) show(true);
}

void Progress::finished_aside(const std::string& what, const std::string& how) {
  const std::lock_guard guard(mutex_);
  running_.erase(what);
  wipe();
  tell_progress(stream_, how + "\n");
  shown_ = {};
}

void Progress::skipped(const std::string& how) {
  const std::lock_guard guard(mutex_);
  ++done_;
  ++skipped_;
  wipe();
  tell_progress(stream_, how + "\n");
}

void Progress::note(const std::string& text) {
  const std::lock_guard guard(mutex_);
  wipe();
  tell_progress(stream_, text + "\n");
}

// From the share of all stimuli that fell due so far; boots count as nothing, so it is an estimate and says
// "about".
std::string Progress::time_left() const {
  std::uint64_t due = (done_ - skipped_) * stimuli_a_cell_;
  for (const auto& [cell, running] : running_) due += running.due;
  const std::uint64_t all = (cells_ - skipped_) * stimuli_a_cell_;
  const double elapsed_s = std::chrono::duration<double>(Clock::now() - start_).count();
  // Of the first few stimuli there is more boot than measuring in the time that has passed.
  if (due * 50 < all || due == 0 || due >= all || elapsed_s < 1) return {};
  const double left_s = elapsed_s * static_cast<double>(all - due) / static_cast<double>(due);
  return left_s < 90 ? fmt::format(" · about {:.0f} s left", left_s)
                     : fmt::format(" · about {:.0f} min left", left_s / 60);
}

std::string Progress::line() const {
  std::string text = cells_ == 0 ? std::string() : fmt::format("{} of {} cells done", done_, cells_);
  for (const auto& [cell, running] : running_) {
    text += fmt::format("{}{} {}", text.empty() ? "" : " · ", cell, name_of(running.stage));
    text += waiting_text(running.stage, Clock::now() - running.since, boot_limit_);
    const std::uint64_t stimuli = running.stimuli > 0 ? running.stimuli : stimuli_a_cell_;
    if (running.stage == Stage::measuring && stimuli > 0)
      text += fmt::format(" {} of {}", with_thousands(running.answered), with_thousands(stimuli));
  }
  return text + time_left();
}

void Progress::show(bool new_stage) {
  const auto now = Clock::now();
  if (!terminal_ && !new_stage && now - shown_ < plain_interval) return;
  shown_ = now;
  if (!terminal_) {
    tell_progress(stream_, line() + "\n");
    return;
  }
  wipe();
  const std::string text = line();
  tell_progress(stream_, text);
  width_ = text.size();
}

void Progress::wipe() {
  if (!terminal_ || width_ == 0) return;
  tell_progress(stream_, "\r\x1b[K");
  width_ = 0;
}

}  // namespace loopgate
