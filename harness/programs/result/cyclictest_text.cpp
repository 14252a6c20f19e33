#include "programs/result/cyclictest_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "programs/result/histogram_rows.h"
#include "programs/result/text_lines.h"

namespace loopgate {
namespace {

constexpr std::string_view exported = "# loopgate: exported, time base ";
constexpr std::string_view exported_of = "# loopgate: suite ";
constexpr std::size_t columns_max = 4'096;  // threads
constexpr std::uint64_t sums_max = 1ULL << 52U;

// "T: 0 ( 1234) P:95 I:1000 C: 10 Min: 3 Act:    4 Avg:    4 Max: 9", as cyclictest prints it while it
// measures: "%5ld" after "Act:" in us and "%8ld" in ns (rt-tests 0.83 to 2.10, print_stat()). Whether it is
// in ns; nothing where it may be either.
std::optional<bool> in_ns_by_width(std::string_view line) {
  if (!line.starts_with("T:")) return std::nullopt;
  const auto begin = line.find(" Act:");
  const auto end = line.find(" Avg:");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin + 5)
    return std::nullopt;
  const std::string_view latency = line.substr(begin + 5, end - begin - 5);
  const bool padded = latency.starts_with(' ');
  if (latency.size() == 8 && padded) return true;
  if (latency.size() == 5 || (latency.size() < 8 && latency.size() > 5 && !padded)) return false;
  return std::nullopt;
}

class CyclictestText : public ResultReader {
 public:
  explicit CyclictestText(ResultOptions options) : options_(std::move(options)) {}

  Status take(std::string_view portion) override {
    return lines_.take(portion, [this](std::string_view line) { return take_line(line); });
  }

  Result<SelfMeasurement> finish() override;

 private:
  using Numbers = std::vector<std::uint64_t>;

  // What follows a footer's colon.
  struct Footer {
    Numbers values;
    bool seen = false;
  };

  tl::unexpected<Error> at_line(const std::string& what) const {
    return fail(ErrorKind::data, fmt::format("line {}: {}", lines_.number(), what),
                "take the file as cyclictest wrote it, or measure again");
  }

  Status take_line(std::string_view line);
  Status take_row(std::string_view line);
  Status take_comment(std::string_view line);
  Status read_numbers(LineWords words, Numbers* out) const;
  Status check_whole() const;
  Status check_sums(std::size_t threads, bool has_sum) const;
  Result<SelfMeasurement> measured(std::size_t threads, bool has_sum);

  ResultOptions options_;
  TextLines lines_;
  bool begun_ = false;
  Numbers row_;
  std::vector<ThreadTally> columns_;
  // The last column is a sum of the others or a thread, which the footers alone tell: both are kept apart.
  HistogramRows wanted_;
  HistogramRows last_column_;
  std::optional<std::uint64_t> last_begin_;  // of the row before
  std::uint64_t bad_sum_line_ = 0;           // the first whose last column is no sum of the others
  Footer totals_, min_, means_, max_, overflows_;
  bool tells_unit_ = false;
  std::string why_invalid_;
  std::string exported_from_;
  std::string load_;  // of the run that it was exported from
};

// "# loopgate: suite S, board B, kernel K, load L, measured by M": L.
std::string exported_load(std::string_view line) {
  constexpr std::string_view before = ", load ";
  const auto begin = line.find(before);
  const auto end = line.rfind(", measured by ");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin + before.size())
    return {};
  return std::string(line.substr(begin + before.size(), end - begin - before.size()));
}

Status CyclictestText::take_line(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.starts_with("# Break")) why_invalid_ = stopped_at_own_limit("-b (" + shown(line.substr(2)) + ")");
  if (line.starts_with(exported)) exported_from_ = line.substr(exported.size());
  if (line.starts_with(exported_of)) load_ = exported_load(line);
  if (const auto in_ns = in_ns_by_width(line)) {
    if (*in_ns != options_.in_ns)
      return other_unit_than_asked(fmt::format("line {}: \"{}\"", lines_.number(), shown(line, 100)), *in_ns);
    tells_unit_ = true;
  }
  if (!begun_) {
    begun_ = line == "# Histogram";
    return {};
  }
  if (line.empty()) return {};
  if (line.front() == '#') return take_comment(line);
  return take_row(line);
}

Status CyclictestText::read_numbers(LineWords words, Numbers* out) const {
  out->clear();
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    const auto number = whole_number(word);
    if (!number) return at_line(fmt::format("\"{}\" stands where a number should", shown(word)));
    if (out->size() > columns_max) return at_line(fmt::format("has more than {} columns", columns_max));
    out->push_back(*number);
  }
  return {};
}

Status CyclictestText::take_row(std::string_view line) {
  // What cyclictest prints after its rows begins with "#" (rt-tests 2.4 to 2.10, print_hist()).
  if (min_.seen)
    return at_line(
        fmt::format("\"{}\" stands after the rows' end: import one measurement a file", shown(line)));
  if (lines_.is_cut()) return at_line("is longer than a row can be");
  TRY_STATUS(read_numbers(LineWords(line), &row_));
  if (row_.size() < 2) return at_line("has no column of a thread: the row was cut off");
  if (columns_.empty()) {
    columns_.resize(row_.size() - 1);
  } else if (row_.size() - 1 != columns_.size()) {
    return at_line(fmt::format("has {} columns, and the rows before it have {}: it was cut off",
                               row_.size() - 1, columns_.size()));
  }
  const std::uint64_t begin = row_.front();
  TRY_STATUS(check_rises(begin, lines_.number(), &last_begin_));
  std::uint64_t others = 0;
  std::uint64_t wanted = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::uint64_t count = row_[i + 1];
    if (count > latency_count_max) return at_line(fmt::format("counts {} latencies, which can't be", count));
    columns_[i].add(begin, count);
    if (i + 1 == columns_.size()) break;
    others += count;
    if (options_.threads.empty() || options_.wants(std::to_string(i))) wanted += count;
  }
  if (others > sums_max) return at_line("counts more latencies than can be");
  if (others != row_.back() && bad_sum_line_ == 0) bad_sum_line_ = lines_.number();
  for (const auto& [rows, count] : {std::pair(&wanted_, wanted), std::pair(&last_column_, row_.back())})
    if (auto added = rows->add(begin, count); !added) return at_line(added.error().what);
  return {};
}

Status CyclictestText::take_comment(std::string_view line) {
  const std::pair<const char*, Footer*> footers[] = {{"# Total:", &totals_},
                                                     {"# Min Latencies:", &min_},
                                                     {"# Avg Latencies:", &means_},
                                                     {"# Max Latencies:", &max_},
                                                     {"# Histogram Overflows:", &overflows_}};
  for (const auto& [begins, footer] : footers) {
    if (!line.starts_with(begins)) continue;
    if (footer->seen)
      return at_line(fmt::format("says \"{}\" a second time: import one measurement a file", begins));
    footer->seen = true;
    return read_numbers(LineWords(line.substr(std::char_traits<char>::length(begins))), &footer->values);
  }
  if (line == "# Histogram") return at_line("begins a second histogram: import one measurement a file");
  return {};
}

Status CyclictestText::check_whole() const {
  const char* again = "take the file as cyclictest wrote it, or measure again";
  if (!begun_)
    return fail(ErrorKind::data, "holds no histogram: no line says \"# Histogram\"",
                "call cyclictest with --histogram 1000 (-h), or with --json FILE");
  if (min_.seen && max_.seen && overflows_.seen) return {};
  return fail(ErrorKind::data,
              fmt::format("line {}: the file ends before \"{}\": it was cut off",
                          lines_.number() + (lines_.has_unfinished() ? 1 : 0),
                          !min_.seen   ? "# Min Latencies:"
                          : !max_.seen ? "# Max Latencies:"
                                       : "# Histogram Overflows:"),
              again);
}

Status CyclictestText::check_sums(std::size_t threads, bool has_sum) const {
  const auto bad = [](std::string what) {
    return fail(ErrorKind::data, "contradicts itself: " + std::move(what),
                "take the file as cyclictest wrote it, or measure again");
  };
  if (has_sum && bad_sum_line_ > 0)
    return bad(fmt::format("line {}: the last column is no sum of the others", bad_sum_line_));
  if (!totals_.seen || columns_.empty()) return {};
  if (totals_.values.size() != columns_.size())
    return bad(fmt::format("\"# Total:\" has {} numbers, and the rows have {} columns", totals_.values.size(),
                           columns_.size()));
  for (std::size_t i = 0; i < threads; ++i)
    if (totals_.values[i] != columns_[i].binned)
      return bad(fmt::format("\"# Total:\" says {} for thread {}, and its rows hold {}", totals_.values[i], i,
                             columns_[i].binned));
  return {};
}

Result<SelfMeasurement> CyclictestText::finish() {
  TRY_STATUS(check_whole());
  const std::size_t threads = min_.values.size();
  const auto fits = [&](std::size_t size) { return size == threads || size == threads + 1; };
  if (threads == 0 || !fits(max_.values.size()) || !fits(overflows_.values.size()) ||
      (!columns_.empty() && !fits(columns_.size())))
    return fail(ErrorKind::data,
                fmt::format("its footers are of {} threads (smallest), {} (largest) and {} (overflows), and "
                            "its rows have {} columns: it was cut off or altered",
                            threads, max_.values.size(), overflows_.values.size(), columns_.size()),
                "take the file as cyclictest wrote it, or measure again");
  const bool has_sum = columns_.size() == threads + 1;
  TRY_STATUS(check_sums(threads, has_sum));
  return measured(threads, has_sum);
}

Result<SelfMeasurement> CyclictestText::measured(std::size_t threads, bool has_sum) {
  columns_.resize(threads);  // without the sum; with what no row speaks of
  std::vector<ThreadTally> tallies;
  for (std::size_t i = 0; i < threads; ++i) {
    ThreadTally tally = columns_[i];
    tally.name = std::to_string(i);
    if (!options_.wants(tally.name)) continue;
    tally.overflow = overflows_.values[i];
    if (tally.overflow > latency_count_max)
      return fail(ErrorKind::data, fmt::format("counts {} overflows, which can't be", tally.overflow));
    if (tally.binned + tally.overflow > 0) {  // else they are what cyclictest begins with
      tally.min = min_.values[i];
      tally.max = max_.values[i];
      // 0 where a file that was made of another one has none
      if (i < means_.values.size() && means_.values[i] > 0)
        tally.mean = static_cast<double>(means_.values[i]);
    }
    tallies.push_back(std::move(tally));
  }
  if (!has_sum && options_.wants(std::to_string(threads - 1))) {
    for (const auto& [begin, count] : last_column_.sorted()) TRY_STATUS(wanted_.add(begin, count));
  }
  SelfMeasurement measurement;
  measurement.program = "cyclictest";
  measurement.quantity = "from its timer's time to its thread";
  measurement.clock = "CLOCK_MONOTONIC, unless it was told otherwise";
  if (options_.in_ns && !tells_unit_) measurement.remarks.emplace_back(unit_is_the_users);
  measurement.why_invalid = why_invalid_;
  measurement.exported_from = shown(exported_from_);
  measurement.load = shown(load_);
  RowShape shape{options_.in_ns ? 1 : 1'000, 1, std::nullopt};
  TRY_STATUS(put_latencies(tallies, wanted_, shape, &measurement));
  return measurement;
}

}  // namespace

std::unique_ptr<ResultReader> read_cyclictest_text(ResultOptions options) {
  return std::make_unique<CyclictestText>(std::move(options));
}

bool looks_like_cyclictest_text(std::string_view beginning) {
  return beginning.starts_with("# Histogram\n") ||
         beginning.find("\n# Histogram\n") != std::string_view::npos ||
         beginning.starts_with("# /dev/cpu_dma_latency") || beginning.starts_with("policy: ");
}

}  // namespace loopgate
