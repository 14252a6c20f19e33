#include "explain/export/event_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/little_endian.h"

namespace loopgate {
namespace {

constexpr std::size_t text_most = 255;  // of a string without a size of its own

const std::vector<EventField>& common_fields() {
  static const std::vector<EventField> fields = {{"unsigned short common_type", 2, false},
                                                 {"unsigned char common_flags", 1, false},
                                                 {"unsigned char common_preempt_count", 1, false},
                                                 {"int common_pid", 4, true}};
  return fields;
}

bool is_array(const EventField& field) { return std::string_view(field.declaration).ends_with(']'); }
bool is_reference(const EventField& field) {
  return std::string_view(field.declaration).starts_with("__data_loc");
}

// As a C compiler lays out a struct.
std::size_t aligned(std::size_t offset, const EventField& field) {
  const std::size_t alignment = is_array(field) ? 1 : field.size;
  return (offset + alignment - 1) / alignment * alignment;
}

std::size_t fields_end(const EventFormat& format) {
  std::size_t offset = 0;
  for (const auto* fields : {&common_fields(), &format.fields}) {
    for (const EventField& field : *fields) offset = aligned(offset, field) + field.size;
  }
  return offset;
}

void append_fields(std::string* text, const std::vector<EventField>& fields, std::size_t* offset) {
  for (const EventField& field : fields) {
    *offset = aligned(*offset, field);
    fmt::format_to(std::back_inserter(*text), "\tfield:{};\toffset:{};\tsize:{};\tsigned:{};\n",
                   field.declaration, *offset, field.size, field.is_signed ? 1 : 0);
    *offset += field.size;
  }
}

// What would end a string or a line early does neither.
std::string printable(std::string text, std::size_t most) {
  if (text.size() > most) text.resize(most);
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
  return text;
}

}  // namespace

std::string text_of(const EventFormat& format) {
  std::string text = fmt::format("name: {}\nID: {}\nformat:\n", format.name, format.id);
  std::size_t offset = 0;
  append_fields(&text, common_fields(), &offset);
  text += '\n';
  append_fields(&text, format.fields, &offset);
  return text + "\nprint fmt: " + format.print + "\n";
}

EventRecord::EventRecord(const EventFormat& format, std::uint8_t flags, std::int32_t pid) : format_(format) {
  append_little_endian(&bytes_, format.id);
  append_little_endian(&bytes_, flags);
  append_little_endian(&bytes_, std::uint8_t{0});  // the depth of preempt_disable() isn't traced
  append_little_endian(&bytes_, pid);
}

const EventField& EventRecord::next() {
  const EventField& field = format_.fields.at(field_++);
  bytes_.resize(aligned(bytes_.size(), field));
  return field;
}

EventRecord& EventRecord::number(std::int64_t value) {
  const std::size_t size = next().size;
  append_little_endian(&bytes_, value);
  bytes_.resize(bytes_.size() - sizeof(value) + size);
  return *this;
}

EventRecord& EventRecord::text(const std::string& value) {
  const EventField& field = next();
  if (is_reference(field)) {  // the string's size, and its place from the record's begin
    const std::string kept = printable(value, text_most) + '\0';
    const std::size_t place = fields_end(format_) + strings_.size();
    append_little_endian(&bytes_, static_cast<std::uint32_t>(kept.size() << 16U | place));
    strings_ += kept;
  } else if (field.size == 0) {
    bytes_ += printable(value, text_most) + '\0';
  } else {
    std::string kept = printable(value, field.size - 1);
    kept.resize(field.size);
    bytes_ += kept;
  }
  return *this;
}

std::string EventRecord::take() { return std::exchange(bytes_, {}) + std::exchange(strings_, {}); }

}  // namespace loopgate
