// A process of its own that holds a place of labgrid's, so that it is given back however Loopgate ends: told
// to, by an error, by a signal, or killed.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

class PlaceGuard {
 public:
  // `client` is labgrid-client with its options; each call of it is given `limit`.
  static Result<std::unique_ptr<PlaceGuard>> start(const std::vector<std::string>& client,
                                                   std::chrono::seconds limit = std::chrono::seconds(60));
  // Gives back what is still held, and does not say how that went.
  ~PlaceGuard();
  PlaceGuard(const PlaceGuard&) = delete;
  PlaceGuard& operator=(const PlaceGuard&) = delete;

  // From now on this reservation is cancelled: once a place is acquired, which is what it was for, or in the
  // end.
  Status reserved(const std::string& token);
  // Errors: infrastructure, with labgrid's word.
  Status acquire(const std::string& place);
  // Once: the place is free when this comes back. Errors: infrastructure, with the command that does it by
  // hand.
  Status give_back();

 private:
  PlaceGuard() = default;
  Status tell(const std::string& line);
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
