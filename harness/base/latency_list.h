// Latencies in the order of time, which a run has tens of millions of: in four bytes each, as long as all of
// them are below 4.2 s. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace loopgate {

// Of a stimulus without an answer: above every other.
inline constexpr std::int64_t no_answer_ns = std::numeric_limits<std::int64_t>::max();

namespace detail {
inline constexpr std::uint32_t narrow_no_answer = std::numeric_limits<std::uint32_t>::max();
}

// Of a list that lives longer.
class LatencyView {
 public:
  LatencyView(const std::vector<std::int64_t>& latencies)  // a vector is a list, too
      : wide_(latencies.data()), size_(latencies.size()) {}
  LatencyView(std::vector<std::int64_t>&&) = delete;  // it would be gone
  explicit LatencyView(const std::vector<std::uint32_t>& narrow)
      : narrow_(narrow.data()), size_(narrow.size()) {}

  std::size_t size() const { return size_; }
  std::int64_t operator[](std::size_t at) const {
    if (narrow_ == nullptr) return wide_[at];
    return narrow_[at] == detail::narrow_no_answer ? no_answer_ns : std::int64_t{narrow_[at]};
  }

 private:
  const std::uint32_t* narrow_ = nullptr;  // null: they are in `wide_`
  const std::int64_t* wide_ = nullptr;
  std::size_t size_ = 0;
};

class LatencyList {
 public:
  void reserve(std::size_t size) { is_wide_ ? wide_.reserve(size) : narrow_.reserve(size); }

  void push_back(std::int64_t ns) {
    if (!is_wide_ && !is_narrow(ns)) widen();
    is_wide_ ? wide_.push_back(ns) : narrow_.push_back(narrowed(ns));
  }

  void set(std::size_t at, std::int64_t ns) {
    if (!is_wide_ && !is_narrow(ns)) widen();
    if (is_wide_) {
      wide_[at] = ns;
    } else {
      narrow_[at] = narrowed(ns);
    }
  }

  std::size_t size() const { return view().size(); }
  std::int64_t operator[](std::size_t at) const { return view()[at]; }
  LatencyView view() const { return is_wide_ ? LatencyView(wide_) : LatencyView(narrow_); }
  // How many bytes they take.
  std::size_t bytes() const {
    return narrow_.capacity() * sizeof(std::uint32_t) + wide_.capacity() * sizeof(std::int64_t);
  }

 private:
  static bool is_narrow(std::int64_t ns) {
    return ns == no_answer_ns || (ns >= 0 && ns < std::int64_t{detail::narrow_no_answer});
  }
  static std::uint32_t narrowed(std::int64_t ns) {
    return ns == no_answer_ns ? detail::narrow_no_answer : static_cast<std::uint32_t>(ns);
  }
  void widen() {
    const LatencyView before(narrow_);
    wide_.reserve(narrow_.capacity());
    for (std::size_t i = 0; i < before.size(); ++i) wide_.push_back(before[i]);
    std::vector<std::uint32_t>().swap(narrow_);
    is_wide_ = true;
  }

  std::vector<std::uint32_t> narrow_;
  std::vector<std::int64_t> wide_;
  bool is_wide_ = false;
};

}  // namespace loopgate
