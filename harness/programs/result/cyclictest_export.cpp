#include "programs/result/cyclictest_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json.h"
#include "programs/result/self_measurement.h"

namespace loopgate {
namespace {

using ExportJson = nlohmann::ordered_json;

ExportJson thread_json(const ExportedThread& thread) {
  ExportJson bins = ExportJson::object();
  for (const auto& [us, count] : thread.rows) bins[std::to_string(us)] = count;
  return {{"histogram", std::move(bins)},
          {"cycles", thread.cycles()},
          {"min", thread.min_us},
          {"max", thread.max_us},
          {"avg", thread.mean_us ? ExportJson(std::round(*thread.mean_us * 100) / 100) : ExportJson(nullptr)},
          {"cpu", -1},
          {"node", 0}};
}

template <class Value>
std::string footer(const char* name, const std::vector<ExportedThread>& threads, const Value& value) {
  std::string line = name;
  for (const ExportedThread& each : threads) line += fmt::format(" {:05}", value(each));
  return line + "\n";
}

}  // namespace

std::uint64_t ExportedThread::cycles() const {
  std::uint64_t all = overflow;
  for (const auto& [us, count] : rows) all += count;
  return all;
}

std::string to_cyclictest_json(const CyclictestExport& exported) {
  ExportJson threads = ExportJson::object();
  for (std::size_t i = 0; i < exported.threads.size(); ++i)
    threads[std::to_string(i)] = thread_json(exported.threads[i]);
  const ExportJson document = {
      {"file_version", 1},
      {"cmdline:", fmt::format("{} -h {}", exported.command, exported.bins)},
      {"rt_test_version:", exported.version},
      {"return_code", 0},
      {"sysinfo", {{"sysname", "Linux"}, {"nodename", exported.board}, {"release", exported.kernel}}},
      {"num_threads", exported.threads.size()},
      {"resolution_in_ns", 0},
      {"thread", std::move(threads)},
      {"loopgate",
       {{"time_base", exported.time_base},
        {"measured_by", exported.measured_by},
        {"suite", exported.suite},
        {"board", exported.board},
        {"kernel", exported.kernel},
        {"load", exported.load},
        {"lost", exported.lost}}}};
  return document.dump(2, ' ', false, ExportJson::error_handler_t::replace) + "\n";
}

std::string to_cyclictest_text(const CyclictestExport& exported) {
  std::string text = "# loopgate: exported, time base " + exported.time_base + "\n";
  text += fmt::format("# loopgate: suite {}, board {}, kernel {}, load {}, measured by {}\n",
                      shown(exported.suite), shown(exported.board), shown(exported.kernel),
                      shown(exported.load), shown(exported.measured_by));
  for (const std::string& each : exported.lost) text += "# loopgate: lost: " + shown(each, 400) + "\n";
  text += "# Histogram\n";
  std::set<std::uint64_t> rows;
  for (const ExportedThread& each : exported.threads)
    for (const auto& [us, count] : each.rows) rows.insert(us);
  for (const std::uint64_t us : rows) {
    text += fmt::format("{:06} ", us);
    for (std::size_t i = 0; i < exported.threads.size(); ++i) {
      const auto& of_thread = exported.threads[i].rows;
      const auto found = of_thread.find(us);
      text += fmt::format("{}{:06}", i == 0 ? "" : "\t", found == of_thread.end() ? 0 : found->second);
    }
    text += "\n";
  }
  const auto& threads = exported.threads;
  text += footer("# Min Latencies:", threads, [](const ExportedThread& each) { return each.min_us; });
  if (std::ranges::all_of(threads, [](const ExportedThread& each) { return each.mean_us.has_value(); }))
    text += footer("# Avg Latencies:", threads,
                   [](const ExportedThread& each) { return static_cast<std::uint64_t>(*each.mean_us); });
  text += footer("# Max Latencies:", threads, [](const ExportedThread& each) { return each.max_us; });
  text += footer("# Histogram Overflows:", threads, [](const ExportedThread& each) { return each.overflow; });
  text += "# Histogram Overflow at cycle number:\n";
  for (std::size_t i = 0; i < threads.size(); ++i)
    text += fmt::format("# Thread {}: {}\n", i,
                        threads[i].overflow > 0 ? fmt::format(" # {:05} others", threads[i].overflow) : "");
  return text + "\n";
}

}  // namespace loopgate
