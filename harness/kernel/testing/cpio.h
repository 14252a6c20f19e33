#pragma once

#include <string>

namespace loopgate {

// A member of a cpio archive ("newc"), and the end of one.
std::string cpio_member(const std::string& name, const std::string& bytes, unsigned mode = 0100755);
std::string cpio_end();

}  // namespace loopgate
