// A folder for one test, removed at its end.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace loopgate {

class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "agent-test-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return path(name);
  }

 private:
  std::filesystem::path folder_;
};

// A line of /proc/PID/stat as Linux 6.12 writes it. `flags` of a kernel thread: 2129984; of a program:
// 4194304.
inline std::string stat_line(int pid, const std::string& name, int session,
                             const std::string& flags = "4194304", char state = 'S', int rt_priority = 0,
                             int policy = 0) {
  const std::string leader = std::to_string(session);
  return std::to_string(pid) + " (" + name + ") " + state + " 1 " + leader + " " + leader + " 0 -1 " + flags +
         " 1187 0 3 0 12 5 30 10 20 0 1 0 250 12345 300 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 " +
         std::to_string(rt_priority) + " " + std::to_string(policy) + " 0 0 0 0 0 0 0 0 0 0 0\n";
}

}  // namespace loopgate
