// libFuzzer: whatever the text, it is refused in one sentence or gives places and reservations that hold
// together.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "board/labgrid_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto places = loopgate::parse_places(text);
  if (!places && places.error().what.empty()) std::abort();
  for (const auto& place : places.value_or(std::vector<loopgate::ListedPlace>()))
    if (place.name.empty() || (!place.acquired.empty() && place.acquired.find('/') == std::string::npos))
      std::abort();
  const auto reservation = loopgate::parse_reservation(text);
  if (!reservation) return reservation.error().what.empty() ? (std::abort(), 0) : 0;
  if (reservation->token.empty() || (reservation->state == "allocated" && reservation->place.empty()))
    std::abort();
  return 0;
}
