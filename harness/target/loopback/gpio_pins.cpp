#include "target/loopback/gpio_pins.h"

#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "protocol/clock_pair.h"
#include "target/service.h"

namespace loopgate {
namespace {

// What the kernel keeps for us. One edge comes between two looks, unless the payload answers unasked.
constexpr std::size_t kernel_keeps = 256;

bool read_level(const target::LineRequest& request, unsigned line, bool* high) {
  const gpiod_line_value value = gpiod_line_request_get_value(request.get(), line);
  *high = value == GPIOD_LINE_VALUE_ACTIVE;
  return value != GPIOD_LINE_VALUE_ERROR;
}

}  // namespace

EdgeInput::EdgeInput(const std::string& chip, unsigned line, const char* consumer, bool active_low)
    : line_(line),
      request_(target::request_line(chip, line, consumer, target::LineUse::rising_edges, kernel_keeps,
                                    active_low)),
      buffer_(gpiod_edge_event_buffer_new(kernel_keeps)) {
  if (!buffer_) throw std::system_error(ENOMEM, std::generic_category(), "room for edges");
}

bool EdgeInput::take(std::vector<std::int64_t>* stamps_ns, std::string* problem) {
  for (;;) {
    const int ready = gpiod_line_request_wait_edge_events(request_.get(), 0);
    if (ready == 0 || (ready < 0 && errno == EINTR)) return true;
    const int got =
        ready < 0 ? -1 : gpiod_line_request_read_edge_events(request_.get(), buffer_.get(), kernel_keeps);
    if (got < 0) {
      *problem = "line " + std::to_string(line_) + " failed: " + std::strerror(errno);
      return false;
    }
    for (int i = 0; i < got; ++i) {
      gpiod_edge_event* event =
          gpiod_edge_event_buffer_get_event(buffer_.get(), static_cast<unsigned long>(i));
      const std::uint64_t number = gpiod_edge_event_get_line_seqno(event);
      if (number != expected_) {
        *problem = "the kernel had no room for " + std::to_string(number - expected_) + " edges of line " +
                   std::to_string(line_);
        return false;
      }
      ++expected_;
      stamps_ns->push_back(static_cast<std::int64_t>(gpiod_edge_event_get_timestamp_ns(event)));
    }
  }
}

bool EdgeInput::wait_until(std::int64_t until_ns, std::string* problem) {
  const std::int64_t left_ns = std::max<std::int64_t>(until_ns - now_ns(), 0);
  if (gpiod_line_request_wait_edge_events(request_.get(), left_ns) >= 0 || errno == EINTR) return true;
  *problem = "line " + std::to_string(line_) + " failed: " + std::strerror(errno);
  return false;
}

bool EdgeInput::read(bool* high) const { return read_level(request_, line_, high); }

LevelInput::LevelInput(const std::string& chip, unsigned line, const char* consumer)
    : line_(line), request_(target::request_line(chip, line, consumer, target::LineUse::level)) {}

bool LevelInput::read(bool* high) const { return read_level(request_, line_, high); }

Output::Output(const std::string& chip, unsigned line, const char* consumer, bool active_low)
    : line_(line),
      request_(target::request_line(chip, line, consumer, target::LineUse::output_low, 0, active_low)) {}

bool Output::set(bool high) {
  return gpiod_line_request_set_value(request_.get(), line_,
                                      high ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE) == 0;
}

GpioPins::GpioPins(const std::string& chip, unsigned stimulus_out, unsigned response_in, bool falls)
    : stimulus_(chip, stimulus_out, "loopback-out", falls), response_(chip, response_in, "loopback") {}

std::string GpioPins::open_decisions(const std::string& chip, unsigned verdict_in,
                                     const std::string& records) {
  verdict_.emplace(chip, verdict_in, "loopback-verdict");
  return records_.open(records);
}

std::int64_t GpioPins::now_ns() { return loopgate::now_ns(); }

void GpioPins::sleep_until(std::int64_t ns) {
  const timespec until{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
}

bool GpioPins::told_to_stop() { return target::stop_requested != 0; }

bool GpioPins::set_stimulus(bool high) {
  if (stimulus_.set(high)) return true;
  problem_ = std::string("the stimulus's line failed: ") + std::strerror(errno);
  return false;
}

bool GpioPins::take_responses(std::vector<std::int64_t>* stamps_ns) {
  return response_.take(stamps_ns, &problem_);
}

bool GpioPins::wait_for_response(std::int64_t until_ns) { return response_.wait_until(until_ns, &problem_); }

bool GpioPins::see_decision(SeenDecision* seen) {
  seen->frame = records_.latest_frame();
  if (verdict_->read(&seen->ok)) return true;
  problem_ = std::string("the verdict's line failed: ") + std::strerror(errno);
  return false;
}

}  // namespace loopgate
