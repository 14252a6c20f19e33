#include "capture/sigrok_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "capture/samplerate.h"

namespace loopgate {
namespace {

constexpr std::size_t longest_line = 65'536;
// The column of times counts whole units of 1 / 1000^k s, with the least k that gives the rate a unit a
// sample.
constexpr std::array<const char*, 4> time_labels = {"samples", "milliseconds", "microseconds", "nanoseconds"};

std::vector<std::string_view> split(std::string_view line, std::string_view by) {
  std::vector<std::string_view> fields;
  for (std::size_t at = 0;;) {
    const std::size_t end = std::min(line.find(by, at), line.size());
    fields.push_back(line.substr(at, end - at));
    if (end == line.size()) return fields;
    at = end + by.size();
  }
}

bool is_number(std::string_view field) {
  return !field.empty() && field.find_first_not_of("0123456789.-+e") == std::string_view::npos;
}

class CsvReader : public CaptureReader {
 public:
  CsvReader(std::unique_ptr<std::istream> input, std::string name)
      : input_(std::move(input)), name_(std::move(name)) {}

  Status read_head(const ChannelNames& channels) {
    bool more = true;
    for (auto next = read_line(); next && (more = *next) && line_.starts_with(';'); next = read_line())
      read_comment();
    if (problem_) return tl::unexpected(*problem_);
    if (samplerate_hz_ == 0)
      return damaged("names no sample rate from 1 Hz to 1 GHz",
                     "export it with its header, from a device or file that has a rate: sigrok-cli -i "
                     "capture.sr -O csv");
    if (names_.empty()) return damaged("names no channels", "export it with its header: sigrok-cli -O csv");
    if (!more) return damaged("has no samples");
    const auto fields = split(line_, ",");
    has_labels_ = std::any_of(fields.begin(), fields.end(), [](auto field) { return !is_number(field); });
    if (auto done = has_labels_ ? read_labels(fields) : Status(); !done) return done;
    width_ = names_.size() + (has_time_ ? 1 : 0) + (has_trigger_ ? 1 : 0);
    if (fields.size() != width_)
      return damaged(
          fmt::format("line {} has {} columns, and {} were announced", line_number_, fields.size(), width_),
          "export it with label=channel: sigrok-cli -O csv:label=channel");
    if (auto found = find(channels.stimulus, &stimulus_); !found) return found;
    return find(channels.response, &response_);
  }

  std::uint64_t samplerate_hz() const override { return samplerate_hz_; }

  Result<std::uint64_t> read(const OnLevels& on_levels) override {
    if (has_labels_) {
      auto more = read_line();
      if (!more) return tl::unexpected(more.error());
      if (!*more) return damaged("has no samples");
    }
    std::uint64_t samples = 0;
    std::optional<Levels> before;
    for (bool more = true; more;) {
      std::uint64_t sample = samples;
      Levels levels;
      if (auto done = read_row(&sample, &levels, samples); !done) return tl::unexpected(done.error());
      if (levels != before) {
        if (auto done = on_levels(sample, levels); !done) return tl::unexpected(done.error());
      }
      before = levels;
      samples = sample + 1;
      auto next = read_line();
      if (!next) return tl::unexpected(next.error());
      more = *next;
    }
    return samples;
  }

 private:
  tl::unexpected<Error> damaged(const std::string& what, std::string next_step = {}) const {
    return fail(ErrorKind::data, fmt::format("{}: {}", name_, what), std::move(next_step));
  }

  tl::unexpected<Error> damaged_line(const std::string& what) const {
    return damaged(fmt::format("line {}: {}", line_number_, what));
  }

  // False at the end.
  Result<bool> read_line() {
    input_->getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    const auto length = static_cast<std::size_t>(input_->gcount());
    if (input_->eof() && length == 0) return false;
    ++line_number_;
    // sigrok ends every line: one without an end was cut off, maybe within a number.
    if (!input_->good()) {
      problem_ = damaged_line(input_->eof() ? "was cut off" : "is no line of sigrok's").value();
      return tl::unexpected(*problem_);
    }
    line_ = std::string_view(buffer_.data(), length - 1);
    return true;
  }

  void read_comment() {
    constexpr std::string_view rate = "; Samplerate: ";
    if (line_.starts_with(rate)) samplerate_hz_ = samplerate_of(line_.substr(rate.size())).value_or(0);
    if (!line_.starts_with("; Channels (")) return;
    const std::size_t list = line_.find("): ");
    if (list == std::string_view::npos) return;
    names_.clear();
    for (const std::string_view channel : split(line_.substr(list + 3), ", ")) names_.emplace_back(channel);
  }

  Status read_labels(const std::vector<std::string_view>& labels) {
    has_trigger_ = labels.back() == "Trigger";
    std::uint64_t units = 1;  // in a second
    std::size_t power = 0;
    for (; units < samplerate_hz_; units *= 1000) ++power;
    const auto* named = std::find(time_labels.begin(), time_labels.end(), labels.front());
    has_time_ = labels.front() == "Time" || named != time_labels.end();
    if (!has_time_) return {};
    if (named != time_labels.end() && *named != time_labels.at(power))
      return damaged_line(
          fmt::format("counts {}, and {} Hz makes {}", *named, samplerate_hz_, time_labels.at(power)));
    if (units % samplerate_hz_ != 0)
      return damaged(fmt::format("its times are whole {}, which a rate of {} Hz does not fit",
                                 time_labels.at(power), samplerate_hz_),
                     "export it without times: sigrok-cli -O csv");
    period_ = units / samplerate_hz_;
    return {};
  }

  Status find(const std::string& channel, std::size_t* column) const {
    const auto found = std::find(names_.begin(), names_.end(), channel);
    if (found == names_.end())
      return fail(ErrorKind::usage, fmt::format("{}: has no channel {}", name_, channel),
                  fmt::format("it has {}", fmt::join(names_, ", ")));
    *column = static_cast<std::size_t>(found - names_.begin()) + (has_time_ ? 1 : 0);
    return {};
  }

  // `next` is the sample that a file without times would have here.
  Status read_row(std::uint64_t* sample, Levels* levels, std::uint64_t next) {
    if (line_.empty())
      return damaged_line("is empty: another frame begins there, and the time between frames is not known");
    std::size_t column = 0;
    std::string_view rest = line_;
    for (; column < width_; ++column) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      const std::string_view field = rest.substr(0, end);
      if (column == 0 && has_time_) {
        if (auto done = read_time(field, sample, next); !done) return done;
      } else if (column == stimulus_ || column == response_) {
        if (field != "0" && field != "1") return damaged_line(fmt::format("a level is neither 0 nor 1"));
        (column == stimulus_ ? levels->stimulus : levels->response) = field == "1";
      }
      if (end == rest.size()) break;
      rest.remove_prefix(end + 1);
    }
    if (column + 1 != width_) return damaged_line(fmt::format("has not {} columns", width_));
    if (*sample >= most_samples) return damaged_line("is beyond what can be timed");
    return {};
  }

  Status read_time(std::string_view field, std::uint64_t* sample, std::uint64_t next) {
    std::uint64_t time = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), time);
    if (error != std::errc() || end != field.data() + field.size())
      return damaged_line("its time is no number");
    if (next == 0) first_time_ = time;  // 0 or a sample's time, as the version has it
    if (time < first_time_ || (time - first_time_) % period_ != 0 || (time - first_time_) / period_ < next)
      return damaged_line(fmt::format("its time, {}, does not fit the rate and the line before", time));
    *sample = (time - first_time_) / period_;
    return {};
  }

  std::unique_ptr<std::istream> input_;
  std::string name_;
  std::array<char, longest_line> buffer_{};
  std::string_view line_;
  std::uint64_t line_number_ = 0;
  std::optional<Error> problem_;
  std::uint64_t samplerate_hz_ = 0;
  std::vector<std::string> names_;
  bool has_labels_ = false;
  bool has_time_ = false;
  bool has_trigger_ = false;
  std::size_t width_ = 0;
  std::size_t stimulus_ = 0;  // columns
  std::size_t response_ = 0;
  std::uint64_t period_ = 1;  // of the column of times
  std::uint64_t first_time_ = 0;
};

}  // namespace

Result<std::unique_ptr<CaptureReader>> open_csv(std::unique_ptr<std::istream> input, const std::string& name,
                                                const ChannelNames& channels) {
  auto reader = std::make_unique<CsvReader>(std::move(input), name);
  if (auto done = reader->read_head(channels); !done) return tl::unexpected(done.error());
  return reader;
}

}  // namespace loopgate
