#include "inspection/preparing_thread.h"

#include "inspection/thread.h"

namespace loopgate::inspection {

namespace {

constexpr std::size_t stack_bytes = 1U << 18U;  // preparing needs a page

void wait(sem_t* semaphore) {
  while (::sem_wait(semaphore) != 0 && errno == EINTR) {
  }
}

}  // namespace

PreparingThread::PreparingThread(Preparation* preparation, const PreparationParts& parts,
                                 const RealTimeOptions& real_time)
    : preparation_(preparation), parts_(parts), real_time_(real_time) {
  ::sem_init(&ready_, 0, 0);
  ::sem_init(&begun_, 0, 0);
}

PreparingThread::~PreparingThread() {
  end();
  ::sem_destroy(&ready_);
  ::sem_destroy(&begun_);
}

Result<std::string> PreparingThread::start(std::uint64_t warm_up) {
  warm_up_ = warm_up;
  sigset_t blocked = all_signals();
  const sigset_t stops = stop_signals();
  for (const int signal : {SIGTERM, SIGINT, SIGALRM}) sigdelset(&blocked, signal);
  const auto run = [](void* self) -> void* {
    static_cast<PreparingThread*>(self)->serve();
    return nullptr;
  };
  const Result<pthread_t> thread = start_thread({"preparing", stack_bytes, blocked}, run, this);
  if (!thread) return tl::unexpected(thread.error());
  thread_ = *thread;
  pthread_sigmask(SIG_BLOCK, &stops, &mask_before_);
  wait(&ready_);
  return refused_;
}

void PreparingThread::serve() {
  refused_ = become_real_time(real_time_);
  cpus_ = allowed_cpus();
  warm_up();
  ::sem_post(&ready_);
  wait(&begun_);
  if (work_ != nullptr) {
    const UseMeter meter;
    work_(this);
    use_ = meter.used();
  }
  finished_ = true;
}

// What fails here fails in the loop's own warm-up, which follows and says so.
void PreparingThread::warm_up() {
  Part part;
  part.model = parts_.models->offered();
  part.record.frame = 1;
  for (std::uint64_t i = 0; i < warm_up_; ++i) {
    part.record.woke_ns = now_ns();
    if (preparation_->prepare(NoFault(), &part, part.model->waiting.data())) return;
  }
}

void PreparingThread::end() {
  if (!thread_) return;
  if (work_ == nullptr) {
    ::sem_post(&begun_);
  } else {
    hand_over_.close();
    if (!finished_) parts_.arrival->stop();
  }
  pthread_join(*thread_, nullptr);
  thread_.reset();
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

}  // namespace loopgate::inspection
