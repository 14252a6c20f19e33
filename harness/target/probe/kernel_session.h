// The kernel part at work: loaded, attached, and its events fetched. Everything of libbpf is in the .cpp.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "protocol/probe_records.h"
#include "target/probe/findings.h"
#include "target/probe/kernel_refusal.h"

namespace loopgate {

struct ProbeTarget {
  pid_t thread = 0;   // of the line's interrupt
  pid_t payload = 0;  // the process
  ProbeTransport transport = ProbeTransport::ring_buffer;
};

class KernelSession {
 public:
  using OnEvent = std::function<void(const void* data, std::size_t size)>;

  // Checked and compiled by the kernel, which holds a CPU up for milliseconds.
  static tl::expected<KernelSession, Refusal> load(const ProbeTarget& target, OnEvent on_event);
  ~KernelSession();
  KernelSession(KernelSession&&) noexcept;
  KernelSession& operator=(KernelSession&&) = delete;

  // From here on each stimulus is seen. With `costs`, the kernel counts what the functions take, where it
  // can, and it is made sure that it calls them.
  std::optional<Refusal> attach(bool costs);

  // Hands on all that is there. False when the kernel's queue is broken.
  bool fetch();

  ProbeShared& shared();

  // Ends the kernel's counting, which costs time itself. Empty where it counted nothing.
  std::vector<FunctionCost> end_costs();

  // No more stimuli; what is queued stays.
  void detach();

  // The kernel's own; empty where it has none.
  std::string name_of(std::uint64_t address);

 private:
  struct Parts;
  explicit KernelSession(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace loopgate
