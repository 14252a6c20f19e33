// What the values of a network's output mean: how much speaks for OK, and how much for NG.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/network.h"
#include "inspection/error.h"
#include "task/scores.h"

namespace loopgate::inspection {

struct TaskOptions {
  std::vector<std::string> labels = {};      // one for each value of the output; empty: the file's, or none
  std::vector<std::string> ok_classes = {};  // labels or numbers; the class with the largest value decides
  std::optional<float> ok_above = {};        // of an output with one value
  std::optional<float> ok_below = {};
  bool raw = false;  // no classifier: every part is OK, so that times can be measured

  // Whether the file alone says what is OK.
  bool is_of_file() const { return ok_classes.empty() && !ok_above && !ok_below && !raw; }
};

class Task {
 public:
  // By the options; else, if one of the labels is "OK", that class is. `output` is the network's, `metadata`
  // its file's: classes = "NG,OK". Failures refer to the file as `name`. Fails with exit_model.
  static Result<Task> of(const TaskOptions& options, const Activation& output,
                         const std::map<std::string, std::string>& metadata, const std::string& name);

  // Does not allocate. `output` has as many values as the network's.
  Scores judge(std::span<const std::int8_t> output) const;

  // The class with the largest value, the first of equals.
  std::size_t top(std::span<const std::int8_t> output) const;
  float value(std::int8_t quantised) const { return static_cast<float>(quantised - zero_point_) * scale_; }
  bool is_raw() const { return kind_ == Kind::raw; }
  // More than NG and OK.
  bool has_classes() const { return kind_ == Kind::classes && is_ok_.size() > 2; }
  const std::vector<std::string>& labels() const { return labels_; }

 private:
  enum class Kind { classes, above, below, raw };

  Kind kind_ = Kind::raw;
  float scale_ = 1;
  int zero_point_ = 0;
  float threshold_ = 0;
  std::vector<bool> is_ok_;  // of each class
  std::vector<std::string> labels_;
};

}  // namespace loopgate::inspection
