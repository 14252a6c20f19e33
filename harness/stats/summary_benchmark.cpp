// How long the statistics of ten million samples take: about a second is the promise.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

#include "record/samples_file.h"
#include "stats/distribution.h"
#include "stats/summary.h"

namespace {

loopgate::SampleFile many_samples(std::size_t count) {
  loopgate::SampleFile file;
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> latency(std::log(20e3), 0.5);
  file.samples.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto due_ns = static_cast<std::int64_t>(i) * 1'000'000;
    file.samples.push_back({due_ns, due_ns, due_ns + static_cast<std::int64_t>(latency(random)),
                            loopgate::sample_sent | loopgate::sample_answered,
                            static_cast<std::uint32_t>(i)});
  }
  return file;
}

void summarize_samples(benchmark::State& state) {
  const loopgate::SampleFile file = many_samples(static_cast<std::size_t>(state.range(0)));
  for ([[maybe_unused]] auto _ : state) {
    const loopgate::CellStatistics measured = loopgate::collect_statistics(file, "cell");
    benchmark::DoNotOptimize(loopgate::summarize(measured));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(summarize_samples)->Arg(10'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

void draw_distribution(benchmark::State& state) {
  const auto sorted =
      loopgate::collect_statistics(many_samples(static_cast<std::size_t>(state.range(0))), "cell").latencies;
  for ([[maybe_unused]] auto _ : state) {
    benchmark::DoNotOptimize(loopgate::histogram_of(sorted.answered_ns));
    benchmark::DoNotOptimize(loopgate::exceedance_of(sorted.answered_ns));
  }
}
BENCHMARK(draw_distribution)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
