// Replaces the model while the loop runs: a second thread under SCHED_OTHER loads, checks and tries the new
// one, and publishes it when it is complete. A model that is damaged, not supported or decides wrongly is
// refused, and the old one stays.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspection/descriptor.h"
#include "inspection/error.h"
#include "inspection/model_exchange.h"

namespace loopgate::inspection {

// Load FILE once this many frames were handled.
struct SwapRequest {
  std::uint64_t after_frames = 0;
  std::string file;
};

struct SwapResult {
  std::string file;
  std::optional<std::uint64_t> after_frames;  // empty: requested by SIGHUP
  bool accepted = false;
  std::string reason;               // why it was not accepted
  std::uint64_t in_force_from = 0;  // the first frame that it decided; 0: none
};

struct SwapperOptions {
  std::string model;  // SIGHUP loads this file again
  ModelOptions how;
  FrameSize frame;
  std::vector<SwapRequest> requests;  // ascending by number of frames
};

// SIGHUP must be blocked in every thread from the start of the program: it is read from a descriptor.
void block_reload_signal();

class ModelSwapper {
 public:
  ModelSwapper(SwapperOptions options, ModelExchange* exchange)
      : options_(std::move(options)), exchange_(exchange) {}
  ~ModelSwapper() { stop(); }
  ModelSwapper(const ModelSwapper&) = delete;
  ModelSwapper& operator=(const ModelSwapper&) = delete;

  // Fails with exit_broken.
  Status start();
  // Returns when the thread has ended, after at most the loading of one model.
  void stop();

  // How many swaps have ended, accepted or refused.
  std::size_t finished() const { return finished_; }

  // After stop(): every requested swap, in order.
  const std::vector<SwapResult>& results() const { return results_; }

 private:
  void serve();
  void wait();
  bool reload_asked() const;
  void swap(const std::string& file, std::optional<std::uint64_t> after_frames);
  Result<std::unique_ptr<Model>> load(const std::string& file) const;
  void hand_over(std::unique_ptr<Model> model, SwapResult* result);

  SwapperOptions options_;
  ModelExchange* exchange_;
  Descriptor reload_;
  std::optional<pthread_t> thread_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::size_t> finished_ = 0;
  std::size_t next_request_ = 0;
  std::uint32_t accepted_ = 0;
  std::vector<SwapResult> results_;
};

}  // namespace loopgate::inspection
