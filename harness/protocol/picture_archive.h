// Pictures as one file: a tar archive in ustar form (POSIX.1-2008, pax), which the harness writes and the
// inspection application reads. `tar --format=ustar` writes one, too.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace loopgate {

struct ArchivedFile {
  std::string name;
  std::string_view bytes;  // within the archive, or wherever the writer has them
};

// What a header's field for names holds; ustar's second field for longer ones is not used.
inline constexpr std::size_t archived_name_max = 100;

// Equal files give equal bytes: no owner, no time. The names are not longer than archived_name_max.
std::string write_picture_archive(const std::vector<ArchivedFile>& files);

// The files in the order of the archive, folders left out. An archive that is cut off, altered, or holds
// anything else (links, extended headers) is refused: what is said follows the archive's name.
tl::expected<std::vector<ArchivedFile>, std::string> read_picture_archive(std::string_view archive);

}  // namespace loopgate
