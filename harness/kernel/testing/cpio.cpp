#include "kernel/testing/cpio.h"

#include <fmt/format.h>

namespace loopgate {

std::string cpio_member(const std::string& name, const std::string& bytes, unsigned mode) {
  std::string member =
      fmt::format("070701{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}{:08x}", 1,
                  mode, 0, 0, 1, 0, bytes.size(), 0, 0, 0, 0, name.size() + 1, 0) +
      name;
  member += '\0';
  member.resize((member.size() + 3) & ~std::size_t{3});
  member += bytes;
  member.resize((member.size() + 3) & ~std::size_t{3});
  return member;
}

std::string cpio_end() { return cpio_member("TRAILER!!!", "", 0) + std::string(100, '\0'); }

}  // namespace loopgate
