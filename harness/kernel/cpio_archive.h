// Reads the archives that the target image is made of (cpio, "newc"; several one after the other). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

struct CpioMember {
  std::string_view name;  // without a slash before it: "bin/responder"
  std::uint32_t mode = 0;
  std::string_view bytes;
};

// The members point into `archive`. Errors: data.
Result<std::vector<CpioMember>> read_cpio(std::string_view archive);

}  // namespace loopgate
