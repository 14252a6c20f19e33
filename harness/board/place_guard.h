// A separate process that holds a labgrid place, so that the place is released however Loopgate ends:
// normally, by an error, by a signal, or killed.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

class PlaceGuard {
 public:
  // `client` is labgrid-client with its options; each call may take `limit`.
  static Result<std::unique_ptr<PlaceGuard>> start(const std::vector<std::string>& client,
                                                   std::chrono::seconds limit = std::chrono::seconds(60));
  // Where it says what it did when this process was killed, if standard error is a pipe: a reader of that
  // must not wait for it.
  static std::filesystem::path log_file();
  // Releases what is still held, without reporting errors.
  ~PlaceGuard();
  PlaceGuard(const PlaceGuard&) = delete;
  PlaceGuard& operator=(const PlaceGuard&) = delete;

  // Cancels this reservation once a place is acquired, or at the end.
  Status reserved(const std::string& token);
  // Errors: infrastructure, with labgrid's message.
  Status acquire(const std::string& place);
  // Call once: the place is free when this returns. Errors: infrastructure, with the command that releases it
  // by hand.
  Status give_back();

 private:
  PlaceGuard() = default;
  Status send(const std::string& line);
  struct Answer {
    int status = 0;
    std::string said;
  };
  Result<Answer> answer();
  std::string reason_in(const Answer& answer) const;
  void reap();

  std::vector<std::string> client_;
  std::chrono::seconds limit_{};
  std::string place_;
  std::string heard_;
  int socket_ = -1;
  int pid_ = -1;
  bool ended_ = false;
};

}  // namespace loopgate
