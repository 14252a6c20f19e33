// The GPIO character device's calls (uAPI v2), on one output line, without libgpiod in between.
//
// The event that is read is that of a line whose configuration was changed, and not an edge: an edge takes
// somebody who drives the input, and on the virtual bench all inputs are the instrument's.
#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>

#include "primitive.h"
#include "target/gpio_chip.h"

namespace loopgate::primitives {
namespace {

class Chip : public Primitive {
 public:
  explicit Chip(const Settings& settings) : line_(settings.line) {
    const std::string path = settings.chip.empty() ? std::string() : target::find_gpio_chip(settings.chip);
    if (path.empty())
      throw Refused(target::exit_not_applicable, "there is no GPIO chip \"" + settings.chip + "\"");
    chip_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (chip_ < 0) refuse("open of the GPIO chip", target::exit_no_line);
  }
  ~Chip() { ::close(chip_); }
  Chip(const Chip&) = delete;
  Chip& operator=(const Chip&) = delete;

 protected:
  // Its descriptor; negative: it was refused.
  int request() const {
    gpio_v2_line_request wanted{};
    wanted.offsets[0] = line_;
    wanted.num_lines = 1;
    wanted.config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
    std::strncpy(wanted.consumer, "primitives", sizeof(wanted.consumer) - 1);
    return ::ioctl(chip_, GPIO_V2_GET_LINE_IOCTL, &wanted) == 0 ? wanted.fd : -1;
  }
  int chip() const { return chip_; }
  unsigned line_number() const { return line_; }

 private:
  unsigned line_;
  int chip_ = -1;
};

class Request : public Chip {
 public:
  explicit Request(const Settings& settings) : Chip(settings) {
    const int line = request();
    if (line < 0) refuse("GPIO_V2_GET_LINE", target::exit_no_line);
    ::close(line);
  }
  void iterate() {
    const int line = request();
    must(line >= 0, "GPIO_V2_GET_LINE");
    ::close(line);
  }
};

class Line : public Chip {
 public:
  explicit Line(const Settings& settings) : Chip(settings), line_(request()) {
    if (line_ < 0) refuse("GPIO_V2_GET_LINE", target::exit_no_line);
  }
  ~Line() { ::close(line_); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

 protected:
  int line() const { return line_; }

 private:
  int line_;
};

class Get : public Line {
 public:
  explicit Get(const Settings& settings) : Line(settings) {}
  void iterate() {
    gpio_v2_line_values values{0, 1};
    must(::ioctl(line(), GPIO_V2_LINE_GET_VALUES_IOCTL, &values) == 0, "GPIO_V2_LINE_GET_VALUES");
  }
};

// Always to what the line is already: no edge, which an instrument would take for an answer.
class Set : public Line {
 public:
  explicit Set(const Settings& settings) : Line(settings) {}
  void iterate() {
    gpio_v2_line_values values{0, 1};
    must(::ioctl(line(), GPIO_V2_LINE_SET_VALUES_IOCTL, &values) == 0, "GPIO_V2_LINE_SET_VALUES");
  }
};

class Event : public Line {
 public:
  explicit Event(const Settings& settings) : Line(settings) {
    gpio_v2_line_info watched{};
    watched.offset = line_number();
    if (::ioctl(chip(), GPIO_V2_GET_LINEINFO_WATCH_IOCTL, &watched) != 0)
      refuse("GPIO_V2_GET_LINEINFO_WATCH", target::exit_no_line);
  }
  void iterate() {
    gpio_v2_line_config config{};
    config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
    must(::ioctl(line(), GPIO_V2_LINE_SET_CONFIG_IOCTL, &config) == 0, "GPIO_V2_LINE_SET_CONFIG");
    gpio_v2_line_info_changed event;
    must(::read(chip(), &event, sizeof(event)) == sizeof(event) &&
             event.event_type == GPIO_V2_LINE_CHANGED_CONFIG,
         "read of a line's event");
  }
};

}  // namespace

std::vector<Entry> gpio() {
  return {entry<Request>("gpio-request", "a GPIO line is requested as an output, and released"),
          entry<Get>("gpio-get", "a GPIO line's value is read"),
          entry<Set>("gpio-set", "a GPIO line's value is set, to what it is"),
          entry<Event>("gpio-event", "a GPIO line's configuration is changed, and the event of it is read")};
}

}  // namespace loopgate::primitives
