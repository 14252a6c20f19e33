#include "capture/latmon_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <numeric>
#include <utility>

namespace loopgate {
namespace {

using boost::endian::load_big_u32;
using boost::endian::load_big_u64;

constexpr std::size_t record_size = 24;

const unsigned char* bytes_at(const char* bytes, std::size_t offset) {
  return reinterpret_cast<const unsigned char*>(bytes) + offset;
}

tl::unexpected<Error> no_latmon(const std::string& what) {
  return fail(ErrorKind::data, "latmon: " + what,
              "check that what listens there is latmon, and that its version speaks this protocol");
}

std::string problem_of(const LatmonRecord& record, const LatmonRequest& request) {
  if (record.samples > request.samples_a_record())
    return fmt::format("a record says {} samples, and holds {} at most with a period of {} us",
                       record.samples, request.samples_a_record(), request.period_us);
  if (record.min_ns > record.max_ns)
    return fmt::format("a record's least latency, {} ns, is above its largest, {} ns", record.min_ns,
                       record.max_ns);
  // At most 10^6 samples of less than 2^32 ns: no overflow.
  const std::uint64_t samples = record.samples;
  if (record.sum_ns < samples * record.min_ns || record.sum_ns > samples * record.max_ns)
    return fmt::format(
        "a record's sum, {} ns of {} samples, does not fit its least and largest latency ({} and {} ns)",
        record.sum_ns, samples, record.min_ns, record.max_ns);
  return {};
}

// Whether the first and the last cell with a sample are those of the least and the largest latency. Said only
// where each sample is in its own cell: latmon sorts late ones into others.
bool fits_records(const LatmonData& data) {
  std::uint32_t min_ns = UINT32_MAX;
  std::uint32_t max_ns = 0;
  std::uint64_t overruns = data.overruns_at_end;
  for (const LatmonRecord& record : data.records) {
    min_ns = std::min(min_ns, record.min_ns);
    max_ns = std::max(max_ns, record.max_ns);
    overruns += record.overruns;
  }
  if (overruns > 0 || data.records.empty()) return true;
  const auto has_samples = [](std::uint32_t count) { return count > 0; };
  const auto first =
      std::find_if(data.histogram.begin(), data.histogram.end(), has_samples) - data.histogram.begin();
  const auto last = std::find_if(data.histogram.rbegin(), data.histogram.rend(), has_samples).base() - 1 -
                    data.histogram.begin();
  const auto cell_of = [&](std::uint32_t ns) {
    return std::min<std::int64_t>(ns / latmon_cell_ns, static_cast<std::int64_t>(data.histogram.size()) - 1);
  };
  return first == cell_of(min_ns) && last == cell_of(max_ns);
}

}  // namespace

std::array<char, 8> to_bytes(const LatmonRequest& request) {
  std::array<char, 8> bytes{};
  auto* at = reinterpret_cast<unsigned char*>(bytes.data());
  boost::endian::store_big_u32(at, request.period_us);
  boost::endian::store_big_u32(at + 4, request.cells);
  return bytes;
}

std::string to_bytes(const LatmonData& data) {
  std::string bytes;
  const auto add = [&](std::uint32_t word) {
    boost::endian::native_to_big_inplace(word);
    bytes.append(reinterpret_cast<const char*>(&word), sizeof(word));
  };
  const auto add_record = [&](const LatmonRecord& record) {
    add(static_cast<std::uint32_t>(record.sum_ns >> 32U));
    add(static_cast<std::uint32_t>(record.sum_ns));
    for (const std::uint32_t word : {record.min_ns, record.max_ns, record.overruns, record.samples})
      add(word);
  };
  for (const LatmonRecord& record : data.records) add_record(record);
  add_record({0, UINT32_MAX, 0, data.overruns_at_end, 0});
  for (const std::uint32_t count : data.histogram) add(count);
  return bytes;
}

LatmonReader::LatmonReader(const LatmonRequest& request, std::size_t records_at_most)
    : records_at_most_(records_at_most) {
  data_.request = request;
}

std::size_t LatmonReader::size_of_part() const {
  return part_ == Part::records ? record_size : data_.request.cells * sizeof(std::uint32_t);
}

Status LatmonReader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    if (finished())
      return no_latmon(fmt::format("{} bytes came after the end of the measurement", bytes.size()));
    const std::size_t missing = std::min(size_of_part() - waiting_.size(), bytes.size());
    waiting_.append(bytes.substr(0, missing));
    bytes.remove_prefix(missing);
    if (waiting_.size() < size_of_part()) return {};
    const std::string whole = std::exchange(waiting_, {});
    auto done = part_ == Part::records ? take_record(whole.data()) : take_histogram(whole.data());
    if (!done) return done;
  }
  return {};
}

Status LatmonReader::take_record(const char* bytes) {
  LatmonRecord record;
  record.sum_ns = load_big_u64(bytes_at(bytes, 0));
  record.min_ns = load_big_u32(bytes_at(bytes, 8));
  record.max_ns = load_big_u32(bytes_at(bytes, 12));
  record.overruns = load_big_u32(bytes_at(bytes, 16));
  record.samples = load_big_u32(bytes_at(bytes, 20));
  if (record.samples == 0) {  // the rest of such a record is what latmon resets its counters to
    data_.overruns_at_end = record.overruns;
    part_ = data_.request.cells > 0 ? Part::histogram : Part::nothing;
    return {};
  }
  if (const std::string problem = problem_of(record, data_.request); !problem.empty())
    return no_latmon(problem);
  if (data_.records.size() == records_at_most_)
    return no_latmon(
        fmt::format("more than {} records came, which is more than the time can hold", records_at_most_));
  data_.records.push_back(record);
  return {};
}

Status LatmonReader::take_histogram(const char* bytes) {
  for (std::uint32_t cell = 0; cell < data_.request.cells; ++cell)
    data_.histogram.push_back(load_big_u32(bytes_at(bytes, cell * sizeof(std::uint32_t))));
  part_ = Part::nothing;
  const auto total = std::accumulate(data_.histogram.begin(), data_.histogram.end(), std::uint64_t{0});
  std::uint64_t samples = 0;
  for (const LatmonRecord& record : data_.records) samples += record.samples;
  // Zephyr's library counts its warm-up, one record's worth, in the histogram alone; what it had not sent yet
  // when it was stopped (it queues ten records) is there alone, too.
  const std::uint64_t most = samples + 12 * std::uint64_t{data_.request.samples_a_record()};
  if (total < samples || total > most)
    return no_latmon(fmt::format("the histogram holds {} samples, and the records {}", total, samples));
  if (total == samples && !fits_records(data_))
    return no_latmon("the histogram contradicts the records' latencies");
  return {};
}

}  // namespace loopgate
