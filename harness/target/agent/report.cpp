#include "target/agent/report.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "target/agent/text_file.h"

namespace loopgate {
namespace {

using json = nlohmann::ordered_json;

double to_ms(std::uint64_t ns) { return static_cast<double>(ns) / 1e6; }

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json json_of(const std::optional<Failure>& failure) {
  if (!failure) return nullptr;
  return {{"part", failure->part}, {"name", failure->name}, {"what", failure->what}};
}

json json_of(const KernelFacts& kernel) {
  return {{"release", kernel.release},
          {"version", kernel.version},
          {"machine", kernel.machine},
          {"command_line", kernel.command_line},
          {"realtime", kernel.realtime ? json(*kernel.realtime ? 1 : 0) : json(nullptr)}};
}

json json_of(const CheckRow& row) {
  return {{"name", row.name}, {"expected", row.expected}, {"seen", row.seen}, {"passed", row.passed}};
}

json json_of(const TuningRow& row) {
  return {{"what", row.what}, {"wanted", row.wanted}, {"read_back", row.read_back}, {"ok", row.ok}};
}

json json_of(const ProcessStat& thread) {
  const std::string policy = policy_text(thread.policy, thread.rt_priority);
  return {{"name", thread.name},
          {"pid", thread.pid},
          {"policy", policy.substr(0, policy.find(' '))},
          {"priority", thread.rt_priority}};
}

json json_of(const PartReport& part) {
  return {{"name", part.name},
          {"died_early", part.died_early},
          {"exit", part.exit},
          {"attested", {{"processes", part.attested.processes}, {"cpu_ms", to_ms(part.attested.cpu_ns)}}},
          {"cpu_ms_in_window", to_ms(part.cpu_ns_in_window)},
          {"stdout", part.output},
          {"stderr", part.errors},
          {"output", or_null(part.file)}};
}

json in_ms(const std::optional<std::chrono::nanoseconds>& time) {
  return time ? json(static_cast<double>(time->count()) / 1e6) : json(nullptr);
}

json json_of(const Timing& timing) {
  return {{"job_read_ms", in_ms(timing.job_read)},
          {"attested_ms", in_ms(timing.attested)},
          {"ready_ms", in_ms(timing.ready)},
          {"stopped_ms", in_ms(timing.stopped)}};
}

// From the load's attestation to the stop; 0 when it never was attested.
std::chrono::nanoseconds window_of(const Timing& timing) {
  if (!timing.attested || !timing.stopped) return std::chrono::nanoseconds::zero();
  return *timing.stopped - *timing.attested;
}

json json_of(const CodeMap& code) {
  return {{"file", code.file}, {"begin", code.begin}, {"end", code.end}, {"offset", code.offset}};
}

template <class Row>
json rows_of(const std::vector<Row>& rows) {
  json array = json::array();
  for (const Row& row : rows) array.push_back(json_of(row));
  return array;
}

json json_of(const std::optional<PayloadReport>& payload) {
  if (!payload) return nullptr;
  return {{"exit", payload->exit},
          {"stdout", payload->output},
          {"stderr", payload->errors},
          {"ready_after_ms", in_ms(payload->ready_after)},
          {"code", rows_of(payload->code)}};
}

json parsed(const std::string& text) {
  json document = json::parse(text, nullptr, false);
  return document.is_discarded() ? json(nullptr) : document;
}

std::string base64(const std::string& bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8U | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i)
      text += at + i <= bytes.size() ? digits[bits >> (18U - 6U * i) & 63U] : '=';
  }
  return text;
}

json json_of(const std::optional<InstrumentReport>& instrument) {
  if (!instrument) return nullptr;
  json files = json::object();
  for (const auto& [path, bytes] : instrument->files) files[path] = base64(bytes);
  return {{"check_exit", instrument->check_exit},
          {"check", parsed(instrument->check)},
          {"exit", instrument->exit.empty() ? json(nullptr) : json(instrument->exit)},
          {"end", parsed(instrument->end)},
          {"stderr", instrument->errors},
          {"files", std::move(files)}};
}

}  // namespace

KernelFacts read_kernel_facts() {
  utsname names{};
  ::uname(&names);
  KernelFacts facts{names.release, names.version, names.machine, {}, {}};
  if (const auto line = read_text("/proc/cmdline")) facts.command_line = without_end(*line);
  // Only a PREEMPT_RT kernel has the file, so that its absence says no, but only where /sys is mounted.
  const auto realtime = read_text("/sys/kernel/realtime");
  if (realtime) {
    facts.realtime = without_end(*realtime) == "1";
  } else if (::access("/sys/kernel/notes", F_OK) == 0) {
    facts.realtime = facts.version.find("PREEMPT_RT") != std::string::npos;
  }
  return facts;
}

std::string to_json(const Report& report) {
  const json document = {
      {"format", 1},
      {"state", report.failure ? "failed" : "reported"},
      {"failure", json_of(report.failure)},
      {"timing", json_of(report.timing)},
      {"kernel", json_of(report.kernel)},
      {"checks", rows_of(report.checks)},
      {"tuning", rows_of(report.tuning)},
      {"threads", rows_of(report.threads)},
      {"interrupts_start", report.interrupts_start},
      {"interrupts_end", report.interrupts_end},
      {"load", {{"window_ns", window_of(report.timing).count()}, {"parts", rows_of(report.parts)}}},
      {"payload", json_of(report.payload)},
      {"instrument", json_of(report.instrument)}};
  // Programs print what they like: bytes that are no UTF-8 are replaced, not refused.
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace loopgate
