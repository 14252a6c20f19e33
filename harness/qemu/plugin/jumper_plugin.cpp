// The entry points that QEMU looks for in a plugin: the jumper alone.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "qemu/plugin/jumper.h"
#include "qemu/plugin/qemu_plugin.h"

extern "C" {

extern __attribute__((visibility("default"))) int qemu_plugin_version;
int qemu_plugin_version = 4;  // QEMU 10.0 accepts 2 to 4

__attribute__((visibility("default"))) int qemu_plugin_install(std::uint64_t id, const void* info, int argc,
                                                               char** argv);
}

namespace {

loopgate::Result<std::unique_ptr<loopgate::Jumper>> build(int argc, char** argv) {
  loopgate::QemuFunctions qemu{};
  TRY_STATUS(qemu.look_up());
  TRY(settings, loopgate::parse_jumper(std::vector<std::string>(argv, argv + argc)));
  return loopgate::Jumper::create(std::move(settings), qemu);
}

}  // namespace

int qemu_plugin_install(std::uint64_t id, const void*, int argc, char** argv) {
  auto jumper = build(argc, argv);
  if (!jumper) {
    std::fprintf(stderr, "loopgate jumper: %s\n", loopgate::to_text(jumper.error()).c_str());
    return -1;
  }
  // QEMU owns it from here on and gives it back when it ends.
  qemu_plugin_register_atexit_cb(
      id, [](std::uint64_t, void* user) { delete static_cast<loopgate::Jumper*>(user); }, jumper->release());
  return 0;
}
