// What a command's placeholders stand for on a board: its GPIO chip and lines. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/board.h"

namespace loopgate {

// Each `from` in the word is `to`.
std::string replaced(std::string word, const std::string& from, const std::string& to);

// With {chip}, {stimulus}, {response}, {storm} and {verdict} filled in.
std::vector<std::string> filled_in(const std::vector<std::string>& command, const Board& board);

}  // namespace loopgate
