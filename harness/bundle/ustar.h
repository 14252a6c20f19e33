// One header of a POSIX tar archive (IEEE Std 1003.1, pax, "ustar Interchange Format"), in the one form that
// a bundle has: a reader writes the header that must stand there and compares all 512 bytes. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

inline constexpr std::uint64_t tar_block = 512;
// Two empty blocks end an archive.
inline constexpr std::uint64_t tar_end = 2 * tar_block;
// Eleven octal digits.
inline constexpr std::uint64_t largest_tar_file = (1ULL << 33) - 1;

// 512 bytes of a regular file: mode 0644, owner 0, time 0. Nothing where the form has no place for it: a path
// of more than 255 bytes or that cannot be cut at a slash, a file of 8 GiB.
std::optional<std::string> ustar_header(std::string_view path, std::uint64_t size);

// Whose header such a block is; empty where it is none, such as one that ends an archive.
std::string path_of_ustar_header(std::string_view block);

// Zeros after a file of this size, up to a whole block.
constexpr std::uint64_t tar_padding(std::uint64_t size) { return (tar_block - size % tar_block) % tar_block; }

}  // namespace loopgate
