// Runs labgrid's own program, labgrid-client, once for each call: its Python stays outside, and a coordinator
// that does not answer costs a bounded time.
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
  // Finds the program and detects its kind: 0.4.1 (Debian 12) reaches its coordinator by a websocket, 24.0
  // and later (Debian 13's backports have 26.0) by gRPC. `coordinator`: "host:port"; empty: labgrid-client's
  // own default, from its environment or on this host. Errors: infrastructure, with the command that installs
  // it.
  static Result<LabgridClient> find(const std::string& coordinator);

  // "host:port".
  const std::string& coordinator() const { return coordinator_; }

  // The complete command line, with these words after the options.
  std::vector<std::string> command(const std::vector<std::string>& words) const;

  // Its standard output. Errors: infrastructure, with the last line that it printed.
  Result<std::string> ask(const std::vector<std::string>& words) const;

  Result<std::vector<ListedPlace>> places() const;
  // Reserves a place with all these tags, which may have to wait in labgrid's queue.
  Result<Reservation> reserve(const std::vector<std::string>& tags) const;
  // Its state once it no longer waits, or still `waiting` after `limit`; calls `every_minute` meanwhile.
  Result<Reservation> wait(const Reservation& reservation, std::chrono::seconds limit,
                           const std::function<void()>& every_minute) const;
  // The resources of a place that this user has acquired.
  Result<std::vector<PlaceResource>> resources(const std::string& place) const;
  // Adds to each the proxy that it requires. A labgrid that does not say requires none.
  // Errors: infrastructure, where labgrid does not answer.
  Status add_proxies(const std::string& place, std::vector<PlaceResource>* resources) const;

 private:
  std::string coordinator_;
  std::vector<std::string> options_;
};

}  // namespace loopgate
