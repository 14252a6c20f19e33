// --inputs RUN: the kernels, the base image and the target's programs are those of an earlier run, by digest,
// so that another day or another host measures the same. The lock is that run's run.json, whole or by itself.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/result.h"
#include "config/kernel.h"
#include "kernel/kernel_files.h"
#include "record/run_record.h"

namespace loopgate {

class LockedInputs {
 public:
  // `place` is a run's folder or its run.json. A usage error when it is neither; a data error when it is
  // damaged.
  static Result<LockedInputs> read(const std::filesystem::path& place);

  // From here on a kernel of Debian's archive is the package and version that the run had. A usage error when
  // the run had no kernel of that name.
  Status pin(std::vector<Kernel>* kernels) const;
  // The base image as it is to be had.
  PinnedBase base() const;

  // Of what was fetched and made: an error that names the first that is another. The user's mistake where it
  // is the user's own file, else the bench's.
  Status check(const Kernel& kernel, const KernelFiles& files) const;
  Status check(const TargetImage& target) const;
  // Of a kernel whose modules lie in the target image.
  // Nothing: the kernel has none here.
  Status check_modules(const Kernel& kernel, const std::optional<TargetImage>& with_modules) const;

 private:
  Result<const KernelInput*> kernel_of(const Kernel& kernel) const;

  std::string place_;  // as it was given
  RunRecord run_;
};

}  // namespace loopgate
