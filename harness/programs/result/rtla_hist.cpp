#include "programs/result/rtla_hist.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/units.h"
#include "programs/result/histogram_rows.h"
#include "programs/result/text_lines.h"

namespace loopgate {
namespace {

constexpr std::string_view no_minimum = "18446744073709551615";  // in Linux 6.1
constexpr std::size_t rtla_columns_max = 12'288;                 // of 4,096 CPUs

// Of a CPU, what timerlat measures of each of its timer's interrupts.
struct RtlaContext {
  const char* word;    // of --column
  const char* prefix;  // of the column
  const char* quantity;
};
constexpr std::array contexts = {
    RtlaContext{"irq", "IRQ-", "from its timer's time to the interrupt handler"},
    RtlaContext{"thread", "Thr-", "from its timer's time to its kernel thread"},
    RtlaContext{"user", "Usr-", "from its timer's time to its user-space thread's return"},
};
constexpr RtlaContext noise = {"", "CPU-", "the length of a noise on the CPU"};

class RtlaHist : public ResultReader {
 public:
  explicit RtlaHist(ResultOptions options) : options_(std::move(options)) {}

  Status take(std::string_view portion) override {
    return lines_.take(portion, [this](std::string_view line) { return take_line(line); });
  }

  Result<SelfMeasurement> finish() override;

 private:
  struct Column {
    std::string prefix;
    std::string cpu;
    bool wanted = false;
  };
  // One number for each wanted column; nothing where there is a dash, of a CPU that measured nothing.
  using Row = std::vector<std::optional<std::uint64_t>>;
  struct Sum {
    Row values;
    bool seen = false;
  };

  tl::unexpected<Error> at_line(const std::string& what) const {
    return fail(ErrorKind::data, fmt::format("line {}: {}", lines_.number(), what),
                "take the file as rtla wrote it, or measure again");
  }

  Status take_line(std::string_view line);
  Status take_head(std::string_view line);
  Status choose_columns();
  Status take_row(std::string_view line);
  Status take_sum(std::string_view name, LineWords words);
  Result<Row> row_of(LineWords words) const;
  void take_remark(std::string_view line);
  Status check_whole() const;
  Result<std::vector<ThreadTally>> tallies() const;

  ResultOptions options_;
  TextLines lines_;
  bool is_osnoise_ = false;
  bool is_timerlat_ = false;
  std::int64_t unit_ns_ = 0;
  bool in_all_ = false;  // the sums over CPUs
  RtlaContext context_ = noise;
  std::vector<Column> columns_;  // as the line "Index" names them
  std::vector<ThreadTally> wanted_;
  HistogramRows rows_;
  std::optional<std::uint64_t> last_begin_;  // of the row before
  Sum over_, count_, min_, max_;
  std::uint64_t missed_ = 0;
  std::string why_invalid_;
  std::vector<std::string> remarks_;
};

Status RtlaHist::take_line(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.starts_with("# RTLA ")) {
    if (is_timerlat_ || is_osnoise_)
      return at_line("begins a second histogram: import one measurement a file");
    is_timerlat_ = line == "# RTLA timerlat histogram";
    is_osnoise_ = line == "# RTLA osnoise histogram";
    if (is_timerlat_ || is_osnoise_) return {};
    return at_line(fmt::format("\"{}\" is no histogram: call rtla timerlat hist", shown(line)));
  }
  if (!is_timerlat_ && !is_osnoise_) return {};
  if (line.starts_with("# Time unit is nanoseconds")) unit_ns_ = 1;
  if (line.starts_with("# Time unit is microseconds")) unit_ns_ = 1'000;
  if (line.starts_with("Index")) return take_head(line);
  if (line.starts_with("ALL:")) in_all_ = true;
  if (line.empty() || line.front() == '#' || in_all_) {
    take_remark(line);
    return {};
  }
  return take_row(line);
}

Status RtlaHist::take_head(std::string_view line) {
  if (!columns_.empty()) return at_line("names the columns a second time");
  LineWords words(line);
  words.next();
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    const auto number = word.size() > 4 ? whole_number(word.substr(4)) : std::nullopt;
    if (!number) return at_line(fmt::format("\"{}\" is no column of a CPU", shown(word)));
    columns_.push_back({std::string(word.substr(0, 4)), std::to_string(*number)});
    if (columns_.size() > rtla_columns_max) return at_line("names more columns than there are CPUs");
  }
  return choose_columns();
}

Status RtlaHist::choose_columns() {
  if (is_osnoise_) {
    if (!options_.column.empty())
      return fail(ErrorKind::usage, "is a histogram of osnoise, which has no such columns",
                  "leave out --column");
  } else {
    const std::string word = options_.column.empty() ? "thread" : options_.column;
    context_ = *std::ranges::find_if(contexts, [&](const RtlaContext& each) { return word == each.word; });
  }
  std::string others;
  for (Column& column : columns_) {
    column.wanted = column.prefix == context_.prefix && options_.wants(column.cpu);
    if (column.wanted) wanted_.emplace_back().name = column.cpu;
    for (const RtlaContext& each : contexts)
      if (column.prefix == each.prefix && others.find(each.word) == std::string::npos)
        others += fmt::format("{}{}", others.empty() ? "" : ", ", each.word);
  }
  if (!wanted_.empty()) return {};
  if (std::ranges::any_of(columns_, [&](const Column& each) { return each.prefix == context_.prefix; }))
    return {};                      // of other threads, which the caller tells
  if (columns_.empty()) return {};  // nothing was measured
  return fail(ErrorKind::usage, fmt::format("has no column of {} (\"{}\")", context_.word, context_.prefix),
              "name another with --column: " + others);
}

Result<RtlaHist::Row> RtlaHist::row_of(LineWords words) const {
  Row row;
  std::size_t at = 0;
  for (std::string_view word = words.next(); !word.empty(); word = words.next(), ++at) {
    if (at == columns_.size()) break;
    const auto number = whole_number(word);
    if (!number && word != "-" && word != no_minimum)
      return at_line(fmt::format("\"{}\" stands where a number should", shown(word)));
    if (columns_[at].wanted) row.push_back(number);
  }
  if (at != columns_.size() || !words.next().empty())
    return at_line(fmt::format(
        "has not the {} columns that the line \"Index\" names: it was cut off or altered", columns_.size()));
  return row;
}

Status RtlaHist::take_row(std::string_view line) {
  LineWords words(line);
  const std::string_view name = words.next();
  if (name.empty()) return {};
  if (name.back() == ':') return take_sum(name, words);
  const auto begin = whole_number(name);
  if (begin && !over_.values.empty() && whole_number(words.next()))
    return at_line("is a row after the rows' end: import one measurement a file");
  if (!begin || over_.seen) {
    take_remark(line);
    return {};
  }
  if (columns_.empty())
    return at_line(
        "is a row before a line \"Index\" that names the columns: rtla was told --no-header or --no-index");
  if (lines_.is_cut()) return at_line("is longer than a row can be");
  TRY(row, row_of(words));
  TRY_STATUS(check_rises(*begin, lines_.number(), &last_begin_));
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!row[i] || *row[i] > latency_count_max) return at_line("has a count that can't be");
    wanted_[i].add(*begin, *row[i]);
    all += *row[i];
  }
  if (auto added = rows_.add(*begin, all); !added) return at_line(added.error().what);
  return {};
}

Status RtlaHist::take_sum(std::string_view name, LineWords words) {
  const std::pair<std::string_view, Sum*> sums[] = {
      {"over:", &over_}, {"count:", &count_}, {"min:", &min_}, {"max:", &max_}};
  for (const auto& [key, sum] : sums) {
    if (name != key) continue;
    if (sum->seen) return at_line(fmt::format("says \"{}\" a second time", key));
    if (columns_.empty()) {  // osnoise's "over: 0" of nothing
      sum->seen = true;
      return {};
    }
    TRY(row, row_of(words));
    sum->values = std::move(row);
    sum->seen = true;
  }
  return {};
}

void RtlaHist::take_remark(std::string_view line) {
  if (line.find("hit stop tracing") != std::string_view::npos && line.starts_with("rtla"))
    why_invalid_ = stopped_at_own_limit("by its line \"" + shown(line) + "\"");
  const std::size_t missed = line.find(" events missed");
  if (missed == std::string_view::npos) return;
  LineWords words(line);
  const auto number = whole_number(words.next());
  if (number && *number <= latency_count_max) {
    missed_ += *number;
    remarks_.push_back(fmt::format("{} lost to it: their latencies can be any",
                                   counted_text(*number, {"event was", "events were"})));
  } else {
    why_invalid_ = "rtla lost events, and does not know how many";
  }
}

Status RtlaHist::check_whole() const {
  const char* again = "take the file as rtla wrote it, or measure again";
  if (!is_timerlat_ && !is_osnoise_)
    return fail(ErrorKind::data, "holds no histogram: no line says \"# RTLA timerlat histogram\"",
                "call rtla timerlat hist, without --no-header");
  const std::uint64_t last = lines_.number() + (lines_.has_unfinished() ? 1 : 0);
  if (unit_ns_ == 0)
    return fail(ErrorKind::data, fmt::format("line {}: the file ends before a line \"# Time unit is\"", last),
                again);
  if (!over_.seen || (count_.seen && !max_.seen) || lines_.has_unfinished())
    return fail(ErrorKind::data,
                fmt::format("line {}: the file ends {}: it was cut off", last,
                            lines_.has_unfinished() ? "in the middle of a line"
                            : over_.seen            ? "before \"max:\""
                                                    : "before \"over:\""),
                again);
  for (const Sum* sum : {&over_, &count_, &min_, &max_})
    if (sum->seen && sum->values.size() != wanted_.size())
      return fail(ErrorKind::data,
                  "has sums before the line \"Index\" that names their columns: it was altered", again);
  return {};
}

Result<std::vector<ThreadTally>> RtlaHist::tallies() const {
  std::vector<ThreadTally> tallies;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    ThreadTally tally = wanted_[i];
    const auto of = [&](const Sum& sum) { return sum.seen ? sum.values[i] : std::nullopt; };
    tally.overflow = of(over_).value_or(0);
    if (tally.overflow > latency_count_max || tally.binned > latency_count_max)
      return fail(ErrorKind::data,
                  fmt::format("counts {} latencies of CPU {}, which can't be", tally.overflow, tally.name));
    tally.min = of(min_);
    tally.max = of(max_);
    const auto told = of(count_);
    if (told && *told != tally.binned + tally.overflow)
      return fail(ErrorKind::data,
                  fmt::format("contradicts itself: \"count:\" says {} for CPU {}, and its rows and \"over:\" "
                              "hold {}",
                              *told, tally.name, tally.binned + tally.overflow),
                  "take the file as rtla wrote it, or measure again");
    tallies.push_back(std::move(tally));
  }
  return tallies;
}

Result<SelfMeasurement> RtlaHist::finish() {
  TRY_STATUS(check_whole());
  if (columns_.empty())
    return fail(ErrorKind::data,
                is_osnoise_ ? "rtla osnoise found no noise: there is no latency in it"
                            : "rtla timerlat measured nothing",
                "measure for longer");
  SelfMeasurement measurement;
  measurement.program = is_osnoise_ ? "rtla osnoise" : "rtla timerlat";
  measurement.quantity = context_.quantity;
  measurement.clock =
      is_osnoise_ ? "the tracer osnoise's (trace_clock_local)" : "the tracer timerlat's (CLOCK_MONOTONIC)";
  measurement.missed = missed_;
  measurement.why_invalid = why_invalid_;
  measurement.remarks = remarks_;
  if (!count_.seen)
    measurement.remarks.emplace_back("it has no sums (--no-summary): its counts are not checked");
  TRY(threads, tallies());
  const std::uint64_t width = options_.rows ? 1 : 0;
  TRY_STATUS(put_latencies(threads, rows_, {unit_ns_, width, options_.rows}, &measurement));
  return measurement;
}

}  // namespace

std::unique_ptr<ResultReader> read_rtla_hist(ResultOptions options) {
  return std::make_unique<RtlaHist>(std::move(options));
}

bool looks_like_rtla_hist(std::string_view beginning) {
  return beginning.starts_with("# RTLA ") || beginning.find("\n# RTLA ") != std::string_view::npos;
}

}  // namespace loopgate
