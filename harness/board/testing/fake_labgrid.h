// A labgrid-client that plays what a real one said: fixtures/recordings/labgrid.
#pragma once

#include <string>
#include <vector>

#include "base/testing/temp_folder.h"

namespace loopgate {

// The first in PATH as long as this is there.
class FakeLabgrid {
 public:
  // `version` is a folder of the recordings, `transcript` a file in it; its help.txt is known beside it.
  FakeLabgrid(const std::string& version, const std::string& transcript);
  ~FakeLabgrid();
  FakeLabgrid(const FakeLabgrid&) = delete;
  FakeLabgrid& operator=(const FakeLabgrid&) = delete;

  // From now on these words are answered so, whatever was recorded: standard error and a status.
  void refuse(const std::string& words, const std::string& said, int status = 1);
  // From now on these words are answered so, on standard output.
  void answer(const std::string& words, const std::string& said);
  // From now on these words take so long.
  void delay(const std::string& words, const std::string& seconds);

  // Each call's words until now, without the options before them.
  std::vector<std::string> calls() const;
  // The options of the last one.
  std::string options() const;
  // What the transcript holds of these words.
  std::string recorded(const std::string& words) const;

  const TempFolder& folder() const { return folder_; }

 private:
  TempFolder folder_;
  std::string path_before_;
};

}  // namespace loopgate
