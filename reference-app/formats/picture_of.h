// How the network of a model file wants its picture.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "camera/picture_format.h"
#include "formats/model_file.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// Height, width and channels in either order; a network of plain numbers takes one grey row. `asked` for
// comes before the file's own normalisation (metadata mean and std, as PyTorch has them). Failures refer to
// the file as `name`. Fails with exit_model.
Result<PictureFormat> picture_format_of(const ModelFile& file, const std::optional<Normalisation>& asked,
                                        const std::string& name);

// "0.485,0.456,0.406", or one number for all channels. Nothing when it is neither.
std::optional<std::array<float, 3>> channel_values(const std::string& text);

}  // namespace loopgate::inspection
