// Keeps QEMU's main loop out while the guest's instructions run.
//
// With -icount and an idle guest, QEMU's main loop moves the virtual clock on to the next timer
// (icount_start_warp_timer in accel/tcg/icount-common.c). It takes the CPU for idle as soon as the CPU's
// thread has marked it halted, which is shortly before that thread adds the instructions of its last slice to
// the clock. A turn of the main loop in that gap moves the clock too far, by those instructions. On a quiet
// host the gap is all but never hit; on a busy one about once in a hundred boots; main-loop turns every 200
// us made two of three runs differ. See decisions/0012.
//
// So the main loop gets QEMU's big lock only while the CPU's thread rests: waits for the lock itself, or for
// work. Both are functions that QEMU calls through pointers which it exchanges itself for its lock profiler
// (util/qsp.c).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "protocol/turn_settings.h"
#include "qemu/plugin/qemu_functions.h"

namespace loopgate {

// Once, in the main thread, before a CPU exists. It stays until QEMU ends. An infrastructure error where this
// QEMU's CPUs, if there are several, cannot be held to their turns.
Status install_main_loop_gate(const QemuFunctions& qemu, const TurnSettings& turns);

// In the CPU's own thread, before its first instruction.
void enter_main_loop_gate();

// In the CPU's thread: it goes no further than to its next wait for the lock before the main loop has had a
// turn. For a request to stop, which the main loop carries out at the end of a turn: the CPU's thread
// switches the virtual clock on again at the begin of each slice (rr_cpu_thread_fn), also of a CPU that is
// stopped, and a turn after that would move the clock on to the next timer.
void let_main_loop_go_first();

// Virtual: the longest turn of a CPU so far; nothing where there is one CPU.
std::optional<std::int64_t> longest_cpu_turn_ns();

// QEMU throws all translated code away.
void translated_code_is_flushed();

// What is wrong with the turns of several CPUs, in one sentence; empty where nothing is.
std::string fault_of_cpu_turns();

// How often a wait was given up after 10 s of host time: from then on the run may not repeat.
unsigned main_loop_gate_timeouts();

}  // namespace loopgate
