#include "kernel/fixture_script.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/process.h"
#include "base/text.h"

namespace loopgate {
namespace {

// How the sentence begins that a script ends with: it becomes the error, and is told once.
constexpr std::string_view error_mark = "error: ";

std::string without_mark(std::string line) {
  return line.starts_with(error_mark) ? line.substr(error_mark.size()) : line;
}

}  // namespace

Result<nlohmann::json> run_fixture_script(const std::vector<std::string>& argv, const Notify& notify,
                                          std::chrono::seconds limit) {
  const auto tell_but_error = [&](const std::string& line) {
    if (notify && !line.starts_with(error_mark)) notify(line);
  };
  TRY(finished, run_program(argv, limit, tell_but_error));
  if (finished.exit_status != 0)
    return fail(finished.exit_status == 2 ? ErrorKind::usage : ErrorKind::infrastructure,
                without_mark(last_line(finished.errors)), fmt::format("the command was: {}", quoted(argv)));
  auto answer = parse_json(finished.output);
  if (!answer.is_object())
    return fail(ErrorKind::infrastructure, fmt::format("{} gave no JSON object", argv[0]));
  return answer;
}

std::string text_in(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace loopgate
