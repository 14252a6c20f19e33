// The pins as lines of a GPIO chip. The loop uses libgpiod's C functions, because the C++ ones allocate.
#pragma once

#include <memory>
#include <string>

#include "inspection/error.h"
#include "inspection/pins.h"
#include "target/gpio_chip.h"

namespace loopgate::inspection {

// An irq thread is named after its line's consumer, so tuning finds it by these names.
struct PinOptions {
  std::string chip;  // label, name or path
  unsigned arrival = 0;
  std::string edge = target::rising_edge;  // of arrival
  unsigned valid = 0;
  unsigned verdict = 0;
  std::string arrival_name = "arrival";
  std::string valid_name = "valid";
  std::string verdict_name = "verdict";
};

class GpioArrivalPin : public ArrivalPin {
 public:
  GpioArrivalPin(target::LineRequest line, target::EventBuffer buffer)
      : line_(std::move(line)), buffer_(std::move(buffer)) {}
  Arrival wait(std::uint64_t* number) override;
  // By the signal that stop_on_signals() repeats until the wait has ended.
  void stop() override;

 private:
  target::LineRequest line_;
  target::EventBuffer buffer_;
};

class GpioVerdictPins : public VerdictPins {
 public:
  GpioVerdictPins(const PinOptions& options, target::LineRequest valid, target::LineRequest verdict)
      : valid_number_(options.valid),
        verdict_number_(options.verdict),
        valid_(std::move(valid)),
        verdict_(std::move(verdict)) {}
  bool show(Decision decision) override;

 private:
  unsigned valid_number_;
  unsigned verdict_number_;
  target::LineRequest valid_;
  target::LineRequest verdict_;
};

struct GpioPins {
  std::unique_ptr<ArrivalPin> arrival;
  std::unique_ptr<VerdictPins> verdict;
};

// Fails with exit_no_line.
Result<GpioPins> open_pins(const PinOptions& options);

}  // namespace loopgate::inspection
