// A board that labgrid hands out for a while: found by name or tags, waited for in the queue, locked, and
// given back however this ends.
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
  // The place that `lab` asks labgrid for. `tell` hears for whom it waits, and what of the board is not
  // known. Errors: usage when no place has that name or these tags, or its address is not known;
  // infrastructure when labgrid-client or the coordinator is not there, or others have the place for longer
  // than `wait` (left out: as long as `lab` says).
  static Result<std::unique_ptr<BorrowedPlace>> borrow(const LabBoard& lab, const Notify& tell,
                                                       std::optional<std::chrono::seconds> wait = {});

  // As lab.toml could have said it by hand; its `labgrid` names the place and the coordinator.
  const LabBoard& board() const { return board_; }
  const LabgridPlace& place() const { return place_; }

  // Once. Not called, as after an error, it is given back all the same. Errors: infrastructure, with the
  // command that does it by hand.
  Status give_back() { return guard_->give_back(); }

 private:
  BorrowedPlace(LabBoard board, LabgridPlace place, std::unique_ptr<PlaceGuard> guard)
      : board_(std::move(board)), place_(std::move(place)), guard_(std::move(guard)) {}

  LabBoard board_;
  LabgridPlace place_;
  std::unique_ptr<PlaceGuard> guard_;
};

// Those of that name, or with all of these tags. Errors: usage, with the names and tags that there are.
Result<std::vector<ListedPlace>> chosen_places(const std::vector<ListedPlace>& all,
                                               const LabgridPlace& wanted);

// "nano-1 by ann on bench since 2026-11-25 16:46:31, nano-2 reserved": of those that somebody has.
std::string who_has(const std::vector<ListedPlace>& places);

// What labgrid knows of the place, where lab.toml says nothing: address, console, power. Errors: usage.
Result<LabBoard> with_resources(LabBoard lab, const std::string& place,
                                const std::vector<PlaceResource>& resources,
                                const std::vector<std::string>& power_cycle, const Notify& tell);

}  // namespace loopgate
