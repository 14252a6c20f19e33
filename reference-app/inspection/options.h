// The command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inspection/frame_source.h"
#include "inspection/gpio_pins.h"
#include "inspection/loop.h"
#include "inspection/model_swapper.h"
#include "inspection/real_time.h"

namespace loopgate::inspection {

struct RecordOptions {
  std::string file;  // empty: no records
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

struct Options {
  PinOptions pins;
  CameraOptions camera;
  std::string model;
  std::string engine;
  std::uint64_t warm_up = 5;
  RealTimeOptions real_time;
  bool allow_degraded = false;
  RecordOptions records;
  std::vector<SwapRequest> swaps;  // by rising number of frames
  LoopOptions loop;
  std::string images;  // a folder: decide its pictures and end
  bool json = false;
};

// The options, or nothing: the program is to end with `*exit_status`, and what there is to say was said.
std::optional<Options> read_options(int argc, char** argv, int* exit_status);

}  // namespace loopgate::inspection
