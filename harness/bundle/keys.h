// Which program a key belongs to, told from the key file's text: minisign's or OpenSSH's. Pure but for
// reading the file; no key is decrypted here.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

enum class KeyKind { minisign, ssh };

struct PublicKey {
  std::filesystem::path file;
  KeyKind kind = KeyKind::minisign;
  std::string key;  // minisign: its base64; ssh: type and base64, without the comment
};

// A data error, never a softer one, where the text is no public key, or more than one.
Result<PublicKey> parse_public_key(const std::filesystem::path& file, std::string_view text);

// Each of the files. Data errors: one that cannot be read, no public key, the same key in two files.
Result<std::vector<PublicKey>> read_public_keys(const std::vector<std::filesystem::path>& files);

// Of the secret key that a file holds, or of an OpenSSH public key, whose secret one ssh-agent has. A data
// error for everything else.
Result<KeyKind> kind_of_signing_key(const std::filesystem::path& file);

}  // namespace loopgate
