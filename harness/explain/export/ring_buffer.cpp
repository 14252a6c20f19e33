#include "explain/export/ring_buffer.h"

#include <utility>

#include "base/little_endian.h"

namespace loopgate {
namespace {

// An event's first word: five bits of type or length, then 27 of time. A short event's type is its length in
// words; a longer one has type 0 and its length, the length's own word included, in the next word.
constexpr unsigned type_bits = 5;
constexpr unsigned delta_bits = 27;
constexpr std::uint64_t delta_mask = (std::uint64_t{1} << delta_bits) - 1;
constexpr std::uint32_t type_time_extend = 30;  // the next word has the time's upper bits
constexpr std::size_t words_most = 28;

void append_first_word(std::string* data, std::uint32_t type, std::uint64_t delta) {
  append_little_endian(data, type | static_cast<std::uint32_t>((delta & delta_mask) << type_bits));
}

std::string event_of(std::uint64_t delta, std::string record) {
  std::string event;
  if (delta > delta_mask) {
    append_first_word(&event, type_time_extend, delta);
    append_little_endian(&event, static_cast<std::uint32_t>(delta >> delta_bits));
    delta = 0;
  }
  record.resize((record.size() + 3) / 4 * 4);
  const auto words = static_cast<std::uint32_t>(record.size() / 4);
  if (words <= words_most) {
    append_first_word(&event, words, delta);
  } else {
    append_first_word(&event, 0, delta);
    append_little_endian(&event, static_cast<std::uint32_t>(record.size() + 4));
  }
  return event + record;
}

}  // namespace

void RingBuffer::add(std::uint64_t at_ns, const std::string& record) {
  std::string event;
  if (!data_.empty()) {
    event = event_of(at_ns - last_ns_, record);
    if (ring_page_header + data_.size() + event.size() > ring_page_size) end_page();
  }
  if (data_.empty()) {
    page_ns_ = at_ns;
    event = event_of(0, record);
  }
  data_ += event;
  last_ns_ = at_ns;
}

void RingBuffer::end_page() {
  if (data_.empty()) return;
  append_little_endian(&pages_, page_ns_);
  append_little_endian(&pages_, static_cast<std::uint64_t>(data_.size()));
  data_.resize(ring_page_size - ring_page_header);
  pages_ += data_;
  data_.clear();
}

std::string RingBuffer::take_pages() {
  end_page();
  return std::move(pages_);
}

}  // namespace loopgate
