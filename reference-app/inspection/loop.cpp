#include "inspection/loop.h"

#include <cstdlib>

#include "protocol/clock_pair.h"
#include "target/planted_delay.h"

namespace loopgate::inspection {

namespace {

bool beyond(std::uint64_t number, std::uint64_t limit) { return limit != 0 && number > limit; }

}  // namespace

Loop::Loop(const LoopParts& parts, const LoopOptions& options)
    : parts_(parts),
      options_(options),
      fusion_(options.fuse),
      frame_(static_cast<std::size_t>(parts.camera->size().pixels())),
      picture_(static_cast<std::size_t>(network_picture.pixels())) {}

LoopEnd Loop::warm_up(std::uint64_t runs) {
  for (std::uint64_t i = 0; i < runs; ++i) {
    FrameRecord record{};
    record.frame = 1;
    record.woke_ns = now_ns();
    Scores scores;
    const LoopEnd end = infer(&parts_.models->in_force(), &record, &scores);
    if (end != LoopEnd::stopped) return end;
  }
  return LoopEnd::stopped;
}

Durations Loop::time_engine(std::uint64_t runs) {
  Durations durations;
  InferenceEngine* engine = parts_.models->in_force().engine.get();
  for (std::uint64_t i = 0; i < runs; ++i) {
    Scores scores;
    const std::int64_t begin = now_ns();
    if (!engine->run(picture_, &scores)) break;
    durations.add(now_ns() - begin);
  }
  return durations;
}

LoopEnd Loop::run() {
  std::uint64_t expected = 1;
  for (;;) {
    std::uint64_t number = 0;
    const Arrival arrival = parts_.arrival->wait(&number);
    const std::int64_t woke_ns = now_ns();
    if (arrival == Arrival::stopped) return LoopEnd::stopped;
    if (arrival == Arrival::failed) return LoopEnd::arrival_failed;
    counts_.overruns += number - expected;
    expected = number + 1;
    ++counts_.events;
    if (beyond(counts_.events, options_.die_after)) std::abort();
    if (beyond(counts_.events, options_.mute_after)) continue;
    const bool previous = beyond(counts_.events, options_.previous_after) && number > 1;
    const LoopEnd end = handle(previous ? number - 1 : number, woke_ns);
    if (end != LoopEnd::stopped) return end;
    parts_.models->handled(++counts_.frames);
  }
}

LoopEnd Loop::handle(std::uint64_t frame, std::int64_t woke_ns) {
  Model* const model = parts_.models->take(frame);
  FrameRecord record{};
  record.frame = frame;
  record.model = model->number;
  record.woke_ns = woke_ns;
  Scores scores;
  if (const LoopEnd end = infer(model, &record, &scores); end != LoopEnd::stopped) return end;
  counts_.inference.add(record.inferred_ns - record.preprocessed_ns);
  target::spend(options_.delay_instructions);
  record.decision = static_cast<std::uint32_t>(decide_frame(record, scores));
  record.decided_ns = now_ns();
  return show(&record) ? LoopEnd::stopped : LoopEnd::verdict_failed;
}

LoopEnd Loop::infer(Model* model, FrameRecord* record, Scores* scores) {
  if (!parts_.camera->capture(record->frame, record->woke_ns, frame_.data())) return LoopEnd::camera_failed;
  record->captured_ns = now_ns();
  model->preprocess.run(frame_.data(), picture_.data());
  record->preprocessed_ns = now_ns();
  if (!model->engine->run(picture_, scores)) return LoopEnd::engine_failed;
  record->inferred_ns = now_ns();
  return LoopEnd::stopped;
}

Decision Loop::decide_frame(const FrameRecord& record, const Scores& scores) {
  const Decision decision = fusion_.add(record.frame, scores);
  return beyond(counts_.frames + 1, options_.wrong_after) ? opposite(decision) : decision;
}

bool Loop::show(FrameRecord* record) {
  if (parts_.records != nullptr) parts_.records->decided(*record);
  const auto decision = static_cast<Decision>(record->decision);
  if (decision != Decision::none) {
    if (!parts_.verdict->show(decision)) return false;
    ++counts_.decisions;
    ++(decision == Decision::ok ? counts_.ok : counts_.ng);
  }
  record->done_ns = now_ns();
  if (parts_.records != nullptr) parts_.records->done(record->done_ns);
  return true;
}

}  // namespace loopgate::inspection
