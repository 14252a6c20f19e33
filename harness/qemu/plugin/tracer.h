// Watches the CPU while chosen samples are pending, from within QEMU and at no cost to the guest: a callback
// at the begin of each translated block writes where the CPU is and when (watch_file.h). The guest's clock
// counts instructions and knows nothing of callbacks, so the samples stay those of the unwatched run; the
// harness compares them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "protocol/trace_file.h"
#include "protocol/trace_settings.h"
#include "qemu/plugin/qemu_functions.h"
#include "qemu/plugin/qemu_plugin.h"

namespace loopgate {

class Tracer {
 public:
  // Registers its callbacks with QEMU, which knows no other argument than a process-wide one: one at a time.
  static Result<std::unique_ptr<Tracer>> create(const TraceSettings& settings, const QemuFunctions& qemu,
                                                qemu_plugin_id_t plugin);
  ~Tracer();
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  // Called where the pulse train is: in a virtual timer, or in the store that moves the pin.
  void stimulus(std::uint32_t sample, bool counted, std::int64_t now_ns);
  void response(std::int64_t now_ns) { close(TraceKind::end, now_ns); }
  void given_up(std::int64_t now_ns) { close(TraceKind::given_up, now_ns); }

  // Writes out what is still in memory. Whether everything could be written.
  bool flush() { return std::fflush(file_.get()) == 0 && std::ferror(file_.get()) == 0; }

 private:
  struct Block {
    Tracer* watcher;
    std::uint32_t id;
    std::uint64_t address;
    std::uint32_t instructions;
    std::uint32_t last_opcode;
    bool written;
    bool mark;  // a phase can end here
  };
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct FreeBytes {
    void operator()(GByteArray* bytes) const { g_byte_array_free(bytes, 1); }
  };

  Tracer(const TraceSettings& settings, const QemuFunctions& qemu, std::FILE* file);

  void translate(qemu_plugin_tb* translated);
  void run(Block* translated);
  Block* where_it_is(Block* translated);
  void on_switch();
  void first_block(const Block& block);
  void look_at(const Block& block, std::int64_t at_ns);
  void close(TraceKind kind, std::int64_t now_ns);

  std::int64_t now_ns() const;
  bool read_registers();
  std::uint64_t register_value(qemu_plugin_register* handle);
  std::uint64_t argument(unsigned number) { return register_value(general_[number]); }
  bool read(std::uint64_t address, void* out, std::size_t size);
  template <class Value>
  Value read_value(std::uint64_t address) {
    Value value{};
    read(address, &value, sizeof(value));
    return value;
  }
  TraceTask task_at(std::uint64_t address);
  std::vector<std::uint64_t> frames_from(std::uint64_t frame_pointer);

  void write(TraceKind kind, std::int64_t at_ns, const void* words, std::size_t count);
  void write_block(Block* block);

  const TraceSettings settings_;
  const std::set<std::uint32_t> samples_;
  const QemuFunctions qemu_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  qemu_plugin_scoreboard* score_;
  std::unique_ptr<GByteArray, FreeBytes> bytes_;
  std::deque<Block> blocks_;  // QEMU keeps their addresses
  std::map<std::pair<std::uint32_t, std::uint64_t>, Block*>
      elsewhere_;  // by the translated block and address
  std::vector<qemu_plugin_register*> general_;
  qemu_plugin_register* link_return_ = nullptr;  // elr_el1
  qemu_plugin_register* counter_ = nullptr;      // pc

  std::uint64_t current_ = 0;  // the running task, as of the last switch
  std::optional<std::uint32_t> open_;
  bool first_ = false;
  bool was_user_ = false;
  bool switched_ = false;  // the next block is the first of another task
  std::uint32_t before_opcode_ = 0;
};

}  // namespace loopgate
