#include "programs/rtla_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace loopgate {
namespace {

constexpr std::size_t columns_max = 4'096;
constexpr std::size_t bins_max = 100'000;
constexpr std::uint64_t count_max = 1ULL << 50U;

struct Column {
  std::string kind;
  std::map<std::uint64_t, std::uint64_t> bins;  // by the row's number
  std::uint64_t over = 0, count = 0, min = 0, max = 0;
  bool has_over = false, has_count = false, has_min = false, has_max = false;
};

tl::unexpected<Error> refuse_table(const std::string& why) {
  return fail(ErrorKind::data, "its table " + why);
}

// "IRQ-001"
std::vector<Column> columns_of(std::string_view header) {
  std::vector<Column> columns;
  LineScan scan(header);
  scan.text("Index");
  for (std::string_view word; !scan.at_end() && scan.word(&word).good() && columns.size() < columns_max;)
    columns.emplace_back().kind = word.substr(0, word.find('-'));
  return columns;
}

// A number for each column; "-" where a column has none of it.
bool scan_row(LineScan scan, std::size_t columns, std::vector<std::optional<std::uint64_t>>* numbers) {
  for (std::size_t i = 0; i < columns; ++i) {
    std::string_view word;
    if (!scan.word(&word).good()) return false;
    std::uint64_t number = 0;
    LineScan inner(word);
    if (word == "-") {
      numbers->emplace_back();
    } else if (inner.count(&number).at_end() && number <= count_max) {
      numbers->emplace_back(number);
    } else {
      return false;
    }
  }
  return scan.at_end();
}

void note(std::string_view label, std::uint64_t number, Column* column) {
  for (const auto& [name, field, seen] : {std::tuple{"over:", &Column::over, &Column::has_over},
                                          std::tuple{"count:", &Column::count, &Column::has_count},
                                          std::tuple{"min:", &Column::min, &Column::has_min},
                                          std::tuple{"max:", &Column::max, &Column::has_max}}) {
    if (label != name) continue;
    column->*field = number;
    column->*seen = true;
  }
}

// Averages are of no use here, and have decimals in some versions ("1.00").
bool are_numbers(LineScan scan, std::size_t columns) {
  for (std::size_t i = 0; i < columns; ++i) {
    std::string_view word;
    if (!scan.word(&word).good()) return false;
    double number = 0;
    if (word != "-" && !LineScan(word).number(&number).at_end()) return false;
  }
  return scan.at_end();
}

Status read_row(std::string_view line, std::vector<Column>* columns) {
  LineScan scan(line);
  std::string_view label;
  scan.word(&label);
  std::uint64_t bin = 0;
  const bool is_bin = LineScan(label).count(&bin).at_end();
  const bool is_footer =
      label == "over:" || label == "count:" || label == "min:" || label == "avg:" || label == "max:";
  if (!is_bin && !is_footer) return refuse_table(fmt::format("has a line that is none of a table: {}", line));
  if (label == "avg:") {
    if (are_numbers(scan, columns->size())) return {};
    return refuse_table("has a damaged row avg:");
  }
  std::vector<std::optional<std::uint64_t>> numbers;
  if (!scan_row(scan, columns->size(), &numbers))
    return refuse_table(fmt::format("has a damaged row {}", label));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (!numbers[i]) continue;
    Column& column = (*columns)[i];
    if (!is_bin) {
      note(label, *numbers[i], &column);
    } else if (bin >= bins_max || !column.bins.emplace(bin, *numbers[i]).second) {
      return refuse_table(fmt::format("has a row {} that cannot be", bin));
    }
  }
  return {};
}

// Beyond the rows, or in the last one that holds any.
bool holds_largest(const Column& column) {
  std::uint64_t last = 0;
  for (const auto& [bin, count] : column.bins)
    if (count > 0) last = bin;
  return column.over > 0 ? column.max > last : column.max == last;
}

Status check_column(const Column& column) {
  if (!column.has_over || !column.has_count) return refuse_table("was cut off: it has no over: and count:");
  std::uint64_t held = column.over;
  for (const auto& [bin, count] : column.bins) held += count;
  if (held != column.count)
    return refuse_table(fmt::format("holds {} of {} {} samples", held, column.count, column.kind));
  if (column.count > 0 && (!column.has_min || !column.has_max || column.min > column.max))
    return refuse_table("has no min: and max:");
  if (column.count > 0 && !holds_largest(column))
    return refuse_table(fmt::format("has a max: of {}, which is in none of its rows", column.max));
  return {};
}

void add(const Column& column, std::int64_t unit_ns, RtlaHistogram* sum) {
  LatencyHistogram& histogram = sum->histogram;
  for (const auto& [bin, count] : column.bins) {
    if (histogram.count.size() <= bin) histogram.count.resize(bin + 1);
    histogram.count[bin] += count;
  }
  histogram.overflow += column.over;
  sum->count += column.count;
  if (column.count == 0) return;
  const auto min = static_cast<std::int64_t>(column.min) * unit_ns;
  const auto max = static_cast<std::int64_t>(column.max) * unit_ns;
  histogram.min_ns = std::min(histogram.min_ns.value_or(min), min);
  histogram.max_ns = std::max(histogram.max_ns.value_or(max), max);
}

}  // namespace

Result<std::map<std::string, RtlaHistogram>> rtla_histograms(std::string_view text, std::size_t entries) {
  const auto unit = line_with(text, "# Time unit is ");
  const bool in_ns = unit && unit->find("nanoseconds") != std::string_view::npos;
  if (!unit || (!in_ns && unit->find("microseconds") == std::string_view::npos))
    return refuse_table("does not say its unit");
  std::vector<Column> columns;
  for (const std::string_view line : lines_in(text)) {
    if (columns.empty()) {
      if (line.starts_with("Index")) columns = columns_of(line);
      continue;
    }
    if (line.starts_with("ALL:")) break;  // the columns' sums
    TRY_STATUS(read_row(line, &columns));
  }
  if (columns.empty()) return refuse_table("is not there");
  if (!text.ends_with('\n')) return refuse_table("was cut off in mid-line");
  const std::int64_t unit_ns = in_ns ? 1 : 1'000;
  std::map<std::string, RtlaHistogram> kinds;
  for (const Column& column : columns) {
    TRY_STATUS(check_column(column));
    RtlaHistogram& sum = kinds[column.kind];
    sum.histogram.bin_width_ns = sum.histogram.resolution_ns = unit_ns;
    sum.histogram.count.resize(std::max(sum.histogram.count.size(), entries));
    add(column, unit_ns, &sum);
  }
  return kinds;
}

std::size_t entries_in(const std::vector<std::string>& argv) {
  constexpr double default_entries = 256;
  const double entries = option_number(argv, {"-E", "--entries"}).value_or(default_entries);
  return static_cast<std::size_t>(std::min(entries, static_cast<double>(bins_max)));
}

std::optional<ProgramResult> rtla_ended_early(const ProgramEnd& end) {
  if (const auto line = complained(end, "Tracer "); line && line->ends_with("not found!"))
    return result_of(ProgramVerdict::not_applicable, std::string(*line));
  if (const auto line = complained(end, "hit stop tracing")) return failed_result(std::string(*line));
  return ended_badly(end);
}

}  // namespace loopgate
