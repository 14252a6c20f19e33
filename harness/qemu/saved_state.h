// Machine states saved after boot, kept by content: everything that the boot depends on is in the key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file_lock.h"
#include "base/notify.h"
#include "base/result.h"

namespace loopgate {

struct SavedState {
  std::filesystem::path file;    // QEMU's migration stream, of all but the memory
  std::filesystem::path memory;  // the guest's, as long as it is large
  std::filesystem::path console;
  std::int64_t saved_at_ns = 0;  // virtual time at which the machine stands still
  std::filesystem::file_time_type written{};
  bool fresh = false;  // this run has booted it
};

class StateStore {
 public:
  // In a state's folder.
  static constexpr const char* state_file = "state.bin";
  static constexpr const char* memory_file = "memory.bin";
  static constexpr const char* console_file = "console.log";

  // `tell` gets a line where another loopgate's lock is waited for, and where a state is given up.
  explicit StateStore(std::filesystem::path folder, Notify tell = {})
      : folder_(std::move(folder)), tell_(std::move(tell)) {}

  // The key of a state: a digest of everything that it depends on.
  static std::string key(const std::vector<std::string>& inputs);

  // A complete state whose content is what was kept, or nothing: one that is damaged is removed, and told.
  // Hold its lock.
  std::optional<SavedState> find(const std::string& key) const;

  // Where a new state is to be written before keep() makes it visible.
  Result<std::filesystem::path> begin(const std::string& key) const;
  Result<SavedState> keep(const std::string& key, std::int64_t saved_at_ns) const;
  void remove(const std::string& key) const;
  // Whether it is the one that was found, and no other job has replaced it.
  static bool is_still(const SavedState& state);
  // Removes this state, unless another job has replaced it already, and tells `why`. Waits for its lock.
  Status discard(const std::string& key, const SavedState& state, const std::string& why) const;

  // Holds other processes and threads off the same key, once they have given it back.
  Result<FileLock> lock(const std::string& key) const;

  // The folder of a state, whether it is there or not.
  std::filesystem::path place(const std::string& key) const { return folder_ / key; }

 private:
  void tell(const std::string& line) const;
  void give_up(const std::string& key, const std::string& why) const;
  void forget_old() const;
  std::filesystem::file_time_type used(const std::string& key) const;
  void forget(const std::string& key, std::filesystem::file_time_type used_then) const;
  SavedState state_in(const std::string& key, std::int64_t saved_at_ns) const;

  std::filesystem::path folder_;
  Notify tell_;
};

}  // namespace loopgate
