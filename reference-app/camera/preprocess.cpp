#include "camera/preprocess.h"

#include <algorithm>
#include <cmath>

namespace loopgate::inspection {

namespace {

constexpr int weight_bits = 11;  // 8 bits of grey and twice these fit an int
constexpr int one = 1 << weight_bits;

int between(int first, int second, int weight) { return first * (one - weight) + second * weight; }

std::int8_t quantise(int grey, float scale, int zero_point) {
  // To the nearest, ties to even, then saturated: QuantizeLinear's order.
  const float steps = std::nearbyint(static_cast<float>(grey) / 255.0F / scale);
  return static_cast<std::int8_t>(std::clamp(steps + static_cast<float>(zero_point), -128.0F, 127.0F));
}

}  // namespace

Preprocess::Preprocess(FrameSize frame, FrameSize network, float scale, int zero_point, int stride)
    : quantised_() {
  const int square = std::min(frame.width, frame.height);
  columns_ = taps(frame.width, square, network.width, 1);
  rows_ = taps(frame.height, square, network.height, stride == 0 ? frame.width : stride);
  for (int grey = 0; grey < 256; ++grey)
    quantised_[static_cast<std::size_t>(grey)] = quantise(grey, scale, zero_point);
}

// Pixels are areas: the middle of the first is at 0.5. Beyond the outermost middles the edge is repeated.
std::vector<Preprocess::Tap> Preprocess::taps(int frame_length, int square, int network_length, int step) {
  const int begin = (frame_length - square) / 2;
  std::vector<Tap> taps;
  for (int i = 0; i < network_length; ++i) {
    const double at = (i + 0.5) * square / network_length - 0.5;
    const double inside = std::clamp(at, 0.0, static_cast<double>(square - 1));
    const int first = static_cast<int>(inside);
    const int second = std::min(first + 1, square - 1);
    const int weight = static_cast<int>(std::lround((inside - first) * one));
    taps.push_back({(begin + first) * step, (begin + second) * step, weight});
  }
  return taps;
}

template <class Value, class Store>
void Preprocess::each(const std::uint8_t* frame, Value* out, Store store) const {
  constexpr int half = 1 << (2 * weight_bits - 1);
  for (const Tap& row : rows_) {
    const std::uint8_t* upper = frame + row.first;
    const std::uint8_t* lower = frame + row.second;
    for (const Tap& column : columns_) {
      const int above = between(upper[column.first], upper[column.second], column.weight);
      const int below = between(lower[column.first], lower[column.second], column.weight);
      *out++ = store((between(above, below, row.weight) + half) >> (2 * weight_bits));
    }
  }
}

void Preprocess::run(const std::uint8_t* frame, std::int8_t* out) const {
  const std::int8_t* table = quantised_.data();
  each(frame, out, [table](int grey) { return table[grey]; });
}

void Preprocess::resize(const std::uint8_t* frame, std::uint8_t* out) const {
  each(frame, out, [](int grey) { return static_cast<std::uint8_t>(grey); });
}

}  // namespace loopgate::inspection
