// Hands a new model from the thread that loads it to the loop, without a lock: the loop reads one pointer a
// frame.
//
// The loader owns every model. It frees the old one only after the loop has said that it took the new one.
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

  // The loop's side; none of it allocates, locks or faults. A system call (the loader is woken) is made only
  // when a model was taken, and at the frames of `wake_at`.

  // The model for this frame.
  Model* take(std::uint64_t frame);
  void handled(std::uint64_t frames);

  // The loader's side.

  void offer(std::unique_ptr<Model> model);
  // The first frame of what was offered, once the loop has taken it, and the old one is freed; else 0.
  std::uint64_t taken();
  // Whether one that was offered has not been taken yet.
  bool is_waiting() const { return offered_.load() != in_force_.load(); }
  std::uint64_t frames() const { return frames_.load(std::memory_order_relaxed); }
  // Becomes readable when there may be something to do; wake() makes it so, from any thread.
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
