// Files: read whole, written whole or not at all.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

// The file's bytes. Fails with `kind` when it is missing or unreadable.
// A text that a user writes or names, such as a policy: of more than 16 MiB it is something else, such as a
// device that never ends.
Result<std::string> read_text_file(const std::filesystem::path& path, ErrorKind kind);

Result<std::string> read_file(const std::filesystem::path& path, ErrorKind kind = ErrorKind::infrastructure);

// That somebody named: a usage error also where it is no regular file, since a device or a pipe may have no
// end, or is longer than `most` bytes.
Result<std::string> read_regular_file(const std::filesystem::path& path, std::uintmax_t most);

// Writes beside `path`, syncs, then renames over it: a reader sees the old file or the new one, and a full
// disk leaves the old one in place, which keeps its owner and rights. A link is followed. What is no regular
// file, or is this program's standard output or error, is written into: it can be no other file's name.
Status write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// The descriptor of this program's standard output or error where it is this very file, however it is named.
// Who started the program opened it, and it is gone on with where it stands: its name may be nobody's to
// replace.
std::optional<int> own_stream(const std::filesystem::path& path);

// All of it, however many calls that takes. False: errno says why.
bool write_all(int fd, std::string_view bytes);

Status make_directories(const std::filesystem::path& path);

// $LOOPGATE_CACHE, else $XDG_CACHE_HOME/loopgate, else ~/.cache/loopgate: an absolute path. Without $HOME it
// is the home that the system knows of this user. $XDG_CACHE_HOME and $HOME are left out where they are
// relative, as the XDG specification wants it: each working directory would have a cache of its own.
std::filesystem::path cache_directory();

}  // namespace loopgate
