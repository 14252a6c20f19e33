// From a kernel's file to what a machine boots: fetches the package, builds the sources, or takes the .deb or
// image; checks that it is a kernel for the board's architecture, and its .config. The scripts in fixtures/
// do the work, and keep it in the cache.
#pragma once

#include <filesystem>

#include "base/notify.h"
#include "base/result.h"
#include "config/board.h"
#include "config/kernel.h"
#include "kernel/built_kernel.h"
#include "kernel/kernel_files.h"

namespace loopgate {

class KernelProvider {
 public:
  // `root` holds fixtures/. `notify` gets a line now and then.
  KernelProvider(std::filesystem::path root, Notify notify, Building building = Building::when_needed)
      : root_(std::move(root)), notify_(std::move(notify)), building_(building) {}

  // All but `target` and, of a virtual board, `initramfs`. Of a kernel that is not built, and must not be,
  // where its image will be.
  Result<KernelFiles> provide(const Kernel& kernel, const Board& board) const;

 private:
  std::filesystem::path root_;
  Notify notify_;
  Building building_;
};

}  // namespace loopgate
