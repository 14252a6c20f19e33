// What labgrid-client prints, read back. Its texts are for people and have no promise of form, so a line that
// is not understood is refused, and named. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

// One of `labgrid-client -v places`.
struct ListedPlace {
  std::string name;
  std::map<std::string, std::string> tags;
  std::string acquired;     // by "host/user"; empty: by nobody
  std::string changed;      // "2026-11-25 16:46:31": when it was acquired, or something else of it was set
  std::string reservation;  // a token; empty: none
};

// What `labgrid-client reserve` and `wait` print; of several states the last one.
struct Reservation {
  std::string owner;  // "host/user"
  std::string token;
  std::string state;  // waiting, allocated, acquired, expired or invalid
  std::string place;  // the allocated one
};

// One of `labgrid-client env`; the values as they are written there.
struct PlaceResource {
  std::string type;  // NetworkService, NetworkPowerPort, ...
  std::map<std::string, std::string> values;
};

// Errors: infrastructure, with the line; but a line of `env` may be a password, so there its number alone.
Result<std::vector<ListedPlace>> parse_places(std::string_view text);
Result<Reservation> parse_reservation(std::string_view text);
Result<std::vector<PlaceResource>> parse_resources(std::string_view text, const std::string& place);

}  // namespace loopgate
