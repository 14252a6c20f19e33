// Where the fields of an event lie: the text of tracefs's events/SYSTEM/EVENT/format. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

struct TraceField {
  std::size_t offset = 0;
  std::size_t size = 0;
  bool is_signed = false;

  // Of a field of 1, 2, 4 or 8 bytes; nothing where the event is too short for it.
  std::optional<std::int64_t> number_in(std::string_view event) const;
};

class TraceFormat {
 public:
  // Nothing for a text that is no format. events/header_page is one, without a number.
  static std::optional<TraceFormat> parse(std::string_view text);

  int id() const { return id_; }  // that an event of it begins with; -1: none

  // nullptr for a name that it has not.
  const TraceField* find(const std::string& name) const;

 private:
  int id_ = -1;
  std::map<std::string, TraceField> fields_;
};

}  // namespace loopgate
