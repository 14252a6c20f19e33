// Parses labgrid-client's output. It is written for people, without a stable format, so a line that cannot be
// parsed is refused and quoted. Pure.
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
  std::string acquired;     // by "host/user"; empty: free
  std::string changed;      // "2026-11-25 16:46:31": when it was acquired or changed in another way
  std::string reservation;  // a token; empty: none
};

// The output of `labgrid-client reserve` and `wait`; of several states the last one.
struct Reservation {
  std::string owner;  // "host/user"
  std::string token;
  std::string state;  // waiting, allocated, acquired, expired or invalid
  std::string place;  // the allocated one
};

// One entry of `labgrid-client env`, with the values as written there.
struct PlaceResource {
  std::string type;  // NetworkService, NetworkPowerPort, ...
  std::map<std::string, std::string> values;
  std::string proxy =
      {};  // its exporter says that it is reached through this host alone; empty: from anywhere
};

// Errors: infrastructure, quoting the line; for `env` only its number, since the line may hold a password.
Result<std::vector<ListedPlace>> parse_places(std::string_view text);
Result<Reservation> parse_reservation(std::string_view text);
Result<std::vector<PlaceResource>> parse_resources(std::string_view text, const std::string& place);

// The output of `labgrid-client -p PLACE show`, which alone tells it: of each type of acquired resource the
// host that it must be reached through. What cannot be parsed requires none.
std::map<std::string, std::string> proxies_in(std::string_view text);

}  // namespace loopgate
