// Bytes as text (RFC 4648), for JSON. The target's programs use it, too.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

std::string to_base64(std::string_view bytes);

// Nothing when the text is not what to_base64() makes.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace loopgate
