// Reading what a measuring program printed, and saying what came of it. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "programs/measuring/measuring_program.h"

namespace loopgate {

// A line, read from left to right: blanks are skipped, and once something is not there all that follows is
// not, either.
class LineScan {
 public:
  explicit LineScan(std::string_view line) : rest_(line) {}

  LineScan& text(std::string_view literal);
  LineScan& number(double* out);  // decimal, without a sign or an exponent
  LineScan& count(std::uint64_t* out);
  LineScan& word(std::string_view* out);  // up to the next blank
  bool good() const { return good_; }
  bool at_end();  // nothing but blanks follows

 private:
  void skip_blanks();

  std::string_view rest_;
  bool good_ = true;
};

// Without their ends, and without the sequences that move a terminal's cursor at their beginnings.
std::vector<std::string_view> lines_in(std::string_view text);

// The first line that has the words.
std::optional<std::string_view> line_with(std::string_view text, std::string_view words);

// The same of whatever it said, its errors first.
std::optional<std::string> complained(const ProgramEnd& end, std::string_view words);

// ---- What came of it ----

ProgramResult result_of(ProgramVerdict verdict, std::string reason);
ProgramResult invalid_result(std::string reason);
ProgramResult failed_result(std::string reason);

// Its last complaint, where that has the words and it exited with another status than 0.
std::optional<std::string> gave_up(const ProgramEnd& end, std::string_view words);

// Of a program that did not end, crashed, or exited with another status than the `wanted`; nothing where it
// did not. Says what it complained of last.
std::optional<ProgramResult> ended_badly(const ProgramEnd& end, int wanted = 0);

ProgramFigure count_figure(std::string name, std::uint64_t count, std::string unit);
// Of what is cut to a whole microsecond.
ProgramFigure us_figure(std::string name, double us, const char* clock);
// Of what is cut to a whole microsecond each, so that the mean lost between nothing and the whole of it.
ProgramFigure mean_figure(double us, const char* clock);

// The number that an option was given, under any of its names; the last one counts.
std::optional<double> option_number(const std::vector<std::string>& argv,
                                    const std::vector<std::string>& names);

// What rt-tests wrote with --json: the object, where it is one and says that it ended well.
Result<nlohmann::json> rt_tests_json(const ProgramEnd& end);

// A thread of such a file, and its number.
struct JsonThread {
  std::size_t number = 0;
  const nlohmann::json* fields = nullptr;
};
// In the order of their numbers, which are 0, 1, 2 and so on. Kind: data.
Result<std::vector<JsonThread>> threads_in(const nlohmann::json& document);
// Not negative, and finite.
std::optional<double> number_in(const nlohmann::json& fields, const char* key);

}  // namespace loopgate
