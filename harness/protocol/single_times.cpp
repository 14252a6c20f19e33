#include "protocol/single_times.h"

#include <nlohmann/json.hpp>

#include "base/json_forms.h"

namespace loopgate {
namespace {

constexpr std::int64_t bins_max = 100'000;
constexpr std::int64_t iterations_max = 1'000'000'000;
constexpr std::int64_t time_ns_max = 1'000'000'000'000'000;  // 11 days

constexpr Within<std::int64_t> a_count{1, iterations_max};
constexpr Within<std::int64_t> a_time{0, time_ns_max};
constexpr Within<std::int64_t> a_width{1, time_ns_max};

std::string min_complaint(const SingleTimesFile& file) {
  return file.min_ns > file.max_ns ? "must not be above max_ns" : "";
}

std::string bin_complaint(const SingleTimesFile& file) {
  if (file.bin.empty() || file.bin.size() != file.count.size())
    return "must be as many as count, and one at least";
  for (std::size_t i = 0; i < file.bin.size(); ++i)
    if (file.bin[i] < 0 || file.bin[i] >= bins_max || (i > 0 && file.bin[i] <= file.bin[i - 1]))
      return "must rise, and stay below 100000";
  return "";
}

std::string count_complaint(const SingleTimesFile& file) {
  for (const std::int64_t count : file.count)
    if (count < 1 || count > iterations_max) return "must be from 1 to 1000000000";
  return "";
}

std::string clock_complaint(const SingleTimesFile& file) {
  return file.clock.empty() ? "must not be empty" : "";
}

std::string times_complaint(const SingleTimesFile& file) {
  return file.times == times_parts || file.times == times_whole_ones ? "" : "must be part or whole";
}

}  // namespace

static constexpr auto fields_of(const SingleTimesFile*) {
  return std::tuple(
      field("iterations", &SingleTimesFile::iterations, a_count), field("clock", &SingleTimesFile::clock),
      constraint("clock", clock_complaint), field("resolution_ns", &SingleTimesFile::resolution_ns, a_width),
      field("min_ns", &SingleTimesFile::min_ns, a_time), field("max_ns", &SingleTimesFile::max_ns, a_time),
      constraint("min_ns", min_complaint), field("sum_ns", &SingleTimesFile::sum_ns),
      field("bin_width_ns", &SingleTimesFile::bin_width_ns, a_width), field("bin", &SingleTimesFile::bin),
      field("count", &SingleTimesFile::count), constraint("bin", bin_complaint),
      constraint("count", count_complaint), field("primitive", &SingleTimesFile::primitive),
      field("times", &SingleTimesFile::times), constraint("times", times_complaint),
      field("policy", &SingleTimesFile::policy), lenient("idle", &SingleTimesFile::idle),
      field("loop_ns", &SingleTimesFile::loop_ns, a_time));
}

std::string to_json(const SingleTimesFile& file) {
  return write_object<nlohmann::ordered_json>(file).dump() + "\n";
}

Result<SingleTimesFile> parse_single_times(std::string_view text, const std::string& name) {
  constexpr JsonReader::Rules rules{false, 0, ""};  // a program may say more
  TRY(fields, JsonReader::parse(text, name, rules));
  SingleTimesFile file;
  TRY_STATUS(read_object(std::move(fields), &file));
  return file;
}

}  // namespace loopgate
