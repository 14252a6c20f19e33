#include "target/agent/control_pins.h"

#include <exception>
#include <string>

#include "target/gpio_chip.h"

namespace loopgate {
namespace {

constexpr const char* consumer = "control";

gpiod::line_request request_in(gpiod::chip& chip, unsigned line) {
  gpiod::line_settings settings;
  settings.set_direction(gpiod::line::direction::INPUT).set_edge_detection(gpiod::line::edge::RISING);
  return chip.prepare_request().set_consumer(consumer).add_line_settings(line, settings).do_request();
}

gpiod::line_request request_out(gpiod::chip& chip, unsigned line) {
  gpiod::line_settings settings;
  settings.set_direction(gpiod::line::direction::OUTPUT).set_output_value(gpiod::line::value::INACTIVE);
  return chip.prepare_request().set_consumer(consumer).add_line_settings(line, settings).do_request();
}

}  // namespace

Result<ControlPins> ControlPins::open(const std::string& chip, unsigned line_in, unsigned line_out) {
  const std::string path = target::find_gpio_chip(chip);
  if (path.empty()) return fail(ErrorKind::infrastructure, "no GPIO chip is labelled or named " + chip);
  try {  // the bindings report by exception; it goes no further than here
    gpiod::chip opened(path);
    gpiod::line_request in = request_in(opened, line_in);
    return ControlPins(std::move(in), request_out(opened, line_out), line_out);
  } catch (const std::exception& error) {
    return fail(ErrorKind::infrastructure, chip + ": the control lines " + std::to_string(line_in) + " and " +
                                               std::to_string(line_out) + " can't be had: " + error.what());
  }
}

bool ControlPins::pulse() {
  try {
    out_.set_value(line_out_, gpiod::line::value::ACTIVE);
    out_.set_value(line_out_, gpiod::line::value::INACTIVE);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace loopgate
