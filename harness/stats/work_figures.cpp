#include "stats/work_figures.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/units.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

template <class Parts, class Amount>
double sum_of(const Parts& parts, Amount amount) {
  double sum = 0;
  for (const auto& part : parts) sum += part.*amount;
  return sum;
}

std::string text_of(const ThreadFigures& thread) {
  std::string text =
      thread.name + " " + us_text(static_cast<std::int64_t>(std::llround(thread.ns_a_decision)));
  if (thread.share) text += fmt::format(" ({:.3g} % of a CPU)", 100 * *thread.share);
  return text;
}

}  // namespace

double WorkFigures::ns_a_decision() const { return sum_of(threads, &ThreadFigures::ns_a_decision); }

double WorkFigures::bytes_a_decision() const { return sum_of(stages, &StageBytes::a_decision); }

std::optional<WorkFigures> work_figures_of(const Summary& summary) {
  if (!summary.work) return std::nullopt;
  const auto decisions = static_cast<double>(summary.work->decisions);
  const auto rate = summary.decisions ? summary.decisions->per_second() : std::nullopt;
  WorkFigures figures;
  for (const NamedAmount& thread : summary.work->cpu_ns) {
    ThreadFigures& one = figures.threads.emplace_back();
    one.name = thread.name;
    one.ns_a_decision = static_cast<double>(thread.amount) / decisions;
    if (rate) one.share = one.ns_a_decision * *rate / 1e9;
  }
  for (const NamedAmount& stage : summary.work->computed_bytes)
    figures.stages.push_back({stage.name, static_cast<double>(stage.amount) / decisions});
  figures.shares_cpu = summary.work->shares_cpu;
  return figures;
}

std::string text_of(const WorkFigures& figures) {
  std::string threads;
  for (const ThreadFigures& thread : figures.threads)
    threads += (threads.empty() ? "" : ", ") + text_of(thread);
  return fmt::format(
      "a decision takes {} of CPU time: {}{}; it moves {} bytes of memory, computed from sizes",
      us_text(static_cast<std::int64_t>(std::llround(figures.ns_a_decision()))), threads,
      figures.shares_cpu ? ", both on one CPU" : "",
      with_thousands(static_cast<std::uint64_t>(std::llround(figures.bytes_a_decision()))));
}

Json to_json(const WorkFigures& figures) {
  Json threads = Json::array();
  for (const ThreadFigures& thread : figures.threads)
    threads.push_back({{"name", thread.name},
                       {"cpu_ns_a_decision", thread.ns_a_decision},
                       {"share_of_a_cpu", thread.share ? Json(*thread.share) : Json()}});
  Json stages = Json::array();
  for (const StageBytes& stage : figures.stages)
    stages.push_back({{"name", stage.name}, {"computed_bytes_a_decision", stage.a_decision}});
  return {{"threads", std::move(threads)}, {"shares_cpu", figures.shares_cpu}, {"stages", std::move(stages)}};
}

}  // namespace loopgate
