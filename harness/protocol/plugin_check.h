// What `loopgate doctor` asks QEMU's plugin: whether this QEMU exports all that the instrument needs. The
// plugin answers by the status that it ends QEMU with; the names of what is missing are on standard error.
#pragma once

namespace loopgate {

inline constexpr const char* plugin_check_argument = "check=on";

// None is a status that QEMU ends with by itself.
enum class PluginCheck : int { complete = 40, incomplete = 41 };

}  // namespace loopgate
