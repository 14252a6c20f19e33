#include "explain/kernel_layout.h"

#include <bpf/btf.h>
#include <fmt/format.h>

#include <memory>
#include <string_view>

namespace loopgate {
namespace {

struct FreeTypes {
  void operator()(btf* types) const { btf__free(types); }
};
using Types = std::unique_ptr<btf, FreeTypes>;

const btf_type* without_names(const btf* types, std::uint32_t id) {
  const btf_type* type = btf__type_by_id(types, id);
  while (type != nullptr && (btf_is_typedef(type) || btf_is_mod(type)))
    type = btf__type_by_id(types, type->type);
  return type;
}

// The member's offset in bytes; one of an unnamed struct or union within counts as the outer's own.
bool find_member(const btf* types, const btf_type* type, std::string_view wanted, std::uint32_t* offset,
                 const btf_type** inner) {
  const btf_member* members = btf_members(type);
  for (std::uint32_t i = 0; i < btf_vlen(type); ++i) {
    const std::string_view name = btf__name_by_offset(types, members[i].name_off);
    const std::uint32_t at = btf_member_bit_offset(type, i) / 8;
    const btf_type* of_member = without_names(types, members[i].type);
    if (name == wanted) {
      *offset += at;
      *inner = of_member;
      return true;
    }
    if (!name.empty() || of_member == nullptr || !btf_is_composite(of_member)) continue;
    std::uint32_t within = *offset + at;
    if (find_member(types, of_member, wanted, &within, inner)) {
      *offset = within;
      return true;
    }
  }
  return false;
}

class LayoutReader {
 public:
  LayoutReader(const Symbols& symbols, const std::string& types)
      : symbols_(symbols), types_(btf__new(types.data(), static_cast<std::uint32_t>(types.size()))) {
    if (types_ == nullptr) problem_ = "its type information (BTF) can't be read";
  }

  // `path`: "irq_data.irq"
  void member(const char* of, std::string_view path, std::uint32_t* out) {
    if (!problem_.empty()) return;
    const int id = btf__find_by_name_kind(types_.get(), of, BTF_KIND_STRUCT);
    const btf_type* type = id < 0 ? nullptr : btf__type_by_id(types_.get(), static_cast<std::uint32_t>(id));
    std::uint32_t offset = 0;
    for (std::string_view rest = path; !rest.empty();) {
      const std::size_t dot = rest.find('.');
      if (type == nullptr || !btf_is_composite(type) ||
          !find_member(types_.get(), type, rest.substr(0, dot), &offset, &type)) {
        problem_ = fmt::format("it has no {}.{}", of, path);
        return;
      }
      rest = dot == std::string_view::npos ? "" : rest.substr(dot + 1);
    }
    *out = offset;
  }

  // The form that the plugin reads: of Linux 6.4 and later.
  void unwind_tables(const char* entry) {
    if (!problem_.empty()) return;
    const int id = btf__find_by_name_kind(types_.get(), entry, BTF_KIND_STRUCT);
    const btf_type* type = id < 0 ? nullptr : btf__type_by_id(types_.get(), static_cast<std::uint32_t>(id));
    for (std::uint32_t i = 0; type != nullptr && i < btf_vlen(type); ++i) {
      const std::string_view name = btf__name_by_offset(types_.get(), btf_members(type)[i].name_off);
      if (name == "type" && btf_member_bitfield_size(type, i) == 3) return;
    }
    problem_ = fmt::format("it has no {} of the form of Linux 6.4 and later (CONFIG_UNWINDER_ORC)", entry);
  }

  void function(const char* name, std::uint64_t* out) {
    const auto address = symbols_.address_of(name);
    if (address) {
      *out = *address;
    } else if (problem_.empty()) {
      problem_ = fmt::format("it has no function {}", name);
    }
  }
  const std::string& problem() const { return problem_; }

 private:
  const Symbols& symbols_;
  Types types_;
  std::string problem_;
};

}  // namespace

Result<KernelLayout> kernel_layout(const ExplainArch& arch, const Symbols& symbols,
                                   const std::string& types) {
  KernelLayout layout;
  LayoutReader reader(symbols, types);
  reader.function(arch.switch_function, &layout.switch_function);
  if (arch.vectors != nullptr) reader.function(arch.vectors, &layout.vectors);
  if (arch.entries_in != nullptr) layout.entries = arch.entries_in(symbols.kernel_functions());
  if (arch.unwind_tables != nullptr) {
    reader.unwind_tables(arch.unwind_tables);
    layout.text_begin = symbols.kernel_functions().front().begin;
    reader.member("task_struct", "stack", &layout.task_stack);
  }
  reader.function("__handle_irq_event_percpu", &layout.interrupt_function);
  // The first is called only when a task does become runnable; where it was inlined, every attempt is seen.
  if (const auto address = symbols.address_of("ttwu_do_activate.isra.0")) {
    layout.wake_function = *address;
    layout.wake_argument = 1;
  } else if (const auto plain = symbols.address_of("ttwu_do_activate")) {
    layout.wake_function = *plain;
    layout.wake_argument = 1;
  } else {
    reader.function("try_to_wake_up", &layout.wake_function);
  }
  if (arch.preempt_jump != nullptr) layout.preempt_jump = symbols.address_of(arch.preempt_jump).value_or(0);
  const std::uint64_t waking = symbols.address_of("try_to_wake_up").value_or(0);
  if (waking != layout.wake_function) layout.waking_function = waking;
  reader.member("task_struct", "__state", &layout.task_state);
  reader.member("task_struct", "pid", &layout.task_pid);
  reader.member("task_struct", "tgid", &layout.task_tgid);
  reader.member("task_struct", "comm", &layout.task_name);
  reader.member("task_struct", "policy", &layout.task_policy);
  reader.member("task_struct", "prio", &layout.task_priority);
  reader.member("task_struct", "mm", &layout.task_memory);
  reader.member("mm_struct", "start_code", &layout.memory_code);
  reader.member("task_struct", arch.saved_by_switch, &layout.task_saved);
  reader.member("irq_desc", "irq_data.irq", &layout.descriptor_number);
  reader.member("irq_desc", "action", &layout.descriptor_action);
  reader.member("irqaction", "name", &layout.action_name);
  if (!reader.problem().empty())
    return fail(ErrorKind::data, "this kernel can't be explained: " + reader.problem());
  return layout;
}

namespace {

struct KindOfLock {
  const char* take;
  const char* give;
  const char* type;  // of a lock, or of what one begins with
  const char* owner;
};
constexpr KindOfLock kinds_of_locks[] = {
    {"rt_spin_lock", "rt_spin_unlock", "spinlock", "lock.owner"},
    {"rt_read_lock", "rt_read_unlock", "rwbase_rt", "rtmutex.owner"},
    {"rt_write_lock", "rt_write_unlock", "rwbase_rt", "rtmutex.owner"},
    {"rt_mutex_lock", "rt_mutex_unlock", "rt_mutex", "rtmutex.owner"},
    {"mutex_lock", "mutex_unlock", "mutex", "rtmutex.owner"},
};

// Of a kernel whose spinlocks are real-time mutexes (PREEMPT_RT); else none.
LockFunctions lock_functions(const Symbols& symbols, LayoutReader* reader) {
  LockFunctions locks;
  if (!symbols.address_of("rt_spin_lock")) return locks;
  for (const KindOfLock& kind : kinds_of_locks) {
    if (const auto address = symbols.address_of(kind.take)) {
      TakingFunction take{*address, 0};
      reader->member(kind.type, kind.owner, &take.owner);
      locks.take.push_back(take);
    }
    if (const auto address = symbols.address_of(kind.give)) locks.give.push_back(*address);
  }
  return locks;
}

}  // namespace

Result<SectionSettings> section_settings(const ExplainArch& arch, const KernelLayout& layout,
                                         const Symbols& symbols, const std::string& types) {
  SectionSettings settings;
  settings.record = true;
  settings.preemptible = symbols.address_of("preempt_schedule").has_value();
  if (symbols.address_of("sched_dynamic_update") && layout.preempt_jump == 0)
    return fail(
        ErrorKind::data,
        "this kernel chooses as it boots whether it preempts its own code (CONFIG_PREEMPT_DYNAMIC), and "
        "does not say which it chose",
        "build it without CONFIG_PREEMPT_DYNAMIC to have its sections recorded");
  for (const KernelFunction& function : symbols.kernel_functions())
    if (layout.preempt_jump != 0 && function.name.starts_with("preempt_schedule"))
      settings.preempting.push_back(function.begin);
  LayoutReader reader(symbols, types);
  for (const std::string_view name : arch.counting)
    if (const auto address = symbols.address_of(name)) settings.counting.push_back(*address);
  if (arch.counting.empty())
    reader.member("task_struct", "thread_info.preempt.count", &settings.preempt_count);
  std::uint64_t schedule = 0;
  reader.function("__schedule", &schedule);
  settings.locks = lock_functions(symbols, &reader);
  if (!reader.problem().empty())
    return fail(ErrorKind::data, "this kernel's sections can't be recorded: " + reader.problem());
  settings.opportunities.push_back(schedule);
  for (const char* name :
       {"__cond_resched", "__cond_resched_lock", "__cond_resched_rwlock_read", "__cond_resched_rwlock_write"})
    if (const auto address = symbols.address_of(name)) settings.opportunities.push_back(*address);
  return settings;
}

}  // namespace loopgate
