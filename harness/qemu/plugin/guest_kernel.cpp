#include "qemu/plugin/guest_kernel.h"

#include <cstring>

namespace loopgate {
bool GuestKernel::read(std::uint64_t address, void* out, std::size_t size) {
  if (!qemu_plugin_read_memory_vaddr(address, bytes_.get(), size) || bytes_->len < size) return false;
  std::memcpy(out, bytes_->data, size);
  return true;
}

TraceTask GuestKernel::task(std::uint64_t address) {
  TraceTask task{};
  task.address = address;
  if (address == 0) return task;
  task.pid = read_value<std::uint32_t>(address + layout_.task_pid);
  task.process = read_value<std::uint32_t>(address + layout_.task_tgid);
  task.policy = read_value<std::uint32_t>(address + layout_.task_policy);
  task.priority = read_value<std::int32_t>(address + layout_.task_priority);
  task.state = read_value<std::uint32_t>(address + layout_.task_state);
  read(address + layout_.task_name, task.name, sizeof(task.name));
  const auto memory = read_value<std::uint64_t>(address + layout_.task_memory);
  if (memory != 0) task.code = read_value<std::uint64_t>(memory + layout_.memory_code);
  return task;
}

std::vector<std::uint64_t> GuestKernel::frames(std::uint64_t frame_pointer, std::size_t at_most) {
  std::vector<std::uint64_t> addresses;
  struct {
    std::uint64_t next, address;
  } record{};
  while (frame_pointer != 0 && addresses.size() < at_most && read(frame_pointer, &record, sizeof(record))) {
    if (record.address == 0) break;
    addresses.push_back(record.address);
    if (record.next == frame_pointer) break;
    frame_pointer = record.next;
  }
  return addresses;
}

std::vector<std::uint64_t> GuestKernel::saved_stack(std::uint64_t task) {
  struct {
    std::uint64_t frame, stack, address;
  } saved{};
  read(task + layout_.task_saved, &saved, sizeof(saved));
  std::vector<std::uint64_t> words = {saved.address, 0};
  const auto addresses = frames(saved.frame);
  words.insert(words.end(), addresses.begin(), addresses.end());
  return words;
}

std::array<std::uint64_t, 5> GuestKernel::interrupt(std::uint64_t descriptor) {
  std::array<std::uint64_t, 5> words{read_value<std::uint32_t>(descriptor + layout_.descriptor_number)};
  const auto action = read_value<std::uint64_t>(descriptor + layout_.descriptor_action);
  const auto name = action == 0 ? 0 : read_value<std::uint64_t>(action + layout_.action_name);
  if (name != 0) read(name, &words[1], 4 * sizeof(words[0]));
  return words;
}

}  // namespace loopgate
