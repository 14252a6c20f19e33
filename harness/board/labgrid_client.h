// labgrid's own program, labgrid-client, which is started for each question: its Python stays outside, and a
// coordinator that does not answer costs a bounded time.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/process.h"
#include "base/result.h"
#include "board/labgrid_text.h"

namespace loopgate {

class LabgridClient {
 public:
  // Finds the program and asks it for its kind: 0.4.1 (Debian 12) reaches its coordinator by a
  // websocket, 24.0 and later (Debian 13's backports have 26.0) by gRPC. `coordinator`: "host:port"; empty:
  // as labgrid-client itself takes it, from its environment or on this host. Errors: infrastructure, with
  // what installs it.
  static Result<LabgridClient> find(const std::string& coordinator);

  // "host:port".
  const std::string& coordinator() const { return coordinator_; }

  // The whole command, for these words after the options.
  std::vector<std::string> command(const std::vector<std::string>& words) const;

  // What it prints when it succeeds. Errors: infrastructure, with its own last word.
  Result<std::string> ask(const std::vector<std::string>& words) const;

  Result<std::vector<ListedPlace>> places() const;
  // A reservation of a place with all these tags, waited for in the queue of all who want one.
  Result<Reservation> reserve(const std::vector<std::string>& tags) const;
  // Its state once it no longer waits, or still `waiting` after `limit`; `every_minute` is told meanwhile.
  Result<Reservation> wait(const Reservation& reservation, std::chrono::seconds limit,
                           const std::function<void()>& every_minute) const;
  // Of a place that this user has acquired.
  Result<std::vector<PlaceResource>> resources(const std::string& place) const;

 private:
  std::string coordinator_;
  std::vector<std::string> options_;
};

}  // namespace loopgate
