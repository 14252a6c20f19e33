#include "qemu/plugin/guest_registers.h"

#include <algorithm>
#include <cstring>
#include <map>

namespace loopgate {

bool GuestRegisters::find() {
  if (looked_) return complete_;
  looked_ = true;
  std::map<std::string_view, qemu_plugin_register*> handles;
  GArray* all = qemu_plugin_get_registers();
  const auto* first = reinterpret_cast<const qemu_plugin_reg_descriptor*>(all->data);
  for (const auto* found = first; found != first + all->len; ++found) handles[found->name] = found->handle;
  complete_ = true;
  const auto take = [&](std::string_view name) {
    if (name.empty()) return static_cast<qemu_plugin_register*>(nullptr);
    const auto found = handles.find(name);
    if (found != handles.end()) return found->second;
    complete_ = false;
    return static_cast<qemu_plugin_register*>(nullptr);
  };
  for (const std::string_view name : ops_.arguments) arguments_.push_back(take(name));
  result_ = take(ops_.result);
  frame_pointer_ = take(ops_.frame_pointer);
  stack_pointer_ = take(ops_.stack_pointer);
  link_register_ = take(ops_.link_register);
  system_call_number_ = take(ops_.system_call_number);
  interrupted_address_ = take(ops_.interrupted_address);
  system_call_address_ = take(ops_.system_call_address);
  program_counter_ = take(ops_.program_counter);
  program_status_ = take(ops_.program_status);
  kernel_task_ = take(ops_.kernel_task);
  per_cpu_ = take(ops_.per_cpu);
  g_array_free(all, 1);
  return complete_;
}

std::uint64_t GuestRegisters::value(qemu_plugin_register* handle) {
  if (handle == nullptr) return 0;
  g_byte_array_set_size(bytes_.get(), 0);
  std::uint64_t value = 0;
  if (qemu_plugin_read_register(handle, bytes_.get()) > 0)
    std::memcpy(&value, bytes_->data, std::min<std::size_t>(bytes_->len, sizeof(value)));
  return value;
}

}  // namespace loopgate
