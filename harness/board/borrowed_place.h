// A board borrowed from labgrid: found by name or tags, waited for in the queue, acquired, and released
// however the run ends.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/notify.h"
#include "base/result.h"
#include "board/labgrid_client.h"
#include "board/place_guard.h"
#include "config/lab.h"

namespace loopgate {

class BorrowedPlace {
 public:
  // Acquires the place that `lab` asks labgrid for. `notify` reports who holds it meanwhile, and what labgrid
  // does not know of the board. Errors: usage when no place has that name or these tags, or its address is
  // unknown; infrastructure when labgrid-client or the coordinator is missing, or others hold the place for
  // longer than `wait` (default: the lab's acquire_timeout_s).
  static Result<std::unique_ptr<BorrowedPlace>> borrow(const LabBoard& lab, const Notify& notify,
                                                       std::optional<std::chrono::seconds> wait = {});

  // The same as if lab.toml had named everything; its `labgrid` names the place and the coordinator.
  const LabBoard& board() const { return board_; }
  const LabgridPlace& place() const { return place_; }

  // Call once; the destructor releases the place otherwise. Errors: infrastructure, with the command that
  // releases it by hand.
  Status give_back() { return guard_->give_back(); }

 private:
  BorrowedPlace(LabBoard board, LabgridPlace place, std::unique_ptr<PlaceGuard> guard)
      : board_(std::move(board)), place_(std::move(place)), guard_(std::move(guard)) {}

  LabBoard board_;
  LabgridPlace place_;
  std::unique_ptr<PlaceGuard> guard_;
};

// The places with that name, or with all of these tags. Errors: usage, with the available names and tags.
Result<std::vector<ListedPlace>> chosen_places(const std::vector<ListedPlace>& all,
                                               const LabgridPlace& wanted);

// "nano-1 by ann on bench since 2026-11-25 16:46:31, nano-2 reserved": the holders of the places in use.
std::string holders_of(const std::vector<ListedPlace>& places);

// The first place that `owner` ("host/user", as labgrid names who asks) holds already, and the command that
// releases it; empty: none. labgrid keeps what a killed job held, under the name that the next job has, too.
std::string held_by_ourselves(const std::vector<ListedPlace>& places, const std::string& owner,
                              const std::vector<std::string>& client);

// Adds what labgrid knows of the place where lab.toml has no entry: address, console, power. Errors: usage.
Result<LabBoard> with_resources(LabBoard lab, const std::string& place,
                                const std::vector<PlaceResource>& resources,
                                const std::vector<std::string>& power_cycle, const Notify& notify);

}  // namespace loopgate
