#include "protocol/instrument_settings.h"

#include <nlohmann/json.hpp>

#include "base/json.h"

namespace loopgate {

using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PinLines, stimulus, response, storm, control_in, control_out, jumper_out,
                                   jumper_in, verdict, stimulus_out, response_in)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PulseSettings, seed, interval_min_ns, interval_max_ns, self_checks,
                                   warm_up, counted, deadline_ns, response_timeout_ns, back_to_back, frames,
                                   frame_interval_ns, decisions)

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(KernelLayout, switch_function, wake_function, wake_argument,
                                   interrupt_function, vectors, task_state, task_pid, task_tgid, task_name,
                                   task_policy, task_priority, task_memory, memory_code, task_frame_pointer,
                                   descriptor_number, descriptor_action, action_name)

namespace {

json to_json(const TraceSettings& trace) {
  return {{"file", trace.file.string()},
          {"samples", trace.samples},
          {"phases_only", trace.phases_only},
          {"paths", trace.paths},
          {"kernel", trace.kernel}};
}

// Of all numbers but `storm_per_second`: what the library makes of a fraction, or of 1e38, for an integer is
// not defined.
bool has_whole_numbers(const json& value) {
  if (value.is_number_float()) return false;
  if (!value.is_structured()) return true;
  for (const auto& [key, part] : value.items())
    if (key != "storm_per_second" && !has_whole_numbers(part)) return false;
  return true;
}

TraceSettings trace_settings_in(const json& trace) {
  TraceSettings settings;
  settings.file = trace.at("file").get<std::string>();
  trace.at("samples").get_to(settings.samples);
  trace.at("phases_only").get_to(settings.phases_only);
  trace.at("paths").get_to(settings.paths);
  trace.at("kernel").get_to(settings.kernel);
  return settings;
}

}  // namespace

std::string to_json(const InstrumentSettings& settings) {
  json all = {{"format", 1},
              {"architecture", settings.architecture},
              {"controller", settings.controller},
              {"lines", settings.lines},
              {"channel", settings.channel.string()},
              {"events", settings.events.string()},
              {"samples", settings.samples.string()},
              {"pulses", settings.pulses},
              {"bench_monitors", settings.bench_monitors},
              {"programs_timeout_ns", settings.programs_timeout_ns},
              {"storm_per_second", settings.storm_per_second},
              {"saved_at_ns", settings.saved_at_ns},
              {"boot_timeout_ns", settings.boot_timeout_ns},
              {"ready_timeout_ns", settings.ready_timeout_ns},
              {"report_timeout_ns", settings.report_timeout_ns},
              {"loopback_timeout_ns", settings.loopback_timeout_ns}};
  if (!settings.trace.file.empty()) all["trace"] = to_json(settings.trace);
  return all.dump(2) + "\n";
}

Result<InstrumentSettings> parse_instrument_settings(std::string_view text) {
  const json all = parse_json(text);
  if (all.is_discarded())
    return fail(ErrorKind::data, "instrument settings: are no JSON: they were cut off or altered");
  if (!has_whole_numbers(all))
    return fail(ErrorKind::data, "instrument settings: have a number that is no integer where one must be");
  try {  // nlohmann-json reports by exception; it goes no further than here
    InstrumentSettings settings;
    all.at("architecture").get_to(settings.architecture);
    all.at("controller").get_to(settings.controller);
    all.at("lines").get_to(settings.lines);
    settings.channel = all.at("channel").get<std::string>();
    settings.events = all.at("events").get<std::string>();
    settings.samples = all.at("samples").get<std::string>();
    all.at("pulses").get_to(settings.pulses);
    if (all.contains("trace")) settings.trace = trace_settings_in(all.at("trace"));
    all.at("bench_monitors").get_to(settings.bench_monitors);
    all.at("programs_timeout_ns").get_to(settings.programs_timeout_ns);
    all.at("storm_per_second").get_to(settings.storm_per_second);
    all.at("saved_at_ns").get_to(settings.saved_at_ns);
    all.at("boot_timeout_ns").get_to(settings.boot_timeout_ns);
    all.at("ready_timeout_ns").get_to(settings.ready_timeout_ns);
    all.at("report_timeout_ns").get_to(settings.report_timeout_ns);
    all.at("loopback_timeout_ns").get_to(settings.loopback_timeout_ns);
    return settings;
  } catch (const json::exception& error) {
    return fail(ErrorKind::data, std::string("instrument settings: ") + error.what());
  }
}

}  // namespace loopgate
