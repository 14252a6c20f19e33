// SPDX-License-Identifier: GPL-2.0-or-later
// The probe's kernel part: follows one stimulus at a time from the interrupt to the system call that answers
// it, and sends one event when the payload sleeps again, so that sending costs no latency. What is hooked is
// called for every task of the kernel: each function looks at the stage first.
//
// CO-RE: the few fields of kernel structs that are read are found by the running kernel's BTF, whatever its
// version and architecture.
#include <linux/bpf.h>
#include <stdbool.h>
// These need the types of linux/bpf.h.
#include <bpf/bpf_helpers.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "protocol/probe_records.h"

char LICENSE[] SEC("license") = "GPL";

#define OF_KERNEL __attribute__((preserve_access_index))

struct task_struct {
  int pid;
  int tgid;
  int prio;
  unsigned int __state;
  char comm[probe_name_size];
} OF_KERNEL;

// The registers of a system call. What stands behind ___ is no part of the kernel's name.
struct pt_regs___arm64 {
  ProbeU64 regs[31];
} OF_KERNEL;
struct pt_regs___x86 {
  ProbeU64 si;
} OF_KERNEL;

struct pt_regs;

const volatile struct ProbeConstants target SEC(".rodata.target") = {};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4 << 20);
} ring SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, 4);
  __uint(value_size, 4);
} perf SEC(".maps");

enum Stage { idle, thread_woken, payload_woken, has_read, answers };

enum { cpus = 256, set_values = 0xc010b40f, sleeps_in_a_call = 1 };  // GPIO_V2_LINE_SET_VALUES_IOCTL

// A cache line each, since every CPU writes its own at each interrupt.
struct Taken {
  ProbeI64 ns;
  ProbeI64 padding[7];
};

struct State {
  struct ProbeShared shared;
  int stage;
  int waiter;            // the thread whose waits count now
  ProbeI64 wait_since;   // 0: it is on a CPU
  ProbeI64 slice_since;  // the task before it
  bool slow;
  struct ProbeEvent event;
  struct Taken taken[cpus];
};

// Not static: libbpf maps what has a name alone.
struct State state;

// In one register, where the compiler would load the address of each field anew: a tenth of what the probe
// costs.
static __always_inline struct State* state_in_register(void) {
  struct State* address = &state;
  asm volatile("" : "+r"(address));
  return address;
}

static __always_inline ProbeI64 now(void) { return (ProbeI64)bpf_ktime_get_ns(); }

static __always_inline long send(void* ctx, struct State* s) {
  const bool slow = s->slow;
  // Without a wake-up: the user part looks for itself, so that no work is raised behind an answer.
  if (target.use_ring)
    return slow ? bpf_ringbuf_output(&ring, &s->event, sizeof(struct ProbeEvent), BPF_RB_NO_WAKEUP)
                : bpf_ringbuf_output(&ring, &s->event, sizeof(struct ProbeRecord), BPF_RB_NO_WAKEUP);
  return slow ? bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &s->event, sizeof(struct ProbeEvent))
              : bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &s->event, sizeof(struct ProbeRecord));
}

static __always_inline void finish(void* ctx, struct State* s) {
  s->event.record.set_ns = now();
  if (send(ctx, s) != 0) ++s->shared.lost;
  s->stage = idle;
}

// Of every interrupt, since nobody knows yet which one it is.
SEC("fentry/irq_enter_rcu")
int BPF_PROG(on_interrupt) {
  state.taken[bpf_get_smp_processor_id() & (cpus - 1)].ns = now();
  return 0;
}

static __always_inline void begin_wait(struct State* s, int waiter, ProbeI64 now_ns) {
  s->waiter = waiter;
  s->wait_since = s->slice_since = now_ns;
  if (!s->slow) s->event.holder.slices = 0;  // else they are those of the long wait before
}

// A line's irq thread sleeps until the line's interrupt wakes it, which this CPU has just taken.
static __always_inline void begin(void* ctx, struct State* s) {
  if (s->stage == answers)
    finish(ctx, s);  // it never slept
  else if (s->stage != idle && s->shared.stimuli > 1)
    ++s->shared.unfinished;  // the first one's read began before the probe was there
  struct ProbeRecord* record = &s->event.record;
  record->number = ++s->shared.stimuli;
  record->taken_ns = s->taken[bpf_get_smp_processor_id() & (cpus - 1)].ns;
  record->thread_woken_ns = now();
  record->thread_wait_ns = record->read_wait_ns = record->answer_wait_ns = record->set_wait_ns = 0;
  s->slow = false;
  s->stage = thread_woken;
  begin_wait(s, target.thread, record->thread_woken_ns);
}

SEC("tp_btf/sched_waking")
int BPF_PROG(on_waking, struct task_struct* task) {
  struct State* s = state_in_register();
  if (task->pid == target.thread) {
    // On PREEMPT_RT it waits for locks, too, and is woken from that in another state (TASK_RTLOCK_WAIT).
    if ((task->__state & sleeps_in_a_call) != 0) begin(ctx, s);
  } else if (s->stage == thread_woken) {
    if (task->tgid != target.payload || bpf_get_current_task_btf()->pid != target.thread) return 0;
    s->event.record.payload_woken_ns = now();
    s->stage = payload_woken;
    begin_wait(s, task->pid, s->event.record.payload_woken_ns);
  }
  return 0;
}

static __always_inline void add_slice(struct State* s, struct task_struct* task, ProbeI64 now_ns) {
  struct ProbeSlice* slice = &s->event.holder.slice[s->event.holder.slices++ & (probe_slices - 1)];
  slice->ns = now_ns - s->slice_since;
  slice->pid = task->pid;
  slice->priority = task->prio;
  bpf_probe_read_kernel(slice->name, sizeof(slice->name), task->comm);
  s->slice_since = now_ns;
}

static __always_inline void add_wait(struct State* s, ProbeI64 waited_ns) {
  struct ProbeRecord* record = &s->event.record;
  if (s->stage == thread_woken)
    record->thread_wait_ns += waited_ns;
  else if (s->stage == payload_woken)
    record->read_wait_ns += waited_ns;
  else if (s->stage == has_read)
    record->answer_wait_ns += waited_ns;
  else
    record->set_wait_ns += waited_ns;
}

static __always_inline void end_wait(void* ctx, struct State* s, struct task_struct* from) {
  if (s->wait_since == 0) return;
  struct ProbeHolder* holder = &s->event.holder;
  const ProbeI64 now_ns = now(), waited_ns = now_ns - s->wait_since;
  add_wait(s, waited_ns);
  s->wait_since = 0;
  if (waited_ns <= s->shared.slow_ns || (s->slow && waited_ns <= holder->waited_ns)) return;
  if (s->slow) holder->slices = 0;
  add_slice(s, from, now_ns);
  holder->waited_ns = waited_ns;
  holder->of_payload = s->stage != thread_woken;
  holder->stack_bytes = bpf_get_stack(ctx, holder->stack, sizeof(holder->stack), 0);
  s->slow = true;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempted, struct task_struct* from, struct task_struct* to) {
  struct State* s = state_in_register();
  if (s->stage == idle) return 0;
  if (to->pid == s->waiter) {
    end_wait(ctx, s, from);
  } else if (from->pid == s->waiter) {
    if (s->stage == answers && (from->__state & sleeps_in_a_call) != 0) {
      finish(ctx, s);
      return 0;
    }
    s->wait_since = s->slice_since = now();
    if (!s->slow) s->event.holder.slices = 0;
  } else if (s->wait_since != 0 && !s->slow) {
    add_slice(s, from, now());
  }
  return 0;
}

// Both system calls as near to user space as can be: the user part puts the architecture's names in.
SEC("fexit/sys_read")
int BPF_PROG(on_read, const struct pt_regs* registers, long result) {
  struct State* s = state_in_register();
  if (s->stage != payload_woken || bpf_get_current_task_btf()->pid != s->waiter || result <= 0) return 0;
  s->event.record.read_ns = now();
  s->stage = has_read;
  return 0;
}

static __always_inline unsigned int command_of(const struct pt_regs* registers) {
  if (bpf_core_field_exists(((struct pt_regs___x86*)registers)->si))
    return (unsigned int)((struct pt_regs___x86*)registers)->si;
  return (unsigned int)((struct pt_regs___arm64*)registers)->regs[1];
}

// Another thread of the payload may answer than the one that read.
SEC("fentry/sys_ioctl")
int BPF_PROG(on_answer, const struct pt_regs* registers) {
  struct State* s = state_in_register();
  if (s->stage != has_read) return 0;
  struct task_struct* task = bpf_get_current_task_btf();
  if (task->tgid != target.payload || command_of(registers) != set_values) return 0;
  s->event.record.answer_ns = now();
  s->stage = answers;
  s->waiter = task->pid;
  s->wait_since = 0;
  return 0;
}

// The user part calls it: the kernel's own name of an address, without reading all of /proc/kallsyms.
SEC("syscall")
int name_address(void* ctx) {
  ProbeU64 address = state.shared.address;
  static const char form[] = "%ps";
  bpf_snprintf(state.shared.symbol, sizeof(state.shared.symbol), form, &address, sizeof(address));
  return 0;
}
