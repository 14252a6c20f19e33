#include "programs/cyclictest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "programs/program_text.h"
#include "programs/rates.h"

namespace loopgate {
namespace {

using nlohmann::json;

// Of a microsecond each: up to 10 ms. What is beyond is counted, and the largest is known.
constexpr std::size_t histogram_bins = 10'000;
// A million years at a cycle a millisecond; sums of them fit.
constexpr std::uint64_t cycles_max = 1ULL << 55U;
constexpr std::size_t threads_max = 256;
constexpr std::uint64_t latency_max = 1ULL << 40U;  // 12 days in microseconds

struct Thread {
  std::string name;
  const json& fields;
};

tl::unexpected<Error> refuse(std::string what) {
  return fail(ErrorKind::data, "cyclictest's file " + std::move(what));
}

tl::unexpected<Error> refuse(const Thread& thread, const std::string& what) {
  return refuse(fmt::format("is damaged: thread {} {}", thread.name, what));
}

Result<std::uint64_t> number_at(const Thread& thread, const char* key, std::uint64_t most) {
  const auto found = thread.fields.find(key);
  if (found == thread.fields.end() || !found->is_number_unsigned() || found->get<std::uint64_t>() > most)
    return refuse(thread, fmt::format("has no number \"{}\" from 0 to {}", key, most));
  return found->get<std::uint64_t>();
}

std::optional<std::size_t> bin_named(const std::string& name, std::size_t bins) {
  std::size_t bin = 0;
  const char* end = name.data() + name.size();
  const auto [parsed, error] = std::from_chars(name.data(), end, bin);
  if (error != std::errc() || parsed != end || bin >= bins) return std::nullopt;
  return bin;
}

// Adds the thread's bins; gives how many cycles they hold. cyclictest writes bins that hold any, and no
// number of those beyond the last.
Result<std::uint64_t> add_bins(const Thread& thread, std::uint64_t cycles, LatencyHistogram* histogram) {
  const auto bins = thread.fields.find("histogram");
  if (bins == thread.fields.end() || !bins->is_object()) return refuse(thread, "has no histogram");
  std::uint64_t binned = 0;
  for (const auto& [name, count] : bins->items()) {
    const auto bin = bin_named(name, histogram->count.size());
    if (!bin || !count.is_number_unsigned() || count.get<std::uint64_t>() > cycles - binned)
      return refuse(thread, fmt::format("has a bin \"{}\" that cannot be", name));
    binned += count.get<std::uint64_t>();
    histogram->count[*bin] += count.get<std::uint64_t>();
  }
  return binned;
}

// Gives its cycles.
Result<std::uint64_t> add_thread(const Thread& thread, LatencyHistogram* histogram) {
  if (!thread.fields.is_object()) return refuse(thread, "is no object");
  TRY(cycles, number_at(thread, "cycles", cycles_max));
  if (cycles == 0)
    return fail(ErrorKind::data, fmt::format("cyclictest's thread {} made no cycle", thread.name));
  TRY(min, number_at(thread, "min", latency_max));
  TRY(max, number_at(thread, "max", latency_max));
  if (min > max) return refuse(thread, "has a \"min\" above its \"max\"");
  TRY(binned, add_bins(thread, cycles, histogram));
  histogram->overflow += cycles - binned;
  const auto min_ns = static_cast<std::int64_t>(min) * histogram->resolution_ns;
  const auto max_ns = static_cast<std::int64_t>(max) * histogram->resolution_ns;
  histogram->min_ns = std::min(histogram->min_ns.value_or(min_ns), min_ns);
  histogram->max_ns = std::max(histogram->max_ns.value_or(max_ns), max_ns);
  return cycles;
}

}  // namespace

std::vector<std::string> Cyclictest::argv(const std::string& part,
                                          const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {"cyclictest"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  // The last of an option counts, so the load's file cannot change these. Without a duration it runs until it
  // is told to stop.
  argv.insert(argv.end(),
              {"--quiet", "--histogram", std::to_string(histogram_bins), "--json", files(part).front()});
  return argv;
}

std::vector<std::string> Cyclictest::files(const std::string& part) const {
  return {"/tmp/load-" + part + ".json"};
}

// A thread begins with the program, and its cycles before the load was attested count as well. So the rate is
// that of the longest that it can have lived: a little less than the true one, never more.
Result<ProgramFindings> Cyclictest::parse(const ProgramOutput& output) const {
  std::uint64_t cycles = 0;
  TRY(histogram, cyclictest_histogram(output.file, histogram_bins, &cycles));
  TRY(rate, rate_of("cycles", static_cast<double>(cycles), output.lived_s));
  return ProgramFindings{{{"cycles", rate}}, std::move(histogram)};
}

// Its file tells how many threads there were, and nothing of their priority.
std::optional<OptionReadBack> Cyclictest::read_back(const ProgramOption& option,
                                                    const ProgramOutput& output) const {
  if ((option.name != "--threads" && option.name != "-t") || option.value.empty()) return std::nullopt;
  const json document = parse_json(without_nan(output.file));
  const auto threads = document.is_object() ? document.find("thread") : document.end();
  if (!document.is_object() || threads == document.end() || !threads->is_object()) return std::nullopt;
  const std::string seen = std::to_string(threads->size());
  return OptionReadBack{seen, option.value == seen};
}

Result<LatencyHistogram> cyclictest_histogram(const std::string& text, std::size_t bins,
                                              std::uint64_t* cycles) {
  if (text.empty()) return fail(ErrorKind::data, "cyclictest wrote no JSON file");
  const json document = parse_json(without_nan(text));
  if (!document.is_object()) return refuse("is no JSON object: it was cut off or altered");
  const auto threads = document.find("thread");
  if (threads == document.end() || !threads->is_object() || threads->empty() || threads->size() > threads_max)
    return refuse(fmt::format("names no threads, or more than {}", threads_max));
  const auto in_ns = document.find("resolution_in_ns");
  if (in_ns == document.end() || (*in_ns != 0 && *in_ns != 1))
    return refuse("has no \"resolution_in_ns\" of 0 or 1");
  LatencyHistogram histogram;
  histogram.resolution_ns = *in_ns == 1 ? 1 : 1'000;  // it cuts what is less
  histogram.bin_width_ns = histogram.resolution_ns;
  histogram.count.resize(bins);
  *cycles = 0;
  for (const auto& [name, fields] : threads->items()) {
    TRY(made, add_thread({name, fields}, &histogram));
    *cycles += made;
  }
  return histogram;
}

}  // namespace loopgate
