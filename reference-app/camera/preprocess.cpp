#include "camera/preprocess.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace loopgate::inspection {

namespace {

constexpr int weight_bits = 11;  // 8 bits of grey and twice these fit an int
constexpr int one = 1 << weight_bits;

int between(int first, int second, int weight) { return first * (one - weight) + second * weight; }

std::int8_t quantise(int byte, const PictureFormat& to, std::size_t channel) {
  const float value = (static_cast<float>(byte) / 255.0F - to.normalisation.mean[channel]) /
                      to.normalisation.deviation[channel];
  // To the nearest, ties to even, then saturated: QuantizeLinear's order.
  const float steps = std::nearbyint(value / to.scale);
  return static_cast<std::int8_t>(std::clamp(steps + static_cast<float>(to.zero_point), -128.0F, 127.0F));
}

}  // namespace

Preprocess::Preprocess(FrameSize frame, const PictureFormat& network, int stride)
    : frame_channels_(frame.channels),
      channels_(network.channels),
      value_step_(network.planes ? 1 : static_cast<std::size_t>(network.channels)),
      channel_step_(network.planes ? network.pixels() : 1) {
  const int square = std::min(frame.width, frame.height);
  columns_ = taps(frame.width, square, network.width, frame.channels);
  rows_ = taps(frame.height, square, network.height, stride == 0 ? frame.width * frame.channels : stride);
  for (std::size_t channel = 0; channel < quantised_.size(); ++channel)
    for (int byte = 0; byte < 256; ++byte)
      quantised_[channel][static_cast<std::size_t>(byte)] = quantise(byte, network, channel);
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

template <class Store>
void Preprocess::each(const std::uint8_t* frame, Store store) const {
  constexpr int half = 1 << (2 * weight_bits - 1);
  for (const Tap& row : rows_) {
    const std::uint8_t* upper = frame + row.first;
    const std::uint8_t* lower = frame + row.second;
    for (const Tap& column : columns_) {
      const int above = between(upper[column.first], upper[column.second], column.weight);
      const int below = between(lower[column.first], lower[column.second], column.weight);
      store((between(above, below, row.weight) + half) >> (2 * weight_bits));
    }
  }
}

void Preprocess::run(const std::uint8_t* frame, std::int8_t* out) const {
  if (frame_channels_ == 3) return run_colours(frame, out);
  if (channels_ == 3) return run_grey_in_colours(frame, out);
  const std::int8_t* table = quantised_[0].data();
  each(frame, [table, out](int grey) mutable { *out++ = table[grey]; });
}

void Preprocess::run_grey_in_colours(const std::uint8_t* frame, std::int8_t* out) const {
  each(frame, [this, out](int grey) mutable {
    for (std::size_t channel = 0; channel < 3; ++channel)
      out[channel * channel_step_] = quantised_[channel][static_cast<std::size_t>(grey)];
    out += value_step_;
  });
}

void Preprocess::run_colours(const std::uint8_t* frame, std::int8_t* out) const {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const std::int8_t* table = quantised_[channel].data();
    each(frame + channel, [table, step = value_step_, to = out + channel * channel_step_](int byte) mutable {
      *to = table[byte];
      to += step;
    });
  }
}

std::uint64_t Preprocess::bytes_moved() const {
  const auto places = [](const std::vector<Tap>& taps) {
    std::set<int> different;
    for (const Tap& tap : taps) different.insert({tap.first, tap.second});
    return different.size();
  };
  const std::size_t read = places(rows_) * places(columns_) * static_cast<std::size_t>(frame_channels_);
  return read + rows_.size() * columns_.size() * static_cast<std::size_t>(channels_);
}

void Preprocess::resize(const std::uint8_t* frame, std::uint8_t* out) const {
  each(frame, [out](int grey) mutable { *out++ = static_cast<std::uint8_t>(grey); });
}

}  // namespace loopgate::inspection
