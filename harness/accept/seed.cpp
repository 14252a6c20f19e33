#include "accept/seed.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/digest.h"

namespace loopgate {

std::uint64_t derived_seed(std::string_view nonce, std::vector<std::string> image_sha256) {
  std::ranges::sort(image_sha256);
  const auto repeated = std::ranges::unique(image_sha256);
  image_sha256.erase(repeated.begin(), repeated.end());
  std::string text = fmt::format("{}\n", nonce);
  for (const std::string& each : image_sha256) text += each + "\n";
  constexpr std::size_t digits = 12;
  const std::string digest = sha256_of(text);
  std::uint64_t seed = 0;
  std::from_chars(digest.data(), digest.data() + digits, seed, 16);
  return seed;
}

Status check_nonce(std::string_view nonce) {
  const bool plain =
      nonce.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") ==
      std::string_view::npos;
  if (plain && nonce.size() >= 8 && nonce.size() <= 128) return {};
  return fail(ErrorKind::usage, "--nonce: must be of 8 to 128 letters and digits",
              "let the customer draw one: openssl rand -hex 16");
}

}  // namespace loopgate
