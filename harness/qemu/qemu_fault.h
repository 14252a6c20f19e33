// Whose fault it was that a guest in QEMU did not come to its end: the error to tell, with its kind.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "qemu/instrument.h"
#include "qemu/qemu_session.h"

namespace loopgate {

// QEMU ended although nobody told it to.
Error why_ended(const QemuEnded& end, const std::filesystem::path& console);

// The guest fell silent, as the instrument says.
Error why_silent(const InstrumentEvent& event, const std::filesystem::path& console);

}  // namespace loopgate
