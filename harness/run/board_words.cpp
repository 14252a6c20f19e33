#include "run/board_words.h"

namespace loopgate {

std::string replaced(std::string word, const std::string& from, const std::string& to) {
  for (std::size_t at = word.find(from); at != std::string::npos; at = word.find(from, at + to.size()))
    word.replace(at, from.size(), to);
  return word;
}

std::vector<std::string> filled_in(const std::vector<std::string>& command, const Board& board) {
  std::vector<std::string> words;
  for (std::string word : command) {
    word = replaced(std::move(word), "{chip}", board.gpio_chip);
    word = replaced(std::move(word), "{stimulus}", std::to_string(board.lines.stimulus));
    word = replaced(std::move(word), "{response}", std::to_string(board.lines.response));
    word = replaced(std::move(word), "{storm}", std::to_string(board.lines.storm));
    word = replaced(std::move(word), "{verdict}", std::to_string(board.lines.verdict));
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace loopgate
