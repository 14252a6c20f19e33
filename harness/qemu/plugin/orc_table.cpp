#include "qemu/plugin/orc_table.h"

#include <algorithm>
#include <cstring>

namespace loopgate {
namespace {

constexpr std::size_t entry_size = 6;
// A kernel has hundreds of thousands of entries; so many that follow each other by chance there are not.
constexpr std::size_t entries_min = 10'000;
constexpr std::size_t step = 4096;
// Code, data and tables of a kernel with everything that Debian builds in take 50 MiB.
constexpr std::size_t image_max = std::size_t{256} << 20U;
// The first entry is of the first function, or near it.
constexpr std::uint64_t first_within = 0x4000;

OrcEntry entry_in(const std::uint8_t* bytes) {
  OrcEntry entry;
  std::memcpy(&entry.sp_offset, bytes, 2);
  std::memcpy(&entry.bp_offset, bytes + 2, 2);
  entry.sp_base = static_cast<OrcEntry::Base>(bytes[4] & 0xfU);
  entry.bp_base = static_cast<OrcEntry::Base>(bytes[4] >> 4U);
  entry.type = static_cast<OrcEntry::Type>(bytes[5] & 7U);
  entry.signal = (bytes[5] & 8U) != 0;
  return entry;
}

bool can_be(const OrcEntry& entry) {
  return entry.sp_base <= OrcEntry::Base::sp_indirect && entry.bp_base <= OrcEntry::Base::sp_indirect &&
         entry.type <= OrcEntry::Type::interrupt_frame;
}

// The mapped memory from an address on.
std::vector<std::uint8_t> mapped_from(std::uint64_t address, const ReadGuest& read) {
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint8_t> one(step);
  while (bytes.size() < image_max && read(address + bytes.size(), one.data(), one.size()))
    bytes.insert(bytes.end(), one.begin(), one.end());
  return bytes;
}

// A part of the kernel's image, which lies at `address`.
class Image {
 public:
  Image(const std::vector<std::uint8_t>& bytes, std::uint64_t address) : bytes_(bytes), address_(address) {}

  std::size_t size() const { return bytes_.size(); }
  const std::uint8_t* at(std::size_t offset) const { return bytes_.data() + offset; }
  // Where the offset that lies there leads to.
  std::uint64_t leads_to(std::size_t offset) const {
    std::int32_t relative = 0;
    std::memcpy(&relative, at(offset), sizeof(relative));
    return address_ + offset + static_cast<std::uint64_t>(std::int64_t{relative});
  }
  // How many offsets lead further and further from there on, and stay in an image.
  std::size_t sorted_from(std::size_t offset, std::uint64_t text_begin) const {
    std::uint64_t last = text_begin;
    std::size_t count = 0;
    for (; offset + 4 <= bytes_.size(); offset += 4, ++count) {
      const std::uint64_t address = leads_to(offset);
      if (address < last || address - text_begin > image_max) break;
      last = address;
    }
    return count;
  }
  bool has_entries(std::size_t offset, std::size_t count) const {
    if (offset + entry_size * count > bytes_.size()) return false;
    for (std::size_t i = 0; i < count; ++i)
      if (!can_be(entry_in(at(offset + entry_size * i)))) return false;
    return true;
  }

 private:
  const std::vector<std::uint8_t>& bytes_;
  std::uint64_t address_;
};

}  // namespace

std::optional<OrcTable> OrcTable::find(std::uint64_t text_begin, const ReadGuest& read) {
  // What is mapped may have gaps: code, and data behind it.
  for (std::uint64_t begin = text_begin; begin < text_begin + image_max;) {
    const std::vector<std::uint8_t> bytes = mapped_from(begin, read);
    const Image image(bytes, begin);
    for (std::size_t at = 0; at + 4 <= image.size(); at += 4) {
      if (image.leads_to(at) - text_begin >= first_within) continue;
      const std::size_t sorted = image.sorted_from(at, text_begin);
      if (sorted < entries_min) continue;
      // The last offsets lead to code that runs as the kernel starts, which lies behind the tables: so the
      // first description, which leads to somewhere near if it is taken for an offset, ends them.
      const std::size_t entries = at + 4 * sorted;
      if (!image.has_entries(entries, sorted)) continue;
      OrcTable table;
      for (std::size_t i = 0; i < sorted; ++i) table.addresses_.push_back(image.leads_to(at + 4 * i));
      table.entries_.assign(image.at(entries), image.at(entries) + entry_size * sorted);
      return table;
    }
    begin += std::max(bytes.size(), step);
  }
  return std::nullopt;
}

std::optional<OrcEntry> OrcTable::at(std::uint64_t address) const {
  const auto after = std::ranges::upper_bound(addresses_, address);
  if (after == addresses_.begin() || address > addresses_.back()) return std::nullopt;
  const auto index = static_cast<std::size_t>(after - addresses_.begin()) - 1;
  return entry_in(entries_.data() + entry_size * index);
}

}  // namespace loopgate
