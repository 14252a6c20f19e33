#include "target/probe/trace_format.h"

#include <charconv>
#include <cstring>

namespace loopgate {
namespace {

constexpr std::size_t field_most = 1U << 20U;  // nothing in a page lies further away

std::optional<std::size_t> plain_number(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool good = error == std::errc() && end == text.data() + text.size() && number <= field_most;
  return good ? std::optional(number) : std::nullopt;
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// "offset:8;" of a field's line: what stands behind the key.
std::optional<std::size_t> value_behind(std::string_view line, std::string_view key) {
  const std::size_t begin = line.find(key);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = line.substr(begin + key.size());
  return plain_number(rest.substr(0, rest.find(';')));
}

// "unsigned short common_type", "char prev_comm[16]": the last word, without its brackets.
std::string name_of_declaration(std::string_view declaration) {
  declaration = without_blanks(declaration);
  const std::size_t blank = declaration.find_last_of(" \t");
  if (blank != std::string_view::npos) declaration.remove_prefix(blank + 1);
  return std::string(declaration.substr(0, declaration.find('[')));
}

template <class T>
std::int64_t as_number(const char* bytes) {
  T number{};
  std::memcpy(&number, bytes, sizeof(number));
  return static_cast<std::int64_t>(number);
}

}  // namespace

std::optional<std::int64_t> TraceField::number_in(std::string_view event) const {
  if (offset > event.size() || size > event.size() - offset) return std::nullopt;
  const char* bytes = event.data() + offset;
  switch (size) {
    case 1:
      return is_signed ? as_number<std::int8_t>(bytes) : as_number<std::uint8_t>(bytes);
    case 2:
      return is_signed ? as_number<std::int16_t>(bytes) : as_number<std::uint16_t>(bytes);
    case 4:
      return is_signed ? as_number<std::int32_t>(bytes) : as_number<std::uint32_t>(bytes);
    case 8:
      return as_number<std::int64_t>(bytes);
    default:
      return std::nullopt;
  }
}

std::optional<TraceFormat> TraceFormat::parse(std::string_view text) {
  TraceFormat format;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = without_blanks(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.starts_with("ID:")) {
      const auto id = plain_number(without_blanks(line.substr(3)));
      if (!id) return std::nullopt;
      format.id_ = static_cast<int>(*id);
    }
    if (!line.starts_with("field:")) continue;
    const auto offset = value_behind(line, "offset:");
    const auto size = value_behind(line, "size:");
    const auto is_signed = value_behind(line, "signed:");
    const std::string name = name_of_declaration(line.substr(6, line.find(';') - 6));
    if (!offset || !size || !is_signed || name.empty()) return std::nullopt;
    format.fields_[name] = {*offset, *size, *is_signed != 0};
  }
  return format.fields_.empty() ? std::nullopt : std::optional(std::move(format));
}

const TraceField* TraceFormat::find(const std::string& name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? nullptr : &found->second;
}

}  // namespace loopgate
