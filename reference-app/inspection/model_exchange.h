// Passes a new model from the thread that loads it to the loop, without a lock: the loop reads one pointer
// per frame.
//
// The loader owns every model. It frees the old one only after the loop has taken the new one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "inspection/descriptor.h"
#include "inspection/model.h"

namespace loopgate::inspection {

class ModelExchange {
 public:
  // `wake_at` (ascending): numbers of handled frames after which the loop wakes the loader.
  ModelExchange(std::unique_ptr<Model> first, std::vector<std::uint64_t> wake_at);

  // The loop's side: does not allocate, lock or fault. It makes a system call, which wakes the loader, only
  // when it takes a model, and at the frames of `wake_at`.

  // The newest model. Where another thread prepares the loop's parts, it asks for each in turn.
  Model* offered() const { return offered_.load(std::memory_order_acquire); }
  // This frame is decided by `model`, which was offered when it was prepared.
  void take(std::uint64_t frame, Model* model);
  void handled(std::uint64_t frames);

  // The loader's side.

  void offer(std::unique_ptr<Model> model);
  // The first frame of the offered model once the loop has taken it, which frees the old model; otherwise 0.
  std::uint64_t taken();
  // Whether an offered model has not been taken yet.
  bool is_waiting() const { return offered_.load() != in_force_.load(); }
  std::uint64_t frames() const { return frames_.load(std::memory_order_relaxed); }
  // Becomes readable when there may be something to do; wake() makes it readable, from any thread.
  int wake_descriptor() const { return wake_.get(); }
  void wake() const;
  void drain() const;

  // For the loop's thread.
  Model& in_force() { return *in_force_.load(std::memory_order_acquire); }

 private:
  std::unique_ptr<Model> current_;
  std::unique_ptr<Model> next_;
  std::atomic<Model*> offered_;
  std::atomic<Model*> in_force_;
  std::atomic<std::uint64_t> taken_at_ = 0;
  std::atomic<std::uint64_t> frames_ = 0;
  std::vector<std::uint64_t> wake_at_;
  std::size_t next_wake_ = 0;
  Descriptor wake_;
};

static_assert(std::atomic<Model*>::is_always_lock_free && std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace loopgate::inspection
