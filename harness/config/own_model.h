// A model, or pictures, of the user's own in a suite that runs a model: another suite, written beside the
// run, so that whatever reads the run finds what was measured.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/suite.h"

namespace loopgate {

// What the payload's model is, and what its output means (reference-app/README.md).
struct OwnModel {
  std::filesystem::path model;   // empty: the suite's own
  std::filesystem::path labels;  // one a line
  std::vector<std::string> ok_classes;
  std::optional<double> ok_above, ok_below;
  bool raw = false;
  std::string mean, deviation;
  std::string engine;
  std::filesystem::path images;        // a folder of pictures as frames; empty: the suite's camera
  std::filesystem::path image_labels;  // what they show, one a line; empty: the folders in it say so
  std::int64_t deadline_us = 0;        // 0: the suite's own
  std::string preprocess;              // the thread that does it; empty: the suite's own
  std::optional<unsigned> preprocess_cpu;

  bool is_asked_for() const {
    return !model.empty() || !images.empty() || deadline_us > 0 || !preprocess.empty();
  }
};

// Writes `folder`/NAME/suite.toml, with copies of the model, its labels and the pictures beside it, and gives
// that folder.
// A deadline that is longer than the suite's stretches its beat and its time limit alike; back to back there
// is no beat. Writing the same again changes nothing.
Result<std::filesystem::path> write_suite_with(const OwnModel& own, const Suite& suite,
                                               const std::filesystem::path& folder);

}  // namespace loopgate
