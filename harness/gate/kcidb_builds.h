// The kernels of a run as KCIDB's builds, and their sources as its checkouts: a test is valid there when its
// build and that build's checkout are known.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "record/run_record.h"

namespace loopgate {

// By its image's SHA-256, which whoever built it can name as well; by its name where the image is not known.
std::string kcidb_build_id(const RunRecord& run, const std::string& kernel, const std::string& origin);

struct KcidbBuilds {
  nlohmann::ordered_json checkouts = nlohmann::ordered_json::array();
  nlohmann::ordered_json builds = nlohmann::ordered_json::array();
};

// Of the kernels whose source is known: those built from a tree here, and those of a Debian package. The
// source of somebody's own image is not, and no build is claimed.
KcidbBuilds kcidb_builds(const RunRecord& run, const std::string& origin);

}  // namespace loopgate
