#include "target/loopback/jumper_check.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json.h"
#include "schedule/pulse_train.h"

namespace loopgate {
namespace {

using nlohmann::json;

// An edge's way through the kernel. Beside 15 busy processes on the emulator's host it took above 100 ms in 3
// of 12 checks, whose jumpers were then called missing.
constexpr std::int64_t edge_timeout_ns = 1'000'000'000;
// How long the other inputs are listened to, where a swapped jumper would show.
constexpr std::int64_t listen_ns = 10'000'000;
constexpr std::uint32_t pulses_max = 100'000;
// Each lost edge takes its timeout. More than so many of the pulses are no chance: a contact is loose.
constexpr std::uint64_t lost_pulses_max = 5;
// By then it is known how many the bench loses.
constexpr std::uint64_t lost_edges_max = 30;

std::vector<Jumper> jumpers_of(const JumperPins& pins) {
  std::vector<Jumper> jumpers = {Jumper::stimulus, Jumper::response};
  if (pins.has_verdict()) jumpers.push_back(Jumper::verdict);
  return jumpers;
}

struct Seen {
  bool was_high = false;         // before the output rose
  bool stays_high = false;       // after it fell
  std::size_t own = 0;           // edges of its own input
  std::optional<Jumper> astray;  // another one whose input rose
};

bool take_all(JumperPins* pins, Jumper jumper, Seen* seen) {
  for (const Jumper each : jumpers_of(*pins)) {
    std::vector<std::int64_t> stamps_ns;
    if (!pins->take(each, &stamps_ns)) return false;
    if (each == jumper) {
      seen->own = stamps_ns.size();
    } else if (!stamps_ns.empty()) {
      seen->astray = each;
    }
  }
  return true;
}

// Raises one output and looks at all inputs.
bool look(JumperPins* pins, Jumper jumper, Seen* seen) {
  Seen before;
  if (!take_all(pins, jumper, &before) || !pins->read(jumper, &seen->was_high)) return false;
  if (!pins->set(jumper, true) || !pins->wait_for(jumper, pins->now_ns() + edge_timeout_ns)) return false;
  const std::int64_t listened_ns = pins->now_ns() + listen_ns;
  for (const Jumper each : jumpers_of(*pins))
    if (each != jumper && !pins->wait_for(each, listened_ns)) return false;
  return take_all(pins, jumper, seen) && pins->set(jumper, false) && pins->read(jumper, &seen->stays_high);
}

std::string what_is_wrong(const JumperPins& pins, Jumper jumper, const Seen& seen) {
  const std::string from = pins.output_of(jumper), to = pins.input_of(jumper),
                    astray = seen.astray ? pins.input_of(*seen.astray) : std::string();
  if (seen.own == 0 && seen.was_high)
    return to + " is high whether " + from + " is low or not: the jumper between them is missing, or " + to +
           " is joined to something else";
  if (seen.own == 0 && !seen.astray)
    return "nothing arrives at " + to + " when " + from + " rises: the jumper between them is missing";
  if (seen.own == 0)
    return "the jumper from " + from + " leads to " + astray + " and not to " + to +
           ": the jumpers are swapped";
  if (seen.astray)
    return "the jumper from " + from + " leads to " + to + " and to " + astray + ", which must not be joined";
  if (seen.own != 1)
    return to + " rose " + std::to_string(seen.own) + " times when " + from + " rose once: a loose contact?";
  if (seen.stays_high)
    return to + " stays high when " + from + " falls: it is held by something else than the jumper";
  return {};
}

std::string find_jumpers(JumperPins* pins) {
  for (const Jumper jumper : jumpers_of(*pins)) {
    Seen seen;
    if (!look(pins, jumper, &seen)) return pins->problem();
    if (std::string wrong = what_is_wrong(*pins, jumper, seen); !wrong.empty()) return wrong;
  }
  return {};
}

std::string read_verdict(JumperPins* pins, bool ok) {
  bool high = false;
  std::vector<std::int64_t> edges_ns;
  if (!pins->read(Jumper::verdict, &high) || !pins->take(Jumper::verdict, &edges_ns)) return pins->problem();
  if (high == ok) return {};
  return pins->input_of(Jumper::verdict) + " is " + (high ? "high" : "low") + " while " +
         pins->output_of(Jumper::verdict) + " is " + (ok ? "high" : "low") + ": a loose contact?";
}

// The one edge that this pulse made at the jumper's input; a lost one adds to `lost`.
std::string take_edge(JumperPins* pins, Jumper jumper, std::int64_t not_before_ns, std::int64_t* stamp_ns,
                      std::uint64_t* lost) {
  std::vector<std::int64_t> stamps_ns;
  if (!pins->wait_for(jumper, pins->now_ns() + edge_timeout_ns) || !pins->take(jumper, &stamps_ns))
    return pins->problem();
  if (stamps_ns.empty()) {
    ++*lost;
    return {};
  }
  if (stamps_ns.size() != 1)
    return pins->input_of(jumper) + " rose " + std::to_string(stamps_ns.size()) + " times when " +
           pins->output_of(jumper) + " rose once";
  *stamp_ns = stamps_ns.front();
  if (*stamp_ns >= not_before_ns) return {};
  return "the kernel stamped an edge of " + pins->input_of(jumper) + " " +
         std::to_string(not_before_ns - *stamp_ns) +
         " ns before it was made: its stamps are of another clock";
}

std::string lower(JumperPins* pins) {
  return pins->set(Jumper::stimulus, false) && pins->set(Jumper::response, false) ? "" : pins->problem();
}

std::string take_edges(JumperPins* pins, JumperPulse* pulse, JumperEdges* edges) {
  ++edges->sent;
  std::string problem =
      take_edge(pins, Jumper::stimulus, pulse->before_ns, &pulse->stimulus_edge_ns, &edges->stimulus_lost);
  if (problem.empty())
    problem =
        take_edge(pins, Jumper::response, pulse->answer_ns, &pulse->response_edge_ns, &edges->response_lost);
  return problem;
}

std::string send(JumperPins* pins, std::uint32_t number, JumperPulse* pulse, JumperEdges* edges) {
  pulse->known_ns = PulseTrain::known_delay_ns(number);
  // As the payload does: the verdict stands on its line before the response rises. OK and NG take turns.
  const bool ok = number % 2 == 0;
  if (pins->has_verdict() && !pins->set(Jumper::verdict, ok)) return pins->problem();
  pulse->before_ns = pins->now_ns();
  if (!pins->set(Jumper::stimulus, true)) return pins->problem();
  pulse->after_ns = pins->now_ns();
  do {
    pulse->answer_ns = pins->now_ns();
  } while (pulse->answer_ns - pulse->before_ns < pulse->known_ns);
  if (!pins->set(Jumper::response, true)) return pins->problem();
  std::string problem = take_edges(pins, pulse, edges);
  if (problem.empty() && pins->has_verdict()) problem = read_verdict(pins, ok);
  return problem.empty() ? lower(pins) : problem;
}

// One edge on each jumper.
std::string send_edges(JumperPins* pins, JumperEdges* edges) {
  JumperPulse pulse;
  pulse.before_ns = pulse.answer_ns = pins->now_ns();
  if (!pins->set(Jumper::stimulus, true) || !pins->set(Jumper::response, true)) return pins->problem();
  std::string problem = take_edges(pins, &pulse, edges);
  return problem.empty() ? lower(pins) : problem;
}

std::string too_many_lost(const JumperPins& pins, const JumperEdges& edges) {
  const bool of_stimulus = edges.stimulus_lost > edges.response_lost;
  const Jumper jumper = of_stimulus ? Jumper::stimulus : Jumper::response;
  return std::to_string(of_stimulus ? edges.stimulus_lost : edges.response_lost) + " of " +
         std::to_string(edges.sent) + " edges from " + pins.output_of(jumper) + " never came to " +
         pins.input_of(jumper) + ": a loose contact?";
}

json figures_of(std::vector<std::int64_t> values) {
  if (values.empty()) return nullptr;
  std::ranges::sort(values);
  return {{"min", values.front()}, {"p50", values[(values.size() - 1) / 2]}, {"max", values.back()}};
}

json json_of(const JumperPulse& pulse) {
  return {{"known_ns", pulse.known_ns},   {"before_ns", pulse.before_ns},
          {"after_ns", pulse.after_ns},   {"stimulus_edge_ns", pulse.stimulus_edge_ns},
          {"answer_ns", pulse.answer_ns}, {"response_edge_ns", pulse.response_edge_ns}};
}

JumperPulse pulse_in(const json& entry) {
  JumperPulse pulse;
  entry.at("known_ns").get_to(pulse.known_ns);
  entry.at("before_ns").get_to(pulse.before_ns);
  entry.at("after_ns").get_to(pulse.after_ns);
  entry.at("stimulus_edge_ns").get_to(pulse.stimulus_edge_ns);
  entry.at("answer_ns").get_to(pulse.answer_ns);
  entry.at("response_edge_ns").get_to(pulse.response_edge_ns);
  return pulse;
}

}  // namespace

JumperCheck check_jumpers(JumperPins* pins, std::uint32_t pulses, std::uint32_t edges) {
  JumperCheck check;
  check.problem = find_jumpers(pins);
  while (check.pulses.size() < std::min(pulses, pulses_max) && check.problem.empty()) {
    JumperPulse pulse;
    const std::uint64_t lost_before = check.edges.lost();
    check.problem = send(pins, static_cast<std::uint32_t>(check.pulses.size()), &pulse, &check.edges);
    if (check.problem.empty() && check.edges.lost() == lost_before) check.pulses.push_back(pulse);
    if (check.problem.empty() && check.edges.lost() > lost_pulses_max)
      check.problem = too_many_lost(*pins, check.edges);
  }
  for (std::uint32_t sent = 0; sent < edges && check.problem.empty() && check.edges.lost() < lost_edges_max;
       ++sent)
    check.problem = send_edges(pins, &check.edges);
  return check;
}

std::string to_json(const JumperCheck& check, bool with_pulses) {
  std::vector<std::int64_t> stimulus, response, set;
  json pulses = json::array();
  for (const JumperPulse& pulse : check.pulses) {
    stimulus.push_back(pulse.stimulus_edge_ns - pulse.before_ns);
    response.push_back(pulse.response_edge_ns - pulse.answer_ns);
    set.push_back(pulse.after_ns - pulse.before_ns);
    pulses.push_back(json_of(pulse));
  }
  json document = {{"format", 1},
                   {"passed", check.problem.empty()},
                   {"problem", check.problem},
                   {"pulses_sent", check.pulses.size()},
                   {"edges_sent", check.edges.sent},
                   {"stimulus_edges_lost", check.edges.stimulus_lost},
                   {"response_edges_lost", check.edges.response_lost},
                   {"set_ns", figures_of(set)},
                   {"stimulus_to_edge_ns", figures_of(stimulus)},
                   {"response_to_edge_ns", figures_of(response)}};
  if (with_pulses) document["pulses"] = std::move(pulses);
  return document.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string read_jumper_check(const std::string& path, JumperCheck* check) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return path + ": cannot be read: run loopback check first, with --out " + path;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const json document = parse_json(text);
  if (document.is_discarded()) return path + ": is no word of loopback check: it was cut off or altered";
  try {  // nlohmann-json reports by exception; it goes no further than here
    document.at("problem").get_to(check->problem);
    if (!document.at("passed").get<bool>())
      return path + ": the check of the jumpers did not pass: " + check->problem;
    for (const json& entry : document.at("pulses")) check->pulses.push_back(pulse_in(entry));
  } catch (const json::exception& error) {
    return path + ": is no word of loopback check: " + error.what();
  }
  return {};
}

}  // namespace loopgate
