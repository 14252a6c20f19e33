#include "inspection/gpio_pins.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <exception>

#include "target/service.h"

namespace loopgate::inspection {

namespace {

// The number of parts that may arrive while the loop is late: 3 s at 50 ms.
constexpr std::size_t events_kept = 64;

GpioPins request(const PinOptions& options, const std::string& path) {
  using target::LineUse;
  // One event per read, so that the wakeup time belongs to that part even when several are waiting.
  target::EventBuffer buffer(gpiod_edge_event_buffer_new(1));
  if (!buffer) throw std::bad_alloc();
  target::LineRequest arrival =
      target::request_line(path, options.arrival, options.arrival_name.c_str(), LineUse::rising_edges,
                           events_kept, options.edge == target::falling_edge);
  target::LineRequest valid =
      target::request_line(path, options.valid, options.valid_name.c_str(), LineUse::output_low);
  target::LineRequest verdict =
      target::request_line(path, options.verdict, options.verdict_name.c_str(), LineUse::output_low);
  return {std::make_unique<GpioArrivalPin>(std::move(arrival), std::move(buffer)),
          std::make_unique<GpioVerdictPins>(options, std::move(valid), std::move(verdict))};
}

// Explains in words what the kernel's error number would only hint at; empty when the lines are free.
std::string why_not_lines(const PinOptions& options, const std::string& path) {
  if (options.arrival == options.valid || options.arrival == options.verdict ||
      options.valid == options.verdict)
    return "arrival, valid and verdict must be three different lines";
  const gpiod::chip chip(path);
  for (const unsigned line : {options.arrival, options.valid, options.verdict})
    if (std::string why = target::why_not(chip, line); !why.empty()) return why;
  return {};
}

}  // namespace

Arrival GpioArrivalPin::wait(std::uint64_t* number) {
  while (target::stop_requested == 0) {
    const int got = gpiod_line_request_read_edge_events(line_.get(), buffer_.get(), 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 1) return Arrival::failed;
    *number = gpiod_edge_event_get_line_seqno(gpiod_edge_event_buffer_get_event(buffer_.get(), 0));
    return Arrival::part;
  }
  return Arrival::stopped;
}

void GpioArrivalPin::stop() { ::kill(::getpid(), SIGALRM); }

bool GpioVerdictPins::show(Decision decision) {
  const gpiod_line_value verdict =
      decision == Decision::ok ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
  return gpiod_line_request_set_value(verdict_.get(), verdict_number_, verdict) == 0 &&
         gpiod_line_request_set_value(valid_.get(), valid_number_, GPIOD_LINE_VALUE_ACTIVE) == 0 &&
         gpiod_line_request_set_value(valid_.get(), valid_number_, GPIOD_LINE_VALUE_INACTIVE) == 0;
}

Result<GpioPins> open_pins(const PinOptions& options) {
  try {  // libgpiod's C++ bindings report errors by exception
    const std::string path = target::find_gpio_chip(options.chip);
    if (path.empty()) return fail(target::exit_no_line, "no GPIO chip is labelled or named " + options.chip);
    if (std::string why = why_not_lines(options, path); !why.empty()) return fail(target::exit_no_line, why);
    return request(options, path);
  } catch (const std::exception& error) {
    return fail(target::exit_no_line, error.what());
  }
}

}  // namespace loopgate::inspection
