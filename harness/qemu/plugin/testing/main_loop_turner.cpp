// A plugin for a test of the bench, loaded beside the instrument: makes QEMU's main loop turn all the time,
// as a busy host does now and then. Arguments: every_ns=NS of host time, and turns=FILE: FILE.PID holds the
// number of turns so far, since the harness kills QEMU and nothing runs at its end.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>

#include "qemu/plugin/qemu_functions.h"
#include "qemu/plugin/qemu_plugin.h"

extern "C" {

extern __attribute__((visibility("default"))) int qemu_plugin_version;
int qemu_plugin_version = 4;  // QEMU 10.0 accepts 2 to 4

__attribute__((visibility("default"))) int qemu_plugin_install(std::uint64_t id, const void* info, int argc,
                                                               char** argv);
}

namespace {

using loopgate::ClockTimer;
using loopgate::QemuFunctions;

class Turner {
 public:
  Turner(const QemuFunctions& qemu, std::int64_t every_ns, const std::string& file)
      : qemu_(qemu), every_ns_(every_ns), file_(file + "." + std::to_string(::getpid())) {
    timer_.emplace(
        qemu_, loopgate::qemu_clock_host, [](void* self) { static_cast<Turner*>(self)->turn(); }, this);
    timer_->arm_at(0);
  }
  Turner(const Turner&) = delete;
  Turner& operator=(const Turner&) = delete;

 private:
  void turn() {
    if (++turns_ % 100 == 0) write_down();
    timer_->arm_at(qemu_.qemu_clock_get_ns(loopgate::qemu_clock_host) + every_ns_);
  }

  // QEMU may be killed at any moment, and the test reads the file then: it is there whole or not at all.
  void write_down() {
    const std::string part = file_ + "-part";
    std::ofstream(part) << turns_ << std::endl;
    (void)std::rename(part.c_str(), file_.c_str());
  }

  QemuFunctions qemu_;
  std::int64_t every_ns_;
  std::string file_;
  std::optional<ClockTimer> timer_;
  std::uint64_t turns_ = 0;
};

std::string argument(int argc, char** argv, const std::string& key) {
  for (int i = 0; i < argc; ++i) {
    if (const std::string word = argv[i]; word.starts_with(key + "=")) return word.substr(key.size() + 1);
  }
  return {};
}

}  // namespace

int qemu_plugin_install(std::uint64_t, const void*, int argc, char** argv) {
  QemuFunctions qemu{};
  const std::int64_t every_ns = std::atoll(argument(argc, argv, "every_ns").c_str());
  const std::string file = argument(argc, argv, "turns");
  if (!qemu.look_up() || every_ns <= 0 || file.empty()) {
    std::fprintf(stderr,
                 "main_loop_turner: give every_ns=NS,turns=FILE to a QEMU that the instrument runs in\n");
    return -1;
  }
  new Turner(qemu, every_ns, file);  // as long as QEMU lives, whose timer knows its address
  return 0;
}
