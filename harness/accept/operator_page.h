// What the person at the machine reads before an acceptance begins, and when it is through. Plain text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "accept/begin.h"

namespace loopgate {

// What is wired, what runs, how long it takes, and what to do when something is wrong.
std::string start_page(const PlannedAcceptance& planned, const std::filesystem::path& out);

enum class BundleIs { written_now, there_already };

// Which files are there, and what to do with them. `signature`: empty where it is not signed.
std::string end_page(const std::filesystem::path& bundle, BundleIs bundle_is,
                     const std::optional<std::filesystem::path>& statement,
                     const std::filesystem::path& signature);

}  // namespace loopgate
