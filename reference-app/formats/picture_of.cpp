#include "formats/picture_of.h"

#include <cmath>
#include <sstream>

#include "engine/refusal.h"

namespace loopgate::inspection {

namespace {

// Every value of the int8 tensor stands for a grey: -128 for black, 127 for white.
Normalisation of_bytes(const Activation& input) {
  Normalisation all;
  all.mean.fill(static_cast<float>(128 + input.zero_point) / 255.0F);
  all.deviation.fill(1.0F / (255.0F * input.scale));
  return all;
}

// Of the file's metadata; nothing when there is none.
Result<std::optional<Normalisation>> own_normalisation(const ModelFile& file, const std::string& name) {
  const auto mean = file.metadata.find("mean"), deviation = file.metadata.find("std");
  if (mean == file.metadata.end() && deviation == file.metadata.end()) return std::nullopt;
  const auto means = mean == file.metadata.end() ? std::nullopt : channel_values(mean->second);
  const auto deviations = deviation == file.metadata.end() ? std::nullopt : channel_values(deviation->second);
  if (!means || !deviations || (*deviations)[0] <= 0 || (*deviations)[1] <= 0 || (*deviations)[2] <= 0)
    return fail(exit_model, name + ": its metadata mean and std are not numbers for one or three channels");
  return Normalisation{*means, *deviations};
}

}  // namespace

std::optional<std::array<float, 3>> channel_values(const std::string& text) {
  std::array<float, 3> values{};
  std::size_t count = 0;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',') && count < 4; ++count) {
    char* end = nullptr;
    const float value = std::strtof(word.c_str(), &end);
    if (word.empty() || *end != '\0' || !std::isfinite(value)) return {};
    if (count < 3) values[count] = value;
  }
  if (count == 1) values.fill(values[0]);
  if (count != 1 && count != 3) return {};
  return values;
}

Result<PictureFormat> picture_format_of(const ModelFile& file, const std::optional<Normalisation>& asked,
                                        const std::string& name) {
  const Activation& input = file.network.activations[file.network.input];
  const Shape& shape = input.shape;
  PictureFormat format;
  format.scale = input.scale;
  format.zero_point = input.zero_point;
  const auto length = [&shape](std::size_t axis) { return static_cast<int>(shape[axis]); };
  const auto is_channels = [](std::size_t count) { return count == 1 || count == 3; };
  if (shape.size() == 4 && is_channels(shape[3])) {
    format.height = length(1), format.width = length(2), format.channels = length(3);
  } else if (shape.size() == 4 && is_channels(shape[1])) {
    format.height = length(2), format.width = length(3), format.channels = length(1);
    format.planes = true;
  } else if (shape.size() == 3 || shape.size() == 2) {
    format.height = shape.size() == 3 ? length(1) : 1;
    format.width = length(shape.size() - 1);
  } else {
    return fail(exit_model, name + ": its input is " + shape_text(shape) +
                                ": a picture of one channel (grey) or three (red, green, blue) is wanted");
  }
  if (asked) {
    format.normalisation = *asked;
    return format;
  }
  const Result<std::optional<Normalisation>> own = own_normalisation(file, name);
  if (!own) return tl::unexpected(own.error());
  format.normalisation = *own ? **own : file.input_is_bytes ? of_bytes(input) : Normalisation{};
  return format;
}

}  // namespace loopgate::inspection
