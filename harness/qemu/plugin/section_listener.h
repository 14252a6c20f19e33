// Who is told of critical sections while the guest runs.
#pragma once

#include <cstdint>

#include "qemu/plugin/section_windows.h"

namespace loopgate {

class SectionListener {
 public:
  virtual ~SectionListener() = default;

  // Whether on_opened() is to be called: finding out who called costs time.
  virtual bool listens(std::int64_t now_ns) const = 0;
  // `callers`: a digest of the return addresses behind the place. Whether a stimulus is to be sent: then
  // send_after() is called with the first moment at which QEMU can do it, the end of the running block.
  virtual bool on_opened(const OpenedSection& section, std::uint64_t callers) = 0;
  virtual void send_after(std::int64_t now_ns) = 0;
  virtual void on_closed(const ClosedSection& section) = 0;
  // So many locks are held now that the payload takes on its way.
  virtual void on_held(std::size_t locks) = 0;
};

}  // namespace loopgate
