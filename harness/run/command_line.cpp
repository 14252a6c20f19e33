#include "run/command_line.h"

#include <fmt/format.h>

#include "board/running_kernel.h"
#include "qemu/qemu_command.h"
#include "run/null_change.h"

namespace loopgate {
namespace {

constexpr std::string_view blanks = " \t\n";
// As long as a candidate's mark is.
constexpr const char* a_mark = "0123456789ab";

// Takes the first word off the text; empty when there is none.
std::string_view take_word(std::string_view* text) {
  const std::size_t begin = text->find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  text->remove_prefix(begin);
  const std::string_view word = text->substr(0, text->find_first_of(blanks));
  text->remove_prefix(word.size());
  return word;
}

}  // namespace

Status check_command_line(const Kernel& kernel, const Board& board, int null_change) {
  const std::string arguments = given_arguments(kernel, null_change);
  const std::string line = board.is_virtual() ? kernel_command_line(board, arguments)
                                              : candidate_command_line(board.ssh(), arguments, a_mark);
  if (line.size() <= longest_command_line) return {};
  return fail(ErrorKind::usage,
              fmt::format("kernel {}: its command line has {} bytes, and a kernel reads {}", kernel.name,
                          line.size(), longest_command_line),
              fmt::format("shorten `arguments` by {} bytes: the kernel would drop the last ones and run "
                          "without them",
                          line.size() - longest_command_line));
}

std::string dropped_argument(std::string_view asked, std::string_view running) {
  std::string_view rest = running;
  for (std::string_view word = take_word(&asked); !word.empty(); word = take_word(&asked)) {
    std::string_view seen = take_word(&rest);
    while (!seen.empty() && seen != word) seen = take_word(&rest);
    if (!seen.empty()) continue;
    return fmt::format(
        "the kernel runs without the argument {} that its file asks for: /proc/cmdline has {} bytes, \"{}\"",
        word, running.size(), running);
  }
  return {};
}

}  // namespace loopgate
