#include "target/loopback/recorder.h"

#include <chrono>

#include "target/loopback/events.h"

namespace loopgate {
namespace {

// Often enough for the ring, seldom enough to be no load: each turn wakes the thread up once.
constexpr std::chrono::milliseconds turn{250};

}  // namespace

Status Recorder::start(const RecorderFiles& files, const std::vector<Sample>& self_checks) {
  counts_.planned = self_checks.size() + pulses_.warm_up + pulses_.counted;
  auto samples = SampleWriter::create(files.samples, {.time_base = TimeBase::wall_clock,
                                                      .seed = pulses_.seed,
                                                      .records_planned = counts_.planned,
                                                      .deadline_ns = pulses_.deadline_ns});
  if (!samples) return tl::unexpected(samples.error());
  samples_.emplace(std::move(*samples));
  if (!files.stamps.empty()) {
    auto stamps = OwnStamps::create(files.stamps, counts_.planned);
    if (!stamps) return tl::unexpected(stamps.error());
    stamps_.emplace(std::move(*stamps));
  }
  for (const Sample& sample : self_checks) {
    count(sample);
    if (auto written = samples_->append(sample); !written) return written;
  }
  thread_ = std::thread([this] { work(); });
  return {};
}

void Recorder::work() {
  while (!ending_.load(std::memory_order_acquire)) {
    if (!empty_ring()) return;
    show_progress();
    std::this_thread::sleep_for(turn);
  }
  empty_ring();
}

bool Recorder::empty_ring() {
  Handed handed;
  while (ring_->pop(&handed)) {
    written_ = write(handed);
    if (written_) continue;
    failed_.store(true, std::memory_order_relaxed);
    return false;
  }
  return true;
}

Status Recorder::write(const Handed& handed) {
  const Sample& sample = handed.sample;
  count(sample);
  if (sample.sent()) {
    own_share_.add(handed.after_ns - sample.stimulus_ns);
    late_by_.add(sample.stimulus_ns - sample.due_ns + handed.scene_late_ns);
    if (stamps_) {
      auto done = stamps_->append({sample.index, sample.stimulus_ns, handed.after_ns, sample.response_ns});
      if (!done) return done;
    }
  }
  return samples_->append(sample);
}

void Recorder::count(const Sample& sample) {
  ++counts_.due;
  if (sample.answered()) ++counts_.answered;
  // A self-check takes longer than its known delay in any case, and that may be all of the deadline.
  if (sample.late() && (sample.flags & sample_self_check) == 0) ++counts_.late;
  if (sample.unanswered()) ++counts_.unanswered;
  if (!sample.sent()) ++counts_.not_sent;
}

void Recorder::show_progress() {
  if (counts_.due == shown_due_) return;
  shown_due_ = counts_.due;
  const bool counts_now = counts_.due > counts_.planned - pulses_.counted;
  using Kind = InstrumentEvent::Kind;
  say(event_now(counts_now && !counting_ ? Kind::counting : Kind::progress, counts_));
  counting_ = counting_ || counts_now;
}

Status Recorder::finish() {
  if (!thread_.joinable()) return written_;
  ending_.store(true, std::memory_order_release);
  thread_.join();
  return written_;
}

Status Recorder::close_files() {
  if (auto done = finish(); !done) return done;
  if (stamps_) {
    if (auto done = stamps_->close(); !done) return done;
  }
  return samples_->close();
}

}  // namespace loopgate
