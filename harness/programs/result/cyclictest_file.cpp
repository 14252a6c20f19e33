#include "programs/result/cyclictest_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "programs/result/histogram_rows.h"
#include "programs/result/result_json.h"
#include "programs/result/self_measurement.h"
#include "programs/result/text_lines.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr std::size_t threads_max = 4'096;

tl::unexpected<Error> refuse(std::string what) {
  return fail(ErrorKind::data, std::move(what), "take the file as cyclictest wrote it, or measure again");
}

tl::unexpected<Error> refuse(const std::string& thread, const std::string& what) {
  return refuse(fmt::format("is damaged: thread {} {}", shown(thread), what));
}

Result<std::uint64_t> number_at(const std::string& thread, const json& fields, const char* key,
                                std::uint64_t most) {
  const auto number = json_number(fields, key);
  if (!number || *number > most)
    return refuse(thread, fmt::format("has no number \"{}\" from 0 to {}", key, most));
  return *number;
}

Status read_bins(const json& bins, CyclictestThread* thread) {
  if (!bins.is_object()) return refuse(thread->name, "has a histogram without bins");
  thread->has_histogram = true;
  for (const auto& [name, count] : bins.items()) {
    const auto latency = number_named(name);
    if (!latency || *latency >= cyclictest_bins_max || !count.is_number_unsigned() ||
        count.get<std::uint64_t>() > latency_count_max - std::min(thread->binned, latency_count_max))
      return refuse(thread->name, fmt::format("has a bin \"{}\" that can't be", shown(name)));
    thread->binned += count.get<std::uint64_t>();
    thread->bins.emplace_back(*latency, count.get<std::uint64_t>());
  }
  if (thread->binned <= thread->cycles) return {};
  return refuse(fmt::format("contradicts itself: thread {} made {} {}, and its bins hold {}",
                            shown(thread->name), thread->cycles, thread->cycles == 1 ? "cycle" : "cycles",
                            thread->binned));
}

Result<CyclictestThread> read_thread(const std::string& name, const json& fields) {
  CyclictestThread thread{.name = name};
  if (!fields.is_object()) return refuse(name, "is no object");
  TRY(cycles, number_at(name, fields, "cycles", latency_count_max));
  thread.cycles = cycles;
  if (const auto bins = fields.find("histogram"); bins != fields.end()) TRY_STATUS(read_bins(*bins, &thread));
  if (thread.cycles == 0) return thread;  // its figures are none: a minimum of 1,000,000, say
  TRY(min, number_at(name, fields, "min", latency_units_max));
  TRY(max, number_at(name, fields, "max", latency_units_max));
  if (min > max) return refuse(name, "has a \"min\" above its \"max\"");
  thread.min = min;
  thread.max = max;
  if (const auto mean = fields.find("avg"); mean != fields.end() && mean->is_number()) {
    thread.mean = mean->get<double>();
    if (thread.mean < 0) return refuse(name, "has an \"avg\" below 0");
  }
  return thread;
}

// Some versions end their keys with a colon.
std::string either(const json& document, const char* plain, const char* with_colon) {
  const std::string text = json_text(document, plain);
  return text.empty() ? json_text(document, with_colon) : text;
}

std::string command_of(const json& document) { return either(document, "cmdline", "cmdline:"); }

Status read_return_code(const json& document, CyclictestFile* file) {
  const auto code = document.find("return_code");
  if (code == document.end()) return {};
  if (!code->is_number_integer()) return refuse("is damaged: its \"return_code\" is no whole number");
  file->return_code = code->get<std::int64_t>();
  return {};
}

// Without its folders. All of rt-tests write files of one form.
std::string program_of(const std::string& command) {
  const std::string first = command.substr(0, command.find(' '));
  return first.substr(first.rfind('/') + 1);
}

// Before all else, since the others' have other keys.
Status check_program(const json& document) {
  if (document.contains("loopgate")) return {};  // of an export it is our own
  const std::string by = program_of(command_of(document));
  if (by.empty() || by.starts_with("cyclictest")) return {};
  return fail(ErrorKind::data,
              fmt::format("is not cyclictest's: its command line is that of {}, which measures another thing",
                          shown(by)),
              "name a file of cyclictest; `loopgate run rt-tests` runs the others, and judges what they say");
}

Status read_description(const json& document, CyclictestFile* file) {
  file->version = either(document, "rt_test_version", "rt_test_version:");
  file->command = command_of(document);
  if (const auto system = document.find("sysinfo"); system != document.end()) {
    file->kernel = json_text(*system, "release");
    const auto realtime = json_number(*system, "realtime");
    file->real_time = realtime == 1;
    const std::string kernel_version = json_text(*system, "version");
    file->preempt_rt = preempt_rt_of(kernel_version, realtime);
    if (file->real_time && file->preempt_rt == PreemptRt::no)
      return refuse(fmt::format(
          "contradicts itself: its kernel is \"{}\", which is no PREEMPT_RT, and its \"realtime\" "
          "is 1, which only PREEMPT_RT has",
          shown(kernel_version)));
  }
  if (const auto ours = document.find("loopgate"); ours != document.end()) {
    file->exported_from = json_text(*ours, "time_base");
    file->load = json_text(*ours, "load");
  }
  const std::string other = other_cyclictest_unit(file->command, file->unit_ns);
  return other.empty() ? Status() : refuse("contradicts itself: " + other);
}

}  // namespace

Result<CyclictestFile> parse_cyclictest_file(const std::string& text) {
  TRY(document, json_of_result(text));
  TRY_STATUS(check_program(document));
  const auto threads = document.find("thread");
  if (threads == document.end() || !threads->is_object() || threads->empty() || threads->size() > threads_max)
    return refuse("is no file of cyclictest: it has no object \"thread\" with threads");
  // Files of before it had one are as those of version 1. What another one means nobody has told us.
  if (const auto version = document.find("file_version"); version != document.end() && *version != 1)
    return refuse(fmt::format("has the file_version {}, and 1 is known", version->dump()));
  const auto in_ns = json_number(document, "resolution_in_ns");
  if (!in_ns || *in_ns > 1) return refuse("has no \"resolution_in_ns\" of 0 or 1");
  if (const auto told = json_number(document, "num_threads"); told && *told != threads->size())
    return refuse(fmt::format("contradicts itself: \"num_threads\" is {}, and it has {} of them", *told,
                              threads->size()));
  CyclictestFile file;
  file.unit_ns = *in_ns == 1 ? 1 : 1'000;
  for (const auto& [name, fields] : threads->items()) {
    TRY(thread, read_thread(name, fields));
    file.threads.push_back(std::move(thread));
  }
  std::ranges::stable_sort(file.threads, {}, [](const CyclictestThread& each) {
    return number_named(each.name).value_or(UINT64_MAX);
  });
  TRY_STATUS(read_return_code(document, &file));
  TRY_STATUS(read_description(document, &file));
  return file;
}

bool is_cyclictest_in_ns(const std::string& command) {
  constexpr std::string_view with_value = "aAbcdDFghHiloOpt";  // rt-tests 2.4, cyclictest.c: getopt_long
  LineWords words(command);
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    if (word.starts_with("--ns") && std::string_view("--nsecs").starts_with(word)) return true;
    if (word.size() < 2 || word[0] != '-' || word[1] == '-') continue;
    const std::string_view letters = word.substr(1);
    if (letters.substr(0, letters.find_first_of(with_value)).find('N') != std::string_view::npos) return true;
  }
  return false;
}

std::string other_cyclictest_unit(const std::string& command, std::int64_t unit_ns) {
  if (command.empty() || is_cyclictest_in_ns(command) == (unit_ns == 1)) return {};
  if (unit_ns == 1) return "its figures are in nanoseconds, and its command has no -N (--nsecs)";
  return "its command has -N (--nsecs), and its figures are in microseconds";
}

const char* cyclictest_clock(const std::vector<std::string>& words) {
  for (const ProgramOption& option : options_in(words)) {
    const bool joined = option.name.size() > 2 && option.name.starts_with("-c");  // -c1
    if (!joined && option.name != "-c" && option.name != "--clock") continue;
    return (joined ? option.name.substr(2) : option.value) == "1" ? "CLOCK_REALTIME" : "CLOCK_MONOTONIC";
  }
  return "CLOCK_MONOTONIC";
}

std::uint64_t cycles_of(const CyclictestFile& file) {
  std::uint64_t cycles = 0;
  for (const CyclictestThread& each : file.threads) cycles += each.cycles;
  return cycles;
}

Result<LatencyHistogram> histogram_of(const CyclictestFile& file, std::size_t bins) {
  LatencyHistogram histogram;
  histogram.resolution_ns = histogram.bin_width_ns = file.unit_ns;  // it cuts what is less
  histogram.count.resize(bins);
  for (const CyclictestThread& thread : file.threads) {
    if (thread.cycles == 0)
      return fail(ErrorKind::data, fmt::format("says that thread {} made no cycle", shown(thread.name)));
    if (!thread.has_histogram) return refuse(thread.name, "has no histogram");
    for (const auto& [latency, count] : thread.bins) {
      if (latency >= bins) return refuse(thread.name, fmt::format("has a bin \"{}\" that can't be", latency));
      histogram.count[latency] += count;
    }
    histogram.overflow += thread.cycles - thread.binned;
    const std::int64_t min_ns = static_cast<std::int64_t>(thread.min) * file.unit_ns;
    const std::int64_t max_ns = static_cast<std::int64_t>(thread.max) * file.unit_ns;
    histogram.min_ns = std::min(histogram.min_ns.value_or(min_ns), min_ns);
    histogram.max_ns = std::max(histogram.max_ns.value_or(max_ns), max_ns);
  }
  return histogram;
}

std::optional<OptionReadBack> cyclictest_read_back(const ProgramOption& option, const std::string& text) {
  if ((option.name != "--threads" && option.name != "-t") || option.value.empty()) return std::nullopt;
  const auto file = parse_cyclictest_file(text);
  if (!file) return std::nullopt;
  const std::string seen = std::to_string(file->threads.size());
  return OptionReadBack{seen, option.value == seen};
}

}  // namespace loopgate
