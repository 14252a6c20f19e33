#include "protocol/instrument_settings.h"

#include <nlohmann/json.hpp>

#include "base/json_forms.h"

namespace loopgate {
namespace {

using nlohmann::json;

// Indices of stimuli.
struct Indices : AsItIs {
  void read(JsonReader* reader, const char* key, std::vector<std::uint32_t>* indices) const {
    std::vector<std::int64_t> numbers;
    reader->required(key, &numbers);
    for (const std::int64_t number : numbers) {
      if (number < 0 || number > UINT32_MAX) return reader->refuse(key, "is out of bounds");
      indices->push_back(static_cast<std::uint32_t>(number));
    }
  }
};

// Addresses of the kernel's, which JSON's readers take for negative numbers.
struct Addresses {
  template <class Json>
  Json write(const std::vector<std::uint64_t>& addresses) const {
    return std::vector<std::int64_t>(addresses.begin(), addresses.end());
  }
  void read(JsonReader* reader, const char* key, std::vector<std::uint64_t>* addresses) const {
    std::vector<std::int64_t> numbers;
    reader->required(key, &numbers);
    addresses->assign(numbers.begin(), numbers.end());
  }
};

}  // namespace

static constexpr auto fields_of(const PinLines*) {
  return std::tuple(field("stimulus", &PinLines::stimulus), field("response", &PinLines::response),
                    field("storm", &PinLines::storm), field("control_in", &PinLines::control_in),
                    field("control_out", &PinLines::control_out), field("jumper_out", &PinLines::jumper_out),
                    field("jumper_in", &PinLines::jumper_in), field("verdict", &PinLines::verdict),
                    field("stimulus_out", &PinLines::stimulus_out),
                    field("response_in", &PinLines::response_in));
}

static constexpr auto fields_of(const PulseSettings*) {
  return std::tuple(
      field("seed", &PulseSettings::seed), field("interval_min_ns", &PulseSettings::interval_min_ns),
      field("interval_max_ns", &PulseSettings::interval_max_ns),
      field("self_checks", &PulseSettings::self_checks), field("warm_up", &PulseSettings::warm_up),
      field("counted", &PulseSettings::counted), field("deadline_ns", &PulseSettings::deadline_ns),
      field("response_timeout_ns", &PulseSettings::response_timeout_ns),
      field("back_to_back", &PulseSettings::back_to_back), field("frames", &PulseSettings::frames),
      field("frame_interval_ns", &PulseSettings::frame_interval_ns),
      field("decisions", &PulseSettings::decisions), sparse("truth", &PulseSettings::truth),
      sparse("falls", &PulseSettings::falls));
}

static constexpr auto fields_of(const ExceptionEntries*) {
  return std::tuple(field("interrupts", &ExceptionEntries::interrupts, Addresses()),
                    field("exceptions", &ExceptionEntries::exceptions, Addresses()),
                    field("with_error_code", &ExceptionEntries::with_error_code, Addresses()),
                    field("system_calls", &ExceptionEntries::system_calls, Addresses()));
}

static constexpr auto fields_of(const KernelLayout*) {
  return std::tuple(
      field("switch_function", &KernelLayout::switch_function),
      field("wake_function", &KernelLayout::wake_function),
      field("wake_argument", &KernelLayout::wake_argument),
      field("waking_function", &KernelLayout::waking_function),
      field("interrupt_function", &KernelLayout::interrupt_function),
      field("vectors", &KernelLayout::vectors), sparse("entries", &KernelLayout::entries),
      field("text_begin", &KernelLayout::text_begin), field("preempt_jump", &KernelLayout::preempt_jump),
      field("task_state", &KernelLayout::task_state), field("task_pid", &KernelLayout::task_pid),
      field("task_tgid", &KernelLayout::task_tgid), field("task_name", &KernelLayout::task_name),
      field("task_policy", &KernelLayout::task_policy), field("task_priority", &KernelLayout::task_priority),
      field("task_memory", &KernelLayout::task_memory), field("memory_code", &KernelLayout::memory_code),
      field("task_saved", &KernelLayout::task_saved), field("task_stack", &KernelLayout::task_stack),
      field("descriptor_number", &KernelLayout::descriptor_number),
      field("descriptor_action", &KernelLayout::descriptor_action),
      field("action_name", &KernelLayout::action_name));
}

static constexpr auto fields_of(const TakingFunction*) {
  return std::tuple(field("address", &TakingFunction::address), field("owner", &TakingFunction::owner));
}

static constexpr auto fields_of(const LockFunctions*) {
  return std::tuple(field("take", &LockFunctions::take), field("give", &LockFunctions::give, Addresses()));
}

static constexpr auto fields_of(const SectionSettings*) {
  return std::tuple(field("record", &SectionSettings::record),
                    field("preemptible", &SectionSettings::preemptible),
                    field("preempting", &SectionSettings::preempting, Addresses()),
                    field("preempt_count", &SectionSettings::preempt_count),
                    field("counting", &SectionSettings::counting, Addresses()),
                    field("windows_at_most", &SectionSettings::windows_at_most),
                    field("opportunities", &SectionSettings::opportunities, Addresses()),
                    sparse("locks", &SectionSettings::locks));
}

static constexpr auto fields_of(const TraceSettings*) {
  return std::tuple(field("file", &TraceSettings::file, AsText()),
                    field("samples", &TraceSettings::samples, Indices()),
                    field("phases_only", &TraceSettings::phases_only), field("paths", &TraceSettings::paths),
                    field("kernel", &TraceSettings::kernel), field("sections", &TraceSettings::sections));
}

static constexpr auto fields_of(const AimSettings*) {
  return std::tuple(
      field("shots_ns", &AimSettings::shots_ns), field("quiet", &AimSettings::quiet),
      field("log", &AimSettings::log, AsText()), field("at_sections", &AimSettings::at_sections),
      field("taught", &AimSettings::taught, AsText()), field("explored_of", &AimSettings::explored_of),
      field("at_chance", &AimSettings::at_chance), field("seed", &AimSettings::seed),
      field("rest_ns", &AimSettings::rest_ns), field("patience_ns", &AimSettings::patience_ns),
      field("at_most_ns", &AimSettings::at_most_ns));
}

static constexpr auto fields_of(const TurnSettings*) {
  return std::tuple(field("cpus", &TurnSettings::cpus), field("slice_ns", &TurnSettings::slice_ns));
}

static constexpr auto fields_of(const InstrumentSettings*) {
  return std::tuple(
      field("architecture", &InstrumentSettings::architecture),
      field("controller", &InstrumentSettings::controller), field("lines", &InstrumentSettings::lines),
      sparse("turns", &InstrumentSettings::turns), field("channel", &InstrumentSettings::channel, AsText()),
      field("events", &InstrumentSettings::events, AsText()),
      field("samples", &InstrumentSettings::samples, AsText()), field("pulses", &InstrumentSettings::pulses),
      field("bench_monitors", &InstrumentSettings::bench_monitors),
      field("programs_timeout_ns", &InstrumentSettings::programs_timeout_ns),
      sparse("trace", &InstrumentSettings::trace), sparse("aim", &InstrumentSettings::aim),
      field("storm_per_second", &InstrumentSettings::storm_per_second),
      field("saved_at_ns", &InstrumentSettings::saved_at_ns),
      field("boot_timeout_ns", &InstrumentSettings::boot_timeout_ns),
      field("ready_timeout_ns", &InstrumentSettings::ready_timeout_ns),
      field("report_timeout_ns", &InstrumentSettings::report_timeout_ns),
      field("loopback_timeout_ns", &InstrumentSettings::loopback_timeout_ns));
}

std::string to_json(const InstrumentSettings& settings) {
  json document = write_object<json>(settings);
  document["format"] = 1;
  return document.dump(2) + "\n";
}

Result<InstrumentSettings> parse_instrument_settings(std::string_view text) {
  TRY(reader, JsonReader::parse(text, "instrument settings", JsonReader::message));
  InstrumentSettings settings;
  TRY_STATUS(read_object(std::move(reader), &settings));
  return settings;
}

}  // namespace loopgate
