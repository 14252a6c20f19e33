// Parses the output of a fact script. The start of each line gives its kind:
//   = NAME          a name of the request; the lines up to the next one describe it:
//   + ./PATH        readable            - ./PATH   not readable
//   ! missing       does not exist      ! locked ./FOLDER   no permission to see whether it exists
//   >TEXT           a line of the last +
//   ./PATH:TEXT     a line of a file listed above
//   @ SECONDS       the uptime; what follows is read again at the next @
//   . end           the last line, so that truncation is detected
#include <fmt/format.h>

#include <set>

#include "audit/fact_script.h"
#include "audit/text_parts.h"

namespace loopgate {
namespace {

constexpr const char* run_again = "run the script again, and keep all of its output";

class FactReader {
 public:
  explicit FactReader(std::string name) : name_(std::move(name)) {}

  Result<Facts> read(std::string_view text) {
    const auto lines = lines_of(text);
    if (lines.empty() || lines[0] != "loopgate facts 1") return refuse("not the output of an audit script");
    for (line_ = 1; line_ < lines.size() && lines[line_] != ". end"; ++line_) {
      const std::string why = take(lines[line_]);
      if (!why.empty()) return refuse(why);
    }
    if (line_ + 1 != lines.size() || moments_.size() == 1)
      return refuse("truncated, or has text after its end");
    if (moments_.size() == 2) facts_.seconds_between = moments_[1] - moments_[0];
    return std::move(facts_);
  }

 private:
  tl::unexpected<Error> refuse(const std::string& why) const {
    return fail(ErrorKind::data, fmt::format("{}:{}: {}", name_, line_ + 1, why), run_again);
  }

  // Why the line is refused; empty when it is accepted.
  std::string take(std::string_view line) {
    if (line.starts_with("./")) return take_content(line);
    if (line.starts_with('>')) {
      if (last_ == nullptr) return "a line of text before its file";
      append(last_, line.substr(1));
      return "";
    }
    if (line.size() < 3 || line[1] != ' ') return "not a line of an audit's facts";
    const std::string_view rest = line.substr(2);
    switch (line[0]) {
      case '=':
        return begin(rest);
      case '+':
      case '-':
        return list(rest, line[0] == '+');
      case '!':
        return take_absence(rest);
      case '@':
        return take_moment(rest);
      default:
        return "not a line of an audit's facts";
    }
  }

  std::string begin(std::string_view name) {
    auto& readings = moments_.size() == 2 ? facts_.second : facts_.first;
    const auto [entry, is_new] = readings.try_emplace(std::string(name));
    if (!is_new) return fmt::format("\"{}\" was read already", name);
    reading_ = &entry->second;
    last_ = nullptr;
    return "";
  }

  std::string list(std::string_view path, bool readable) {
    if (reading_ == nullptr || !reading_->locked.empty()) return "a file that was not requested";
    if (path.starts_with("./")) path.remove_prefix(1);
    const std::size_t number = reading_->facts.size();
    reading_->facts.push_back({std::string(path), std::nullopt});
    last_ = nullptr;
    if (!readable) return "";
    last_ = reading_;
    const bool is_new = listed_.try_emplace(std::string(path), Place{reading_, number}).second;
    return is_new ? "" : fmt::format("{} was requested by two names", path);
  }

  std::string take_absence(std::string_view how) {
    if (reading_ == nullptr || !reading_->facts.empty()) return "a missing file that was not requested";
    if (how == "missing") return "";
    if (!how.starts_with("locked .")) return "must say missing or locked";
    reading_->locked = how.size() == 8 ? "/" : how.substr(8);
    return "";
  }

  std::string take_moment(std::string_view uptime) {
    const auto seconds = parse_number<double>(uptime);
    if (!seconds || !(*seconds >= 0 && *seconds < 1e10)) return "must say the uptime in seconds";
    if (moments_.size() == 2 || (!moments_.empty() && *seconds < moments_[0]))
      return "the uptime decreases, or occurs more than twice";
    moments_.push_back(*seconds);
    reading_ = nullptr;
    last_ = nullptr;
    listed_.clear();
    return "";
  }

  // A path may contain colons: the shortest listed path counts.
  std::string take_content(std::string_view line) {
    for (std::size_t colon = line.find(':'); colon != std::string_view::npos;
         colon = line.find(':', colon + 1)) {
      const auto found = listed_.find(line.substr(1, colon - 1));
      if (found == listed_.end()) continue;
      const auto& [reading, number] = found->second;
      append(&reading->facts[number].text, line.substr(colon + 1));
      return "";
    }
    return "a line of a file that is not listed";
  }

  static void append(Reading* reading, std::string_view line) { append(&reading->facts.back().text, line); }

  static void append(std::optional<std::string>* text, std::string_view line) {
    if (!*text) text->emplace();
    (*text)->append(line).push_back('\n');
  }

  struct Place {
    Reading* reading;
    std::size_t number;
  };

  std::string name_;
  std::size_t line_ = 0;
  Facts facts_;
  std::vector<double> moments_;
  std::map<std::string, Place, std::less<>> listed_;  // readable files of this moment
  Reading* reading_ = nullptr;                        // in a map, whose entries stay where they are
  Reading* last_ = nullptr;                           // the reading whose last fact takes lines of text
};

}  // namespace

Result<Facts> parse_facts(std::string_view text, const std::string& name) {
  return FactReader(name).read(text);
}

}  // namespace loopgate
