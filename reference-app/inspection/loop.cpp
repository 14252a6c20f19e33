#include "inspection/loop.h"

#include "inspection/loop_template.h"
#include "protocol/clock_pair.h"

namespace loopgate::inspection {

Loop::Loop(const LoopParts& parts, const LoopOptions& options)
    : parts_(parts), fusion_(options.fuse), frame_(static_cast<std::size_t>(parts.camera->size().bytes())) {}

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
    const std::int64_t begin = now_ns();
    if (!engine->run()) break;
    durations.add(now_ns() - begin);
  }
  return durations;
}

LoopEnd Loop::run() { return run_with(NoFault()); }

LoopEnd Loop::infer(Model* model, FrameRecord* record, Scores* scores) {
  if (!parts_.camera->capture(record->frame, record->woke_ns, frame_.data())) return LoopEnd::camera_failed;
  record->captured_ns = now_ns();
  model->preprocess->run(frame_.data(), model->engine->picture().data());
  record->preprocessed_ns = now_ns();
  if (!model->engine->run()) return LoopEnd::engine_failed;
  *scores = model->task.judge(model->engine->output());
  record->inferred_ns = now_ns();
  return LoopEnd::stopped;
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
