// The seed that nobody chooses: of the customer's nonce and of what is measured.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

// What a run without a nonce has: `loopgate run`'s own.
inline constexpr std::uint64_t seed_without_nonce = 1;

// The first 12 hexadecimal digits, as a number, of the SHA-256 of these bytes: the nonce, a line feed, then
// each kernel image's SHA-256 in lower-case hexadecimal with a line feed behind it; each digest once, in
// ascending order. 48 bits, which every reader of JSON keeps. In a shell:
//   printf '%s\n' NONCE $(printf '%s\n' DIGEST... | LC_ALL=C sort -u) | sha256sum | cut -c1-12
std::uint64_t derived_seed(std::string_view nonce, std::vector<std::string> image_sha256);

// A usage error where it is not of 8 to 128 letters and digits, "-", "_".
Status check_nonce(std::string_view nonce);

}  // namespace loopgate
