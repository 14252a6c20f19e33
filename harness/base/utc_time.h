// Times as our files write them: UTC, to the second (2026-01-31T12:00:00Z).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

// Seconds since 1970-01-01T00:00:00Z; nothing for a text of another form, and for a day or hour that is none.
std::optional<std::int64_t> unix_seconds(std::string_view utc);

// What this machine's clock says.
std::string utc_now();

}  // namespace loopgate
