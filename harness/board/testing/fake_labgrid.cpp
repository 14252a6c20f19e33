#include "board/testing/fake_labgrid.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace loopgate {
namespace {

namespace fs = std::filesystem;

std::string file_name_of(std::string words) {
  for (char& c : words)
    if (c == ' ' || c == '/') c = '_';
  return words;
}

}  // namespace

FakeLabgrid::FakeLabgrid(const std::string& version, const std::string& transcript) {
  const fs::path recordings = fs::path(LOOPGATE_SOURCE_DIR) / "fixtures" / "recordings" / "labgrid";
  fs::copy(recordings / "labgrid-client", folder_.path() / "labgrid-client");
  fs::copy(recordings / version / "help.txt", folder_.path() / "help.txt");
  fs::copy(recordings / version / transcript, folder_.path() / "transcript.txt");
  answer("-p nano-1 show", "");  // which the transcripts do not have
  answer("-p nano-2 show", "");
  path_before_ = std::getenv("PATH");
  ::setenv("PATH", (folder_.path().string() + ":" + path_before_).c_str(), 1);
}

FakeLabgrid::~FakeLabgrid() { ::setenv("PATH", path_before_.c_str(), 1); }

void FakeLabgrid::refuse(const std::string& words, const std::string& said, int status) {
  folder_.write("status." + file_name_of(words), std::to_string(status));
  folder_.write("refuse." + file_name_of(words), said + "\n");
}

void FakeLabgrid::answer(const std::string& words, const std::string& said) {
  folder_.write("answer." + file_name_of(words), said);
}

void FakeLabgrid::delay(const std::string& words, const std::string& seconds) {
  folder_.write("delay." + file_name_of(words), seconds);
}

std::vector<std::string> FakeLabgrid::calls() const {
  std::vector<std::string> lines;
  std::istringstream text(text_of_file(folder_.path() / "calls"));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::string FakeLabgrid::options() const { return text_of_file(folder_.path() / "options"); }

std::string FakeLabgrid::recorded(const std::string& words) const {
  const std::string text = text_of_file(folder_.path() / "transcript.txt");
  const std::string head = fmt::format("$ labgrid-client {}\n", words);
  const std::size_t begin = text.find(head);
  if (begin == std::string::npos) return {};
  return text.substr(begin + head.size(), text.find("[exit", begin) - begin - head.size());
}

}  // namespace loopgate
