// A serial line whose one end is a FIFO that scripts write to, and the other a terminal device.
#pragma once

#include <filesystem>
#include <string>
#include <thread>

namespace loopgate {

class FakeConsole {
 public:
  explicit FakeConsole(const std::filesystem::path& fifo);
  ~FakeConsole();
  FakeConsole(const FakeConsole&) = delete;
  FakeConsole& operator=(const FakeConsole&) = delete;

  const std::string& device() const { return device_; }

 private:
  void forward() const;

  int fifo_ = -1;
  int end_ = -1;  // the line's own
  int stop_ = -1;
  std::string device_;
  std::thread thread_;
};

}  // namespace loopgate
