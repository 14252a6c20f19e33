// Prepares the loop's parts on a thread of its own, so that the next part's picture is made while the network
// works on this one. It is the thread that waits for the arrival pin, so the signals that end that wait are
// for it alone.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>

#include "inspection/hand_over.h"
#include "inspection/preparation.h"
#include "inspection/real_time.h"
#include "inspection/thread_use.h"

namespace loopgate::inspection {

class PreparingThread {
 public:
  // `preparation` and `parts` are the loop's and its caller's.
  PreparingThread(Preparation* preparation, const PreparationParts& parts, const RealTimeOptions& real_time);
  ~PreparingThread();
  PreparingThread(const PreparingThread&) = delete;
  PreparingThread& operator=(const PreparingThread&) = delete;

  // Starts it; it takes its policy and prepares the camera's first frame `warm_up` times. Gives what was
  // refused, in one sentence, or nothing. Until end(), which is called by the same thread, the signals that
  // stop the program are not for that.
  Result<std::string> start(std::uint64_t warm_up);

  // The loop's side. `fault` outlives it.
  template <class Fault>
  void begin(const Fault& fault) {
    fault_ = &fault;
    work_ = [](PreparingThread* self) { self->prepare_all(*static_cast<const Fault*>(self->fault_)); };
    ::sem_post(&begun_);
  }
  HandOver& hand_over() { return hand_over_; }
  // Ends it, wherever it waits.
  void end();

  // After end().
  const ThreadUse& use() const { return use_; }
  // That it may run on.
  const cpu_set_t& cpus() const { return cpus_; }

 private:
  template <class Fault>
  void prepare_all(const Fault& fault) {
    while (hand_over_.wait_for_place()) {
      Part part;
      std::optional<LoopEnd> end = preparation_->wait(fault, &part);
      if (!end) end = preparation_->prepare(fault, &part, part.model->waiting.data());
      if (end) return hand_over_.give_end(*end, errno);
      hand_over_.give(part);
    }
  }
  void serve();
  void warm_up();

  Preparation* preparation_;
  PreparationParts parts_;
  RealTimeOptions real_time_;
  std::uint64_t warm_up_ = 0;
  HandOver hand_over_;
  std::optional<pthread_t> thread_;
  sigset_t mask_before_{};
  sem_t ready_{};
  sem_t begun_{};
  std::string refused_;
  const void* fault_ = nullptr;
  void (*work_)(PreparingThread*) = nullptr;
  std::atomic<bool> finished_ = false;
  ThreadUse use_;
  cpu_set_t cpus_{};
};

}  // namespace loopgate::inspection
