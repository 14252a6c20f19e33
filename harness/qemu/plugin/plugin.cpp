// The entry points that QEMU looks for in a plugin.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "base/file.h"
#include "protocol/instrument_settings.h"
#include "protocol/plugin_check.h"
#include "qemu/plugin/bench_factory.h"
#include "qemu/plugin/main_loop_gate.h"
#include "qemu/plugin/qemu_functions.h"
#include "qemu/plugin/qemu_plugin.h"

extern "C" {

extern __attribute__((visibility("default"))) int qemu_plugin_version;
int qemu_plugin_version = 4;  // QEMU 10.0 accepts 2 to 4

__attribute__((visibility("default"))) int qemu_plugin_install(std::uint64_t id, const void* info, int argc,
                                                               char** argv);
}

namespace {

using loopgate::Result;

// `loopgate doctor` asks only whether this QEMU has what the instrument needs.
bool only_checked(int argc, char** argv) {
  return argc > 0 && std::strcmp(argv[0], loopgate::plugin_check_argument) == 0;
}

Result<loopgate::InstrumentSettings> read_settings(int argc, char** argv) {
  constexpr const char* key = "settings=";
  for (int i = 0; i < argc; ++i) {
    if (std::strncmp(argv[i], key, std::strlen(key)) != 0) continue;
    auto text = loopgate::read_file(argv[i] + std::strlen(key));
    if (!text) return tl::unexpected(text.error());
    return loopgate::parse_instrument_settings(*text);
  }
  return loopgate::fail(loopgate::ErrorKind::usage, "the plugin needs settings=FILE");
}

void complain(const loopgate::Error& error) {
  std::fprintf(stderr, "loopgate instrument: %s\n", loopgate::to_text(error).c_str());
}

// Ends QEMU, which has nothing else to do then.
[[noreturn]] void answer_check() {
  loopgate::QemuFunctions qemu{};
  const loopgate::Status found = qemu.look_up();
  if (!found) complain(found.error());
  std::_Exit(static_cast<int>(found ? loopgate::PluginCheck::complete : loopgate::PluginCheck::incomplete));
}

Result<std::unique_ptr<loopgate::VirtualBench>> build(qemu_plugin_id_t id, int argc, char** argv) {
  loopgate::QemuFunctions qemu{};
  TRY_STATUS(qemu.look_up());
  TRY(settings, read_settings(argc, argv));
  const bool boots = settings.saved_at_ns == 0;
  TRY_STATUS(loopgate::install_main_loop_gate(qemu, boots ? while_booting(settings.turns) : settings.turns));
  return loopgate::create_bench(settings, qemu, id);
}

}  // namespace

int qemu_plugin_install(std::uint64_t id, const void*, int argc, char** argv) {
  if (only_checked(argc, argv)) answer_check();
  auto bench = build(id, argc, argv);
  if (!bench) {
    complain(bench.error());
    return -1;
  }
  qemu_plugin_register_vcpu_init_cb(id, [](std::uint64_t, unsigned) { loopgate::enter_main_loop_gate(); });
  qemu_plugin_register_flush_cb(id, [](std::uint64_t) { loopgate::translated_code_is_flushed(); });
  // QEMU owns it from here on and gives it back when it ends.
  qemu_plugin_register_atexit_cb(
      id, [](std::uint64_t, void* user) { delete static_cast<loopgate::VirtualBench*>(user); },
      bench->release());
  return 0;
}
