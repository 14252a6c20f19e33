// Reads picture files: PNG with 8 bits per channel, grey or RGB, and binary PGM (P5) with 8 bits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

#include "camera/frame.h"
#include "inspection/error.h"

namespace loopgate::inspection {

struct Picture {
  FrameSize size{};
  std::vector<std::uint8_t> pixels;
};

// Larger pictures are refused before any memory is allocated for them.
inline constexpr int longest_side = 4096;

bool is_picture_name(const std::filesystem::path& file);
// Of a kind that people have pictures in, and that is not read.
bool is_name_of_other_picture(const std::filesystem::path& file);

// As one channel (colours are converted to grey) or three (grey is repeated). Fails with exit_camera.
Result<Picture> read_picture(const std::filesystem::path& file, int channels = 1);
// Of the bytes of the file `name`.
Result<Picture> decode_picture(const std::filesystem::path& name, std::string_view bytes, int channels = 1);

}  // namespace loopgate::inspection
