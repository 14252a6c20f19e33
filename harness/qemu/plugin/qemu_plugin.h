// QEMU's plugin interface, as far as the instrument calls it. Declared here because Debian ships no header
// for it; the contract is QEMU's include/qemu/qemu-plugin.h, version 4 (QEMU 9.2 and later).
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

using qemu_plugin_id_t = std::uint64_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
struct qemu_plugin_register;

struct qemu_plugin_u64 {
  qemu_plugin_scoreboard* score;
  std::size_t offset;
};

struct qemu_plugin_reg_descriptor {
  qemu_plugin_register* handle;
  const char* name;
  const char* feature;
};

// GLib's, which QEMU is linked with.
struct GByteArray {
  std::uint8_t* data;
  unsigned len;
};
struct GArray {
  char* data;
  unsigned len;
};
GByteArray* g_byte_array_new();
GByteArray* g_byte_array_set_size(GByteArray* array, unsigned length);
std::uint8_t* g_byte_array_free(GByteArray* array, int free_segment);
char* g_array_free(GArray* array, int free_segment);

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_CB_RW_REGS };
enum qemu_plugin_cond {
  QEMU_PLUGIN_COND_NEVER,
  QEMU_PLUGIN_COND_ALWAYS,
  QEMU_PLUGIN_COND_EQ,
  QEMU_PLUGIN_COND_NE
};
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64, QEMU_PLUGIN_INLINE_STORE_U64 };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };

using qemu_plugin_meminfo_t = std::uint32_t;
struct qemu_plugin_mem_value {
  int type;
  union {
    std::uint32_t u32;
    std::uint64_t halves[2];
  } data;
};
using qemu_plugin_vcpu_mem_cb_t = void (*)(unsigned vcpu, qemu_plugin_meminfo_t info, std::uint64_t address,
                                           void* user);
using qemu_plugin_vcpu_udata_cb_t = void (*)(unsigned vcpu, void* user);

void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t id, void* user),
                                    void* user);
void qemu_plugin_register_flush_cb(qemu_plugin_id_t id, void (*callback)(qemu_plugin_id_t id));
void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t id,
                                       void (*callback)(qemu_plugin_id_t id, unsigned vcpu));
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
                                           void (*callback)(qemu_plugin_id_t id, qemu_plugin_tb* block));
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb* block, qemu_plugin_vcpu_udata_cb_t callback,
                                          qemu_plugin_cb_flags flags, void* user);
void qemu_plugin_register_vcpu_tb_exec_cond_cb(qemu_plugin_tb* block, qemu_plugin_vcpu_udata_cb_t callback,
                                               qemu_plugin_cb_flags flags, qemu_plugin_cond condition,
                                               qemu_plugin_u64 entry, std::uint64_t immediate, void* user);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn* instruction,
                                            qemu_plugin_vcpu_udata_cb_t callback, qemu_plugin_cb_flags flags,
                                            void* user);
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(qemu_plugin_tb* block, qemu_plugin_op operation,
                                                       qemu_plugin_u64 entry, std::uint64_t immediate);
void qemu_plugin_register_vcpu_mem_cb(qemu_plugin_insn* instruction, qemu_plugin_vcpu_mem_cb_t callback,
                                      qemu_plugin_cb_flags flags, qemu_plugin_mem_rw access, void* user);
qemu_plugin_mem_value qemu_plugin_mem_get_value(qemu_plugin_meminfo_t info);
int qemu_plugin_num_vcpus();
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb* block);
std::uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb* block);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb* block, std::size_t index);
std::uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn* instruction);
std::size_t qemu_plugin_insn_size(const qemu_plugin_insn* instruction);
std::size_t qemu_plugin_insn_data(const qemu_plugin_insn* instruction, void* destination, std::size_t size);
qemu_plugin_scoreboard* qemu_plugin_scoreboard_new(std::size_t element_size);
void qemu_plugin_scoreboard_free(qemu_plugin_scoreboard* score);
void qemu_plugin_u64_set(qemu_plugin_u64 entry, unsigned vcpu, std::uint64_t value);
std::uint64_t qemu_plugin_u64_get(qemu_plugin_u64 entry, unsigned vcpu);
bool qemu_plugin_read_memory_vaddr(std::uint64_t address, GByteArray* data, std::size_t size);
GArray* qemu_plugin_get_registers();
int qemu_plugin_read_register(qemu_plugin_register* handle, GByteArray* value);
}
