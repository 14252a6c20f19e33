#include "programs/measuring/program_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <csignal>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "programs/result/result_json.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr std::size_t threads_max = 4'096;
constexpr std::size_t words_max = 200;

// What it said last, on standard error if there is anything.
std::string complaint_of(const ProgramEnd& end) {
  std::string words = last_line(end.errors);
  if (words.empty()) words = last_line(end.printed);
  return words.empty() ? std::string() : ": " + words.substr(0, words_max);
}

// "\x1b[2A": what programs send to write over their last lines.
std::string_view without_cursor_moves(std::string_view line) {
  while (line.starts_with("\x1b[")) {
    const std::size_t end = line.find_first_not_of("0123456789;", 2);
    if (end == std::string_view::npos) return {};
    line.remove_prefix(end + 1);
  }
  return line;
}

}  // namespace

void LineScan::skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }

LineScan& LineScan::text(std::string_view literal) {
  skip_blanks();
  good_ = good_ && rest_.starts_with(literal);
  if (good_) rest_.remove_prefix(literal.size());
  return *this;
}

LineScan& LineScan::number(double* out) {
  skip_blanks();
  const std::size_t size = std::min(rest_.find_first_not_of("0123456789."), rest_.size());
  double value = 0;
  const char* begin = rest_.data();
  const auto [end, error] = std::from_chars(begin, begin + size, value, std::chars_format::fixed);
  good_ = good_ && size > 0 && error == std::errc() && end == begin + size && std::isfinite(value);
  if (!good_) return *this;
  *out = value;
  rest_.remove_prefix(size);
  return *this;
}

LineScan& LineScan::count(std::uint64_t* out) {
  skip_blanks();
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  good_ = good_ && error == std::errc();
  if (!good_) return *this;
  *out = value;
  rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
  return *this;
}

LineScan& LineScan::word(std::string_view* out) {
  skip_blanks();
  const std::size_t size = std::min(rest_.find_first_of(" \t"), rest_.size());
  good_ = good_ && size > 0;
  if (!good_) return *this;
  *out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return *this;
}

bool LineScan::at_end() {
  skip_blanks();
  return good_ && rest_.empty();
}

std::vector<std::string_view> lines_in(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    if (end > 0) lines.push_back(without_cursor_moves(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::optional<std::string_view> line_with(std::string_view text, std::string_view words) {
  const std::size_t at = text.find(words);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t before = at == 0 ? std::string_view::npos : text.find_last_of("\r\n", at - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, std::min(text.find_first_of("\r\n", at), text.size()) - begin);
}

std::optional<std::string> complained(const ProgramEnd& end, std::string_view words) {
  for (const std::string* text : {&end.errors, &end.printed})
    if (const auto line = line_with(*text, words)) return std::string(*line);
  return std::nullopt;
}

ProgramResult result_of(ProgramVerdict verdict, std::string reason) {
  ProgramResult result;
  result.verdict = verdict;
  result.reason = std::move(reason);
  return result;
}

ProgramResult invalid_result(std::string reason) {
  return result_of(ProgramVerdict::invalid, std::move(reason));
}

ProgramResult failed_result(std::string reason) { return result_of(ProgramVerdict::fail, std::move(reason)); }

std::optional<std::string> gave_up(const ProgramEnd& end, std::string_view words) {
  if (end.signal || end.status.value_or(0) == 0) return std::nullopt;
  std::string complaint = last_line(end.errors);
  if (complaint.find(words) == std::string::npos) return std::nullopt;
  return complaint;
}

std::optional<ProgramResult> ended_badly(const ProgramEnd& end, int wanted) {
  if (end.signal)
    return invalid_result(fmt::format("it died by signal {}{}", *end.signal, complaint_of(end)));
  if (!end.status) return invalid_result("it did not end within its time" + complaint_of(end));
  if (*end.status == wanted) return std::nullopt;
  return invalid_result(fmt::format("it exited with {}{}", *end.status, complaint_of(end)));
}

ProgramFigure count_figure(std::string name, std::uint64_t count, std::string unit) {
  return {std::move(name), static_cast<double>(count), std::move(unit), "", 0};
}

ProgramFigure us_figure(std::string name, double us, const char* clock) {
  return {std::move(name), us, "us", clock, 1};
}

ProgramFigure mean_figure(double us, const char* clock) { return us_figure("mean", us, clock); }

std::optional<double> option_number(const std::vector<std::string>& argv,
                                    const std::vector<std::string>& names) {
  std::optional<double> found;
  for (const ProgramOption& option : options_in(argv)) {
    if (std::ranges::find(names, option.name) == names.end()) continue;
    double value = 0;
    if (LineScan scan(option.value); scan.number(&value).at_end()) found = value;
  }
  return found;
}

Result<json> rt_tests_json(const ProgramEnd& end) {
  if (!end.file || end.file->empty()) return fail(ErrorKind::data, "it wrote no JSON file");
  auto document = json_of_result(*end.file);
  if (!document) return fail(ErrorKind::data, "its JSON file " + document.error().what);
  const auto status = document->find("return_code");
  if (status == document->end() || !status->is_number_integer())
    return fail(ErrorKind::data, "its JSON file has no return_code");
  if (*status != 0)
    return fail(ErrorKind::data, fmt::format("its JSON file says return_code {}", status->dump()));
  return document;
}

Result<std::vector<JsonThread>> threads_in(const json& document) {
  const auto threads = document.find("thread");
  if (threads == document.end() || !threads->is_object() || threads->empty() || threads->size() > threads_max)
    return fail(ErrorKind::data, "its JSON file names no threads");
  std::vector<JsonThread> all;
  for (std::size_t number = 0; number < threads->size(); ++number) {
    const auto thread = threads->find(std::to_string(number));
    if (thread == threads->end() || !thread->is_object())
      return fail(ErrorKind::data, fmt::format("its JSON file has no thread {}", number));
    all.push_back({number, &*thread});
  }
  return all;
}

std::optional<double> number_in(const json& fields, const char* key) {
  const auto found = fields.find(key);
  if (found == fields.end() || !found->is_number()) return std::nullopt;
  const auto value = found->get<double>();
  return std::isfinite(value) && value >= 0 ? std::optional(value) : std::nullopt;
}

}  // namespace loopgate
