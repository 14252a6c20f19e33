#include "inspection/model_swapper.h"

#include <poll.h>
#include <sys/signalfd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <utility>

#include "inspection/thread.h"

namespace loopgate::inspection {

namespace {

constexpr std::size_t stack_bytes = 1U << 20U;  // loading needs 100 KiB

sigset_t reload_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

void block_reload_signal() {
  const sigset_t set = reload_signal();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Status ModelSwapper::start() {
  const sigset_t set = reload_signal();
  reload_ = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!reload_.is_open() || exchange_->wake_descriptor() < 0)
    return fail(target::exit_broken,
                std::string("cannot create the descriptors of the loader thread: ") + std::strerror(errno));
  const auto run = [](void* self) -> void* {
    static_cast<ModelSwapper*>(self)->serve();
    return nullptr;
  };
  // Signals must reach the loop's thread, whose wait they end.
  const Result<pthread_t> thread = start_thread({"loader", stack_bytes, all_signals()}, run, this);
  if (!thread) return tl::unexpected(thread.error());
  thread_ = *thread;
  return {};
}

void ModelSwapper::stop() {
  if (!thread_) return;
  stopping_ = true;
  exchange_->wake();
  pthread_join(*thread_, nullptr);
  thread_.reset();
  for (; next_request_ < options_.requests.size(); ++next_request_) {
    const SwapRequest& request = options_.requests[next_request_];
    results_.push_back({request.file, request.after_frames, false, "the program ended first", 0});
  }
}

void ModelSwapper::serve() {
  while (!stopping_) {
    if (next_request_ < options_.requests.size() &&
        exchange_->frames() >= options_.requests[next_request_].after_frames) {
      const SwapRequest& request = options_.requests[next_request_++];
      swap(request.file, request.after_frames);
    } else if (reload_asked()) {
      swap(options_.model, {});
    } else {
      wait();
    }
  }
}

void ModelSwapper::wait() {
  std::array<pollfd, 2> both = {{{exchange_->wake_descriptor(), POLLIN, 0}, {reload_.get(), POLLIN, 0}}};
  ::poll(both.data(), both.size(), -1);
  exchange_->drain();
}

bool ModelSwapper::reload_asked() const {
  signalfd_siginfo about{};
  return ::read(reload_.get(), &about, sizeof(about)) == sizeof(about);
}

void ModelSwapper::swap(const std::string& file, std::optional<std::uint64_t> after_frames) {
  SwapResult result{file, after_frames, false, {}, 0};
  Result<std::unique_ptr<Model>> model = load(file);
  if (model)
    hand_over(std::move(*model), &result);
  else
    result.reason = model.error().what;
  results_.push_back(std::move(result));
  ++finished_;
}

Result<std::unique_ptr<Model>> ModelSwapper::load(const std::string& file) const {
  try {
    Result<std::unique_ptr<Model>> model = load_model(file, options_.how, DigestFile::required);
    if (!model) return model;
    if (Status fits = look_at(model->get(), options_.frame); !fits) return tl::unexpected(fits.error());
    // Only a model that says itself what is OK was made for the synthetic camera's parts.
    if (options_.how.task.is_of_file())
      if (Status tried = try_canary(model->get()); !tried) return tl::unexpected(tried.error());
    return model;
  } catch (const std::exception& error) {  // a foreign file may need more memory than there is
    return fail(exit_model, file + ": " + error.what());
  }
}

void ModelSwapper::hand_over(std::unique_ptr<Model> model, SwapResult* result) {
  model->number = ++accepted_;
  result->accepted = true;
  exchange_->offer(std::move(model));
  // The loop takes it with the next frame, whenever that comes.
  while ((result->in_force_from = exchange_->taken()) == 0 && !stopping_) {
    pollfd wake{exchange_->wake_descriptor(), POLLIN, 0};
    ::poll(&wake, 1, -1);
    exchange_->drain();
  }
}

}  // namespace loopgate::inspection
