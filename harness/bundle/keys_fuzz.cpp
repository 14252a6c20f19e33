// libFuzzer: whatever the bytes are, they are read as a public key or refused; one that is accepted is one
// word of minisign's or two of OpenSSH's, so that none of it becomes an option or a further line of a list of
// signers.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bundle/keys.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = loopgate::parse_public_key("key", {reinterpret_cast<const char*>(data), size});
  if (!key) return 0;
  const auto spaces = std::ranges::count(key->key, ' ');
  if (spaces != (key->kind == loopgate::KeyKind::ssh ? 1 : 0)) std::abort();
  if (!std::ranges::all_of(key->key, [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != ','; }))
    std::abort();
  if (key->key.starts_with('-')) std::abort();
  return 0;
}
