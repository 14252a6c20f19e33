#include "protocol/instrument_event.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace loopgate {
namespace {

using Kind = InstrumentEvent::Kind;

constexpr std::array<std::pair<const char*, Kind>, 10> kinds = {{{"wired", Kind::wired},
                                                                 {"booted", Kind::booted},
                                                                 {"ready", Kind::ready},
                                                                 {"counting", Kind::counting},
                                                                 {"progress", Kind::progress},
                                                                 {"measured", Kind::measured},
                                                                 {"reported", Kind::reported},
                                                                 {"failed", Kind::failed},
                                                                 {"silent", Kind::silent},
                                                                 {"error", Kind::error}}};

}  // namespace

Result<InstrumentEvent> parse_event(const std::string& line) {
  const auto bad = [&] {
    return fail(ErrorKind::data, "the instrument sent no event: " + line.substr(0, 200));
  };
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return bad();
  InstrumentEvent event;
  try {  // a value of another type than expected is reported by exception
    const std::string name = json.value("event", "");
    bool known = false;
    for (const auto& [text, kind] : kinds) {
      if (name != text) continue;
      event.kind = kind;
      known = true;
    }
    if (!known) return bad();
    event.virtual_ns = json.value("virtual_ns", std::int64_t{0});
    event.counts.planned = json.value("planned", std::uint64_t{0});
    event.counts.due = json.value("due", std::uint64_t{0});
    event.counts.answered = json.value("answered", std::uint64_t{0});
    event.counts.late = json.value("late", std::uint64_t{0});
    event.counts.unanswered = json.value("unanswered", std::uint64_t{0});
    event.counts.not_sent = json.value("not_sent", std::uint64_t{0});
    event.counts.spurious = json.value("spurious", std::uint64_t{0});
    event.storm_pulses = json.value("storm_pulses", std::uint64_t{0});
    event.what = json.value("what", json.value("awaited", ""));
  } catch (const nlohmann::json::exception&) {
    return bad();
  }
  return event;
}

}  // namespace loopgate
