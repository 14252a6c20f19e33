// A board whose time is a number: it answers each stimulus as the test says, and the kernel hands its stamps
// over when the test says so.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "target/loopback/pins.h"

namespace loopgate {

class FakeBoard : public LoopbackPins {
 public:
  struct Answer {
    std::int64_t after_ns = 0;  // the stimulus, to the edge's stamp
    std::int64_t late_ns = 0;   // from the stamp until the program can read it
  };
  // By the number of the stimulus, from 0. Nothing: no answer.
  std::function<std::optional<Answer>(std::size_t)> answer = [](std::size_t) { return Answer{20'000, 0}; };
  // What is seen of a decision once so many edges were sent.
  std::function<SeenDecision(std::size_t)> verdict = [](std::size_t edges) {
    return SeenDecision{true, edges};
  };
  std::int64_t set_takes_ns = 700;
  std::int64_t wakes_after_ns = 3'000;  // its due time
  std::size_t stops_at = SIZE_MAX;      // told to stop once so many stimuli were sent
  std::string problem_text;             // set: the next call fails

  std::int64_t now_ns() override { return now_ns_; }
  void sleep_until(std::int64_t ns) override {
    if (ns > now_ns_) now_ns_ = ns + wakes_after_ns;
  }
  bool told_to_stop() override { return sent.size() >= stops_at; }
  bool set_stimulus(bool high) override {
    if (high && !high_) {
      sent.push_back(now_ns_);
      if (const auto planned = answer(sent.size() - 1))
        add_edge(now_ns_ + planned->after_ns, planned->late_ns);
    }
    high_ = high;
    now_ns_ += set_takes_ns;
    return problem_text.empty();
  }
  bool take_responses(std::vector<std::int64_t>* stamps_ns) override {
    while (!edges_.empty() && edges_.front().second <= now_ns_) {
      stamps_ns->push_back(edges_.front().first);
      edges_.erase(edges_.begin());
    }
    return problem_text.empty();
  }
  bool wait_for_response(std::int64_t until_ns) override {
    const std::int64_t end_ns = edges_.empty() ? until_ns : std::min(until_ns, edges_.front().second);
    now_ns_ = std::max(now_ns_, end_ns) + std::exchange(stall_ns_, 0);
    return problem_text.empty();
  }
  bool see_decision(SeenDecision* seen) override {
    *seen = verdict(sent.size());
    return problem_text.empty();
  }
  std::string problem() const override { return problem_text; }

  // From the next wait on, it goes on so much later than it was to.
  void stall(std::int64_t ns) { stall_ns_ = ns; }
  void add_edge(std::int64_t stamp_ns, std::int64_t late_ns) {
    edges_.emplace_back(stamp_ns, stamp_ns + late_ns);
    std::ranges::sort(edges_);
  }

  std::vector<std::int64_t> sent;  // when each stimulus was set

 private:
  std::int64_t now_ns_ = 5'000'000;
  std::int64_t stall_ns_ = 0;
  bool high_ = false;
  std::vector<std::pair<std::int64_t, std::int64_t>> edges_;  // stamp, when it can be read
};

}  // namespace loopgate
