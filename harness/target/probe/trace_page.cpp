#include "target/probe/trace_page.h"

#include <cstring>

namespace loopgate {
namespace {

// An event's first word: five bits of type or length, then 27 of time.
constexpr unsigned type_bits = 5;
constexpr unsigned delta_bits = 27;
constexpr std::uint32_t type_mask = (1U << type_bits) - 1;
constexpr std::uint32_t type_padding = 29;
constexpr std::uint32_t type_time_extend = 30;
constexpr std::uint32_t type_time_stamp = 31;
constexpr std::uint64_t stamp_high_bits = std::uint64_t{0x1f} << 59U;  // which a time stamp has no room for

// Of the word that says how much is used: its upper bits are marks.
constexpr std::uint64_t used_mask = (std::uint64_t{1} << 27U) - 1;
constexpr std::uint64_t loss_mark = std::uint64_t{1} << 31U;
constexpr std::size_t used_at = 8;

template <class T>
T read_at(std::string_view bytes, std::size_t at) {
  T number{};
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

// Reads event by event; a length that leaves the page ends it.
class Events {
 public:
  Events(std::string_view data, std::uint64_t begin_ns)
      : data_(data), at_ns_(begin_ns), high_bits_(begin_ns & stamp_high_bits) {}

  bool read_all(std::vector<PageEvent>* events) {
    while (data_.size() >= sizeof(std::uint32_t)) {
      const auto word = read_at<std::uint32_t>(data_, 0);
      const std::uint32_t type = word & type_mask;
      const std::uint32_t delta = word >> type_bits;
      if (type == type_padding && delta == 0) return true;  // up to the page's end
      if (!read(type, delta, events)) return false;
    }
    return data_.empty();
  }

 private:
  bool read(std::uint32_t type, std::uint32_t delta, std::vector<PageEvent>* events) {
    if (type > 0 && type < type_padding) return take(delta, 4, std::size_t{4} * type, events);
    if (data_.size() < 8) return false;
    const auto second = read_at<std::uint32_t>(data_, 4);
    switch (type) {
      case 0:  // a long one, whose length counts the length's own word
        return second >= 4 && take(delta, 8, std::size_t{second} - 4, events);
      case type_padding:  // an event that was taken back
        return take(0, 4, second, nullptr);
      case type_time_extend:
        at_ns_ += (std::uint64_t{second} << delta_bits) + delta;
        break;
      default:
        at_ns_ = high_bits_ | ((std::uint64_t{second} << delta_bits) + delta);
    }
    data_.remove_prefix(8);
    return true;
  }

  bool take(std::uint64_t delta, std::size_t head, std::size_t size, std::vector<PageEvent>* events) {
    if (size > data_.size() - head) return false;
    at_ns_ += delta;
    if (events != nullptr) events->push_back({static_cast<std::int64_t>(at_ns_), data_.substr(head, size)});
    data_.remove_prefix(head + size);
    return true;
  }

  std::string_view data_;
  std::uint64_t at_ns_;
  std::uint64_t high_bits_;
};

}  // namespace

std::optional<TracePage> parse_page(std::string_view bytes) {
  if (bytes.size() < trace_page_head) return std::nullopt;
  const auto begin_ns = read_at<std::uint64_t>(bytes, 0);
  const auto used = read_at<std::uint64_t>(bytes, used_at);
  if ((used & used_mask) > bytes.size() - trace_page_head) return std::nullopt;
  TracePage page;
  page.begin_ns = static_cast<std::int64_t>(begin_ns);
  page.follows_loss = (used & loss_mark) != 0;
  Events events(bytes.substr(trace_page_head, used & used_mask), begin_ns);
  if (!events.read_all(&page.events)) return std::nullopt;
  return page;
}

void mark_loss(std::string* page) {
  const std::uint64_t used = read_at<std::uint64_t>(*page, used_at) | loss_mark;
  std::memcpy(page->data() + used_at, &used, sizeof(used));
}

}  // namespace loopgate
