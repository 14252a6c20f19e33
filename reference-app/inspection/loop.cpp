#include "inspection/loop.h"

#include <cstring>

#include "inspection/loop_template.h"
#include "protocol/clock_pair.h"

namespace loopgate::inspection {

Loop::Loop(const LoopParts& parts, const LoopOptions& options)
    : parts_(parts), preparation_({parts.arrival, parts.camera, parts.models}), fusion_(options.fuse) {}

LoopEnd Loop::warm_up(std::uint64_t runs) {
  for (std::uint64_t i = 0; i < runs; ++i) {
    Part part;
    part.model = &parts_.models->in_force();
    part.record.frame = 1;
    part.record.woke_ns = now_ns();
    Scores scores;
    if (const auto end = preparation_.prepare(NoFault(), &part, part.model->engine->picture().data()))
      return *end;
    if (const auto end = infer(&part, &scores)) return *end;
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

// The network works on a copy, so that the next picture may be made meanwhile.
std::optional<LoopEnd> Loop::take(Part* part) {
  HandOver& hand_over = thread_->hand_over();
  if (const auto end = hand_over.take(part)) return end;
  const std::vector<std::int8_t>& picture = part->model->waiting;
  std::memcpy(part->model->engine->picture().data(), picture.data(), picture.size());
  hand_over.free();
  part->record.preprocessed_ns = now_ns();
  counts_.hand_over.add(part->record.preprocessed_ns - part->prepared_ns);
  return {};
}

std::optional<LoopEnd> Loop::infer(Part* part, Scores* scores) {
  Model& model = *part->model;
  if (!model.engine->run()) return LoopEnd::engine_failed;
  *scores = model.task.judge(model.engine->output());
  part->record.inferred_ns = now_ns();
  return {};
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
