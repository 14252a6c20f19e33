#include "explain/export/frame_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace loopgate {
namespace {

// The functions of a call chain, outermost first.
std::vector<std::uint32_t> functions_of(const ExplainedSample& sample, std::uint32_t chain) {
  std::vector<std::uint32_t> functions;
  // A node comes after its parent; what doesn't would never end.
  while (chain != 0 && chain < sample.chains.size()) {
    const CallNode& node = sample.chains[chain];
    functions.push_back(node.function);
    if (node.parent >= chain) break;
    chain = node.parent;
  }
  std::reverse(functions.begin(), functions.end());
  return functions;
}

template <class T>
std::size_t common_length(const std::vector<T>& one, const std::vector<T>& other) {
  const auto parts = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
  return static_cast<std::size_t>(parts.first - one.begin());
}

class Walk {
 public:
  explicit Walk(const ExplainedSample& sample) : sample_(sample) {}

  std::vector<FrameEvent> events() {
    for (const Span& span : sample_.spans) {
      if (span.end_ns > span.begin_ns) enter(span);
    }
    close_down_to(0, end_ns_);
    return std::move(events_);
  }

 private:
  void enter(const Span& span) {
    std::vector<std::uint32_t> functions = functions_of(sample_, span.chain);
    // The idle tasks of two CPUs are one task here.
    if (span.cpu != cpu_) close_down_to(0, span.begin_ns);
    const bool same_task = !open_.empty() && span.task == task_;
    if (span.interrupt && !(same_task && interrupt_)) {
      // What it interrupted is what ran until now; before the sample's begin that isn't known.
      interrupted_ = same_task ? functions_ : std::vector<std::uint32_t>{};
    }
    std::vector<Frame> frames = {{Frame::Kind::task, span.task}};
    for (const std::uint32_t function : functions) frames.push_back({Frame::Kind::function, function});
    if (span.interrupt) {
      const auto depth = static_cast<std::ptrdiff_t>(1 + common_length(interrupted_, functions));
      frames.insert(frames.begin() + depth, Frame{Frame::Kind::interrupt, 0});
    }
    close_down_to(common_length(open_, frames), span.begin_ns);
    task_ = span.task;
    cpu_ = span.cpu;
    while (open_.size() < frames.size()) {
      open_.push_back(frames[open_.size()]);
      events_.push_back({span.begin_ns, true, task_, open_.back()});
    }
    interrupt_ = span.interrupt;
    functions_ = std::move(functions);
    end_ns_ = span.end_ns;
  }

  void close_down_to(std::size_t depth, std::int64_t at_ns) {
    for (; open_.size() > depth; open_.pop_back()) events_.push_back({at_ns, false, task_, open_.back()});
  }

  const ExplainedSample& sample_;
  std::vector<FrameEvent> events_;
  std::vector<Frame> open_;
  std::vector<std::uint32_t> functions_;    // of the span before
  std::vector<std::uint32_t> interrupted_;  // of the span before the interrupt
  std::uint32_t task_ = 0;
  std::uint16_t cpu_ = 0;
  bool interrupt_ = false;
  std::int64_t end_ns_ = 0;
};

}  // namespace

std::vector<FrameEvent> frame_events(const ExplainedSample& sample) { return Walk(sample).events(); }

std::string task_label(const ExplainedSample& sample, std::uint32_t task) {
  if (task >= sample.tasks.size()) return "?";
  return fmt::format("{} ({})", sample.tasks[task].name, sample.tasks[task].pid);
}

std::string frame_label(const ExplainedSample& sample, const Frame& frame) {
  switch (frame.kind) {
    case Frame::Kind::task:
      return task_label(sample, frame.index);
    case Frame::Kind::interrupt:
      return "interrupt";
    case Frame::Kind::function:
      break;
  }
  return frame.index < sample.functions.size() ? sample.functions[frame.index] : "?";
}

std::string json_string(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace loopgate
