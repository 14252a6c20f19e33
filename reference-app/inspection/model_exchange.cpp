#include "inspection/model_exchange.h"

#include <sys/eventfd.h>

#include <utility>

namespace loopgate::inspection {

ModelExchange::ModelExchange(std::unique_ptr<Model> first, std::vector<std::uint64_t> wake_at)
    : current_(std::move(first)),
      offered_(current_.get()),
      in_force_(current_.get()),
      wake_at_(std::move(wake_at)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

void ModelExchange::take(std::uint64_t frame, Model* model) {
  if (model == in_force_.load(std::memory_order_relaxed)) return;
  taken_at_.store(frame, std::memory_order_relaxed);
  in_force_.store(model, std::memory_order_release);
  wake();
}

void ModelExchange::handled(std::uint64_t frames) {
  frames_.store(frames, std::memory_order_relaxed);
  if (next_wake_ == wake_at_.size() || frames < wake_at_[next_wake_]) return;
  while (next_wake_ < wake_at_.size() && frames >= wake_at_[next_wake_]) ++next_wake_;
  wake();
}

void ModelExchange::offer(std::unique_ptr<Model> model) {
  next_ = std::move(model);
  offered_.store(next_.get(), std::memory_order_release);
}

std::uint64_t ModelExchange::taken() {
  if (!next_ || in_force_.load(std::memory_order_acquire) != next_.get()) return 0;
  current_ = std::move(next_);
  return taken_at_.load(std::memory_order_relaxed);
}

// Without a descriptor this does nothing; ModelSwapper::start() reports that.
void ModelExchange::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
}

void ModelExchange::drain() const {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &count, sizeof(count));
}

}  // namespace loopgate::inspection
