#include "target/loopback/wire_check.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "schedule/pulse_train.h"

namespace loopgate {
namespace {

using nlohmann::json;

// An edge's way through the kernel, on a board under load.
constexpr std::int64_t edge_within_ns = 100'000'000;
// How long the other input is listened to, where a swapped wire would show.
constexpr std::int64_t listen_ns = 10'000'000;
constexpr std::uint32_t pulses_max = 100'000;

constexpr Wire other(Wire wire) { return wire == Wire::stimulus ? Wire::response : Wire::stimulus; }

struct Seen {
  std::size_t own = 0;
  std::size_t other = 0;
};

// Raises one output and looks at both inputs.
bool look(WirePins* pins, Wire wire, Seen* seen) {
  std::vector<std::int64_t> own, others;
  if (!pins->take(wire, &own) || !pins->take(other(wire), &others)) return false;
  own.clear();
  others.clear();
  if (!pins->set(wire, true) || !pins->wait_for(wire, pins->now_ns() + edge_within_ns)) return false;
  if (!pins->wait_for(other(wire), pins->now_ns() + listen_ns)) return false;
  if (!pins->take(wire, &own) || !pins->take(other(wire), &others) || !pins->set(wire, false)) return false;
  *seen = {own.size(), others.size()};
  return true;
}

std::string what_is_wrong(const WirePins& pins, Wire wire, const Seen& seen) {
  const std::string from = pins.output_of(wire), to = pins.input_of(wire),
                    astray = pins.input_of(other(wire));
  if (seen.own == 0 && seen.other == 0)
    return "nothing arrives at " + to + " when " + from + " rises: the wire between them is missing";
  if (seen.own == 0)
    return "the wire from " + from + " leads to " + astray + " and not to " + to + ": the wires are swapped";
  if (seen.other != 0)
    return "the wire from " + from + " leads to " + to + " and to " + astray + ", which must not be joined";
  if (seen.own != 1)
    return to + " rose " + std::to_string(seen.own) + " times when " + from + " rose once: a loose contact?";
  return {};
}

std::string find_wires(WirePins* pins) {
  for (const Wire wire : {Wire::stimulus, Wire::response}) {
    Seen seen;
    if (!look(pins, wire, &seen)) return pins->problem();
    if (std::string wrong = what_is_wrong(*pins, wire, seen); !wrong.empty()) return wrong;
  }
  return {};
}

// The one edge that this pulse made at the wire's input.
std::string take_edge(WirePins* pins, Wire wire, std::int64_t not_before_ns, std::int64_t* stamp_ns) {
  std::vector<std::int64_t> stamps_ns;
  if (!pins->wait_for(wire, pins->now_ns() + edge_within_ns) || !pins->take(wire, &stamps_ns))
    return pins->problem();
  if (stamps_ns.size() != 1)
    return pins->input_of(wire) + " rose " + std::to_string(stamps_ns.size()) + " times when " +
           pins->output_of(wire) + " rose once";
  *stamp_ns = stamps_ns.front();
  if (*stamp_ns >= not_before_ns) return {};
  return "the kernel stamped an edge of " + pins->input_of(wire) + " " +
         std::to_string(not_before_ns - *stamp_ns) +
         " ns before it was made: its stamps are of another clock";
}

std::string send(WirePins* pins, std::uint32_t number, WirePulse* pulse) {
  pulse->known_ns = PulseTrain::known_delay_ns(number);
  pulse->before_ns = pins->now_ns();
  if (!pins->set(Wire::stimulus, true)) return pins->problem();
  pulse->after_ns = pins->now_ns();
  do {
    pulse->answer_ns = pins->now_ns();
  } while (pulse->answer_ns - pulse->before_ns < pulse->known_ns);
  if (!pins->set(Wire::response, true)) return pins->problem();
  std::string problem = take_edge(pins, Wire::stimulus, pulse->before_ns, &pulse->stimulus_edge_ns);
  if (problem.empty()) problem = take_edge(pins, Wire::response, pulse->answer_ns, &pulse->response_edge_ns);
  if (problem.empty() && (!pins->set(Wire::stimulus, false) || !pins->set(Wire::response, false)))
    problem = pins->problem();
  return problem;
}

json figures_of(std::vector<std::int64_t> values) {
  if (values.empty()) return nullptr;
  std::ranges::sort(values);
  return {{"min", values.front()}, {"p50", values[(values.size() - 1) / 2]}, {"max", values.back()}};
}

json json_of(const WirePulse& pulse) {
  return {{"known_ns", pulse.known_ns},   {"before_ns", pulse.before_ns},
          {"after_ns", pulse.after_ns},   {"stimulus_edge_ns", pulse.stimulus_edge_ns},
          {"answer_ns", pulse.answer_ns}, {"response_edge_ns", pulse.response_edge_ns}};
}

WirePulse pulse_in(const json& entry) {
  WirePulse pulse;
  entry.at("known_ns").get_to(pulse.known_ns);
  entry.at("before_ns").get_to(pulse.before_ns);
  entry.at("after_ns").get_to(pulse.after_ns);
  entry.at("stimulus_edge_ns").get_to(pulse.stimulus_edge_ns);
  entry.at("answer_ns").get_to(pulse.answer_ns);
  entry.at("response_edge_ns").get_to(pulse.response_edge_ns);
  return pulse;
}

}  // namespace

WireCheck check_wires(WirePins* pins, std::uint32_t pulses) {
  WireCheck check;
  check.problem = find_wires(pins);
  for (std::uint32_t number = 0; number < std::min(pulses, pulses_max) && check.problem.empty(); ++number) {
    WirePulse pulse;
    check.problem = send(pins, number, &pulse);
    if (check.problem.empty()) check.pulses.push_back(pulse);
  }
  return check;
}

std::string to_json(const WireCheck& check, bool with_pulses) {
  std::vector<std::int64_t> stimulus, response, set;
  json pulses = json::array();
  for (const WirePulse& pulse : check.pulses) {
    stimulus.push_back(pulse.stimulus_edge_ns - pulse.before_ns);
    response.push_back(pulse.response_edge_ns - pulse.answer_ns);
    set.push_back(pulse.after_ns - pulse.before_ns);
    pulses.push_back(json_of(pulse));
  }
  json document = {{"format", 1},
                   {"passed", check.problem.empty()},
                   {"problem", check.problem},
                   {"pulses_sent", check.pulses.size()},
                   {"set_ns", figures_of(set)},
                   {"stimulus_to_edge_ns", figures_of(stimulus)},
                   {"response_to_edge_ns", figures_of(response)}};
  if (with_pulses) document["pulses"] = std::move(pulses);
  return document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string read_wire_check(const std::string& path, WireCheck* check) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return path + ": cannot be read: run loopback check first, with --out " + path;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  try {  // nlohmann-json reports by exception; it goes no further than here
    const json document = json::parse(text);
    document.at("problem").get_to(check->problem);
    if (!document.at("passed").get<bool>())
      return path + ": the check of the wires did not pass: " + check->problem;
    for (const json& entry : document.at("pulses")) check->pulses.push_back(pulse_in(entry));
  } catch (const json::exception& error) {
    return path + ": is no word of loopback check: " + error.what();
  }
  return {};
}

}  // namespace loopgate
