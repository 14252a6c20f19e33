// Renders what the network is trained and tested with, by the camera's own painter and the program's own
// resize.
//
// Part i is painted from the seed first + i; the even ones are good. The ranges of two sets must not overlap.
#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "camera/part_painter.h"
#include "camera/preprocess.h"

namespace {

using namespace loopgate::inspection;

constexpr PictureFormat network_input{.width = 96, .height = 96, .scale = 1.0F / 255.0F, .zero_point = -128};

// Version 1.0 of NumPy's format: the header is padded so that the data begin at a multiple of 64 bytes.
void write_npy(const std::string& path, const std::string& shape, const std::vector<std::uint8_t>& data) {
  std::string header = "{'descr': '|u1', 'fortran_order': False, 'shape': " + shape + ", }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file.exceptions(std::ios::badbit | std::ios::failbit);
  file << "\x93NUMPY\x01" << '\0' << static_cast<char>(header.size() & 0xffU)
       << static_cast<char>(header.size() >> 8U) << header;
  file.write(reinterpret_cast<const char*>(data.data()), static_cast<std::streamsize>(data.size()));
  file.close();
}

void render(std::uint64_t first, std::size_t count, const std::string& folder) {
  const auto size = network_input.size();
  const Preprocess preprocess(camera_frame, network_input);
  std::vector<std::uint8_t> frame(static_cast<std::size_t>(camera_frame.pixels()));
  std::vector<std::uint8_t> images(count * size);
  std::vector<std::uint8_t> labels(count);
  for (std::size_t i = 0; i < count; ++i) {
    labels[i] = i % 2 == 0 ? 1 : 0;
    paint_part(first + i, labels[i] == 1, frame.data());
    preprocess.resize(frame.data(), &images[i * size]);
  }
  const std::string number = std::to_string(count);
  write_npy(folder + "/images.npy", "(" + number + ", 96, 96)", images);
  write_npy(folder + "/labels.npy", "(" + number + ",)", labels);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t first = 0;
  std::size_t count = 0;
  std::string folder;
  CLI::App app("Renders parts as the network sees them: images.npy (N x 96 x 96) and labels.npy (1: good).");
  app.footer("Example: render_parts --first-seed 1000000 --count 12000 --out training");
  app.add_option("--first-seed", first, "seed of the first part; the next ones count up")->required();
  app.add_option("--count", count, "how many")->required()->check(CLI::Range(1, 1000000));
  app.add_option("--out", folder, "folder to write to")->required()->check(CLI::ExistingDirectory);
  CLI11_PARSE(app, argc, argv);
  try {
    render(first, count, folder);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s; check that there is space and that it may be written\n", folder.c_str(),
                 error.what());
    return 1;
  }
  return 0;
}
