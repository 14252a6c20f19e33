#include "target/agent/load_part.h"

#include <cstdio>

#include "target/agent/text_file.h"

namespace loopgate {
namespace {

constexpr std::size_t file_tail = 256U << 10U;  // stress-ng's metrics take about 500 bytes a stressor

std::string in_ms(double ms) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g ms", ms);
  return text;
}

std::string counted(int processes) {
  return std::to_string(processes) + (processes == 1 ? " process" : " processes");
}

}  // namespace

bool is_running(const PartSpec& order, const GroupUsage& usage) {
  return usage.processes >= order.min_processes &&
         static_cast<double>(usage.cpu_ns) >= order.min_cpu_ms * 1e6;
}

std::string what_is_missing(const RunningPart& part) {
  return "load part " + part.order.name + " had " + counted(part.seen.processes) + " and " +
         in_ms(static_cast<double>(part.seen.cpu_ns) / 1e6) + " of CPU time after " +
         std::to_string(part.order.ready_timeout.count()) + " ms; " + counted(part.order.min_processes) +
         " and " + in_ms(part.order.min_cpu_ms) + " are wanted";
}

std::string how_it_ended(const std::string& what, const Child& child) {
  const std::string words = child.last_words();
  std::string sentence = what + " ended by itself: " + child.exit();
  if (!words.empty()) sentence += "; its last words: " + words;
  return sentence;
}

PartReport report_of(const RunningPart& part) {
  PartReport report;
  report.name = part.order.name;
  report.died_early = part.died_early;
  report.exit = part.child.exit();
  report.processes = part.attested_usage.processes;
  report.attested_cpu_ns = part.attested_usage.cpu_ns;
  if (part.usage_at_stop.cpu_ns > part.attested_usage.cpu_ns)
    report.cpu_ns_in_window = part.usage_at_stop.cpu_ns - part.attested_usage.cpu_ns;
  report.processes_at_stop = part.usage_at_stop.processes;
  report.cpus = part.cpus_at_stop;
  report.output = part.child.output(output_tail);
  report.errors = part.child.errors(errors_tail);
  if (part.order.output.empty()) return report;
  if (auto file = read_tail(part.order.output, file_tail)) report.file = *std::move(file);
  return report;
}

}  // namespace loopgate
