// The command line.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "inspection/frame_source.h"
#include "inspection/gpio_pins.h"
#include "inspection/loop.h"
#include "inspection/model_swapper.h"
#include "inspection/real_time.h"

namespace CLI {
class App;
}

namespace loopgate::inspection {

struct RecordOptions {
  std::string file;  // empty: no records
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// Where the pictures are prepared for the network.
inline constexpr const char* same_thread = "same-thread";
inline constexpr const char* own_thread = "own-thread";

struct Options {
  PinOptions pins;
  CameraOptions camera;
  std::string model;
  ModelOptions how;  // it is taken
  std::uint64_t warm_up = 5;
  RealTimeOptions real_time;
  std::string preprocess = same_thread;
  std::optional<unsigned> preprocess_cpu;  // own_thread's
  bool allow_degraded = false;
  RecordOptions records;
  std::vector<SwapRequest> swaps;  // by rising number of frames
  LoopOptions loop;
  std::string images;  // a folder: decide its pictures, and those of its folders, and end
  bool json = false;
};

// The options, or nothing: then the program ends with `*exit_status`, and the reason was printed.
// `add_options` adds options of a program that is built from this one.
std::optional<Options> read_options(int argc, char** argv, int* exit_status,
                                    const std::function<void(CLI::App*)>& add_options = {});

}  // namespace loopgate::inspection
