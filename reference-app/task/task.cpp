#include "task/task.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <sstream>
#include <utility>

namespace loopgate::inspection {

namespace {

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream words(text);
  for (std::string part; std::getline(words, part, ',');) parts.push_back(part);
  return parts;
}

std::optional<std::size_t> class_of(const std::string& name, const std::vector<std::string>& labels,
                                    std::size_t count) {
  const auto found = std::ranges::find(labels, name);
  if (found != labels.end()) return static_cast<std::size_t>(found - labels.begin());
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size() || number >= count) return {};
  return number;
}

std::string values_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " value" : " values");
}

}  // namespace

Result<Task> Task::of(const TaskOptions& options, const Activation& output,
                      const std::map<std::string, std::string>& metadata, const std::string& name) {
  const std::size_t count = count_of(output.shape);
  const auto refuse = [&](const std::string& why) { return fail(exit_model, name + ": " + why); };
  Task task;
  task.scale_ = output.scale;
  task.zero_point_ = output.zero_point;
  const auto classes = metadata.find("classes");
  task.labels_ = options.labels;
  if (task.labels_.empty() && classes != metadata.end()) task.labels_ = split(classes->second);
  if (!task.labels_.empty() && task.labels_.size() != count)
    return refuse("its output has " + values_text(count) + ", but there are " +
                  std::to_string(task.labels_.size()) + " labels");
  if (options.raw) return task;
  if (options.ok_above || options.ok_below) {
    if (count != 1)
      return refuse("its output has " + values_text(count) +
                    ", so a threshold does not fit; name the good classes");
    task.kind_ = options.ok_above ? Kind::above : Kind::below;
    task.threshold_ = options.ok_above ? *options.ok_above : *options.ok_below;
    return task;
  }
  std::vector<std::string> good = options.ok_classes;
  if (good.empty() && std::ranges::count(task.labels_, "OK") == 1) good = {"OK"};
  if (good.empty())
    return refuse(
        "its output has " + values_text(count) +
        ", and nothing says which of them mean OK: name them (--ok-classes), give a threshold of one value "
        "(--ok-above, --ok-below), or measure times alone (--raw)");
  task.kind_ = Kind::classes;
  task.is_ok_.resize(count);
  for (const std::string& one : good) {
    const std::optional<std::size_t> place = class_of(one, task.labels_, count);
    if (!place)
      return refuse("has no class \"" + one + "\"; its output has " + values_text(count) +
                    (task.labels_.empty() ? ", and there are no labels" : ""));
    task.is_ok_[*place] = true;
  }
  if (std::ranges::count(task.is_ok_, true) == static_cast<std::ptrdiff_t>(count))
    return refuse("every class is OK, so no part could be refused");
  return task;
}

Scores Task::judge(std::span<const std::int8_t> output) const {
  if (kind_ == Kind::raw) return {0, 1};
  if (kind_ == Kind::above) return {threshold_, value(output[0])};
  if (kind_ == Kind::below) return {value(output[0]), threshold_};
  int ng = std::numeric_limits<int>::min(), ok = ng;
  for (std::size_t i = 0; i < output.size(); ++i) {
    int& best = is_ok_[i] ? ok : ng;
    best = std::max<int>(best, output[i]);
  }
  return {static_cast<float>(ng - zero_point_) * scale_, static_cast<float>(ok - zero_point_) * scale_};
}

std::size_t Task::top(std::span<const std::int8_t> output) const {
  return static_cast<std::size_t>(std::ranges::max_element(output) - output.begin());
}

}  // namespace loopgate::inspection
