#include "bundle/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// 42 and 158 bytes in base64: "Ed", then the key's number and the key.
constexpr std::size_t minisign_public_length = 56;
constexpr std::size_t minisign_secret_length = 212;
constexpr std::string_view minisign_comment = "untrusted comment:";
constexpr std::array ssh_types = {"ssh-ed25519",
                                  "ssh-rsa",
                                  "ecdsa-sha2-nistp256",
                                  "ecdsa-sha2-nistp384",
                                  "ecdsa-sha2-nistp521",
                                  "sk-ssh-ed25519@openssh.com",
                                  "sk-ecdsa-sha2-nistp256@openssh.com"};

// Without what is empty or a comment.
std::vector<std::string_view> lines_of_key(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    if (!line.empty() && !line.starts_with('#') && !line.starts_with(minisign_comment)) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_base64(std::string_view text) {
  const auto is_digit = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  while (text.ends_with('=')) text.remove_suffix(1);
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

bool is_minisign(std::string_view line, std::size_t length) {
  return line.size() == length && line.starts_with("RW") && is_base64(line);
}

// Type and base64; empty where the line is no key of OpenSSH's.
std::string ssh_key_in(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return {};
  const std::string_view type = line.substr(0, space);
  std::string_view key = line.substr(space + 1);
  key = key.substr(0, key.find(' '));
  if (std::ranges::find(ssh_types, type) == ssh_types.end() || !is_base64(key)) return {};
  return fmt::format("{} {}", type, key);
}

bool is_secret(std::string_view line) {
  return is_minisign(line, minisign_secret_length) ||
         (line.starts_with("-----BEGIN ") && line.find("PRIVATE KEY-----") != std::string_view::npos);
}

tl::unexpected<Error> no_key(const fs::path& file, std::string_view what, std::string_view next_step) {
  return fail(ErrorKind::data, fmt::format("{}: {}", file.string(), what), std::string(next_step));
}

Result<std::string> text_of_key(const fs::path& file) { return read_text_file(file, ErrorKind::data); }

}  // namespace

Result<PublicKey> parse_public_key(const fs::path& file, std::string_view text) {
  const auto lines = lines_of_key(text);
  if (!lines.empty() && is_secret(lines[0]))
    return no_key(file, "is a secret key, which nobody but its owner may have",
                  "name the public key of who signed");
  if (lines.size() > 1) return no_key(file, "holds more than one line of a key", "put each key into a file");
  if (!lines.empty() && is_minisign(lines[0], minisign_public_length))
    return PublicKey{file, KeyKind::minisign, std::string(lines[0])};
  std::string ssh = lines.empty() ? std::string() : ssh_key_in(lines[0]);
  if (!ssh.empty()) return PublicKey{file, KeyKind::ssh, std::move(ssh)};
  return no_key(file, "is no public key of minisign or OpenSSH",
                "name a file as `minisign -G` or `ssh-keygen` writes it beside the secret key");
}

Result<std::vector<PublicKey>> read_public_keys(const std::vector<fs::path>& files) {
  std::vector<PublicKey> keys;
  for (const fs::path& file : files) {
    TRY(text, text_of_key(file));
    TRY(key, parse_public_key(file, text));
    for (const PublicKey& other : keys)
      if (other.key == key.key)
        return no_key(file,
                      fmt::format("is the same key as {}, and one signer counts once", other.file.string()),
                      "name each key once");
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<KeyKind> kind_of_signing_key(const fs::path& file) {
  TRY(text, text_of_key(file));
  const auto lines = lines_of_key(text);
  const std::string_view first = lines.empty() ? std::string_view() : lines[0];
  if (is_minisign(first, minisign_secret_length)) return KeyKind::minisign;
  if (is_secret(first) || !ssh_key_in(first).empty()) return KeyKind::ssh;
  if (is_minisign(first, minisign_public_length))
    return no_key(file, "is a public key, and nothing can be signed with it", "name the secret one");
  return no_key(file, "is no secret key of minisign or OpenSSH",
                "name a file as `minisign -G` or `ssh-keygen` writes it");
}

}  // namespace loopgate
