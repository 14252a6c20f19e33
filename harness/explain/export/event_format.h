// What an event's bytes mean, in the syntax of the kernel's events/SYSTEM/EVENT/format, and the bytes
// themselves: both follow from one list of fields.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace loopgate {

struct EventField {
  const char* declaration;  // "pid_t prev_pid", "char comm[16]", "__data_loc char[] name", "char buf[]"
  std::size_t size;         // "char buf[]": 0
  bool is_signed;
};

struct EventFormat {
  const char* system;
  const char* name;
  std::uint16_t id;
  std::vector<EventField> fields;  // beside those that every event has
  const char* print;
};

std::string text_of(const EventFormat& format);

// One event, field by field in the order of its format, which must outlive it.
class EventRecord {
 public:
  EventRecord(const EventFormat& format, std::uint8_t flags, std::int32_t pid);

  EventRecord& number(std::int64_t value);
  EventRecord& text(const std::string& value);  // cut to what there is room for
  std::string take();

 private:
  const EventField& next();

  const EventFormat& format_;
  std::size_t field_ = 0;
  std::string bytes_;
  std::string strings_;  // of __data_loc fields: they follow the last field
};

}  // namespace loopgate
