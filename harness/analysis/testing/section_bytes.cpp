#include "analysis/testing/section_bytes.h"

namespace loopgate {
namespace {

template <class Record>
void put(std::string* bytes, const std::vector<Record>& records) {
  bytes->append(reinterpret_cast<const char*>(records.data()), records.size() * sizeof(Record));
}

}  // namespace

std::string SectionBytes::bytes() {
  end.magic = section_magic;
  end.windows = windows.size();
  end.places = places.size();
  end.tasks = tasks.size();
  end.chains = chains.size();
  std::string bytes;
  put(&bytes, windows);
  put(&bytes, places);
  put(&bytes, tasks);
  put(&bytes, chains);
  put(&bytes, std::vector<SectionFileEnd>{end});
  return bytes;
}

SectionBytes three_windows() {
  constexpr std::uint64_t lock = 0xffff800080001010, unlock = 0xffff800080001120;
  constexpr std::uint64_t user = 0xffff800080002030, planted = 0xffff800080003008;
  SectionBytes file;
  file.windows = {{2'000, 50, 0, 0, 0}, {3'000, 70, 0, 0, 0}, {2'500, 300'008, 1, 1, 0}};
  file.places = {{0, {lock, user}, {unlock, user + 0x20}}, {1, {planted, 1}, {planted + 0x40, 1}}};
  file.tasks = {{0, 120, "swapper/0"}, {77, 120, "planted"}};
  file.chains = {{2, 2, {planted + 0x80, 0xffff800080004010}}};
  file.end.begin_ns = 1'000;
  file.end.end_ns = 1'000'000;
  file.end.unclosed = 2;
  return file;
}

SectionBytes with_lock_wait() {
  SectionBytes file = three_windows();
  constexpr std::uint64_t lock = 0xffff800080005000;
  const SectionPlace asked{lock, 0xffff800080006010}, taken{lock, 0xffff800080007010};
  file.windows.push_back({400'000, 14'100, 2, 2, 0});
  file.windows.push_back({400'000, 14'100, 3, 3, 0});
  file.places.push_back({static_cast<std::uint64_t>(SectionKind::lock_wait), asked, taken});
  file.places.push_back({static_cast<std::uint64_t>(SectionKind::lock_holder), asked, taken});
  file.tasks.push_back({40, 19, "responder"});
  file.tasks.push_back({301, 19, "stress-ng-getra"});
  file.chains.push_back({3, 2, {lock + 0x40, asked.link}});
  file.end.locks = 1;
  return file;
}

}  // namespace loopgate
