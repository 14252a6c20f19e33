// Instructions that do nothing, by which a program marks the part of itself whose path is counted: they cost
// one instruction each, and who translates or reads the code knows them by their bytes. Programs have them
// from target/path_marks.h; a QEMU plugin compares the bytes of an instruction with these.
//
// No compiler makes them: arm64's are hints that the architecture leaves unassigned (CRm 15, op2 2 to 6),
// amd64's are the 7-byte nopl with a displacement that means nothing ("LG", and the number of arm64's hint).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace loopgate {

// In the order of the marks below.
enum class PathMarkKind : std::uint8_t {
  begin,       // of the path: all iterations
  end,         // of the path
  part_begin,  // of the part of an iteration that is timed; without any, the whole path is
  part_end,    // of that part
  part_later,  // the part begins as many ns later as the first argument's register says
};
inline constexpr std::size_t path_mark_kinds = 5;

inline constexpr std::array<std::uint8_t, 4> path_begin_arm64 = {0x5f, 0x2f, 0x03, 0xd5};  // hint #0x7a
inline constexpr std::array<std::uint8_t, 4> path_end_arm64 = {0x7f, 0x2f, 0x03, 0xd5};    // hint #0x7b
inline constexpr std::array<std::uint8_t, 4> part_begin_arm64 = {0x9f, 0x2f, 0x03, 0xd5};  // hint #0x7c
inline constexpr std::array<std::uint8_t, 4> part_end_arm64 = {0xbf, 0x2f, 0x03, 0xd5};    // hint #0x7d
inline constexpr std::array<std::uint8_t, 4> part_later_arm64 = {0xdf, 0x2f, 0x03, 0xd5};  // hint #0x7e
// nopl 0x4c47007a(%rax) to nopl 0x4c47007e(%rax)
inline constexpr std::array<std::uint8_t, 7> path_begin_amd64 = {0x0f, 0x1f, 0x80, 0x7a, 0x00, 0x47, 0x4c};
inline constexpr std::array<std::uint8_t, 7> path_end_amd64 = {0x0f, 0x1f, 0x80, 0x7b, 0x00, 0x47, 0x4c};
inline constexpr std::array<std::uint8_t, 7> part_begin_amd64 = {0x0f, 0x1f, 0x80, 0x7c, 0x00, 0x47, 0x4c};
inline constexpr std::array<std::uint8_t, 7> part_end_amd64 = {0x0f, 0x1f, 0x80, 0x7d, 0x00, 0x47, 0x4c};
inline constexpr std::array<std::uint8_t, 7> part_later_amd64 = {0x0f, 0x1f, 0x80, 0x7e, 0x00, 0x47, 0x4c};

}  // namespace loopgate
