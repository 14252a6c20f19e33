// The agent's side of the shared memory (base/channel.h): the PCI device's BAR 2, mapped through sysfs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/channel.h"
#include "protocol/job.h"

namespace loopgate {

class ChannelMap {
 public:
  // Looks for the device under `devices`.
  static Result<ChannelMap> open(const std::string& devices = "/sys/bus/pci/devices");
  // Maps a file or a PCI resource: of large_channel's size, or at least small_channel's.
  static Result<ChannelMap> map(const std::string& path);

  ~ChannelMap();
  ChannelMap(ChannelMap&& other) noexcept;
  ChannelMap(const ChannelMap&) = delete;
  ChannelMap& operator=(const ChannelMap&) = delete;
  ChannelMap& operator=(ChannelMap&&) = delete;

  // The job's text, fresh from memory: the bench may have changed it while the machine was stopped.
  Result<std::string> read_job() const;
  // Writes the job's files for the payload, and a link to the shared memory beside them.
  Status unpack(const std::vector<FileSpec>& files) const;
  // Refuses a report that does not fit.
  Status write_report(std::string_view report);
  // Refuses what does not fit.
  Status write_symbols(std::string_view functions, std::string_view types);
  void set_state(AgentState state);

 private:
  ChannelMap(char* memory, const ChannelLayout& layout, std::string path)
      : memory_(memory), layout_(layout), path_(std::move(path)) {}
  ChannelHeader* header() const;

  char* memory_;
  ChannelLayout layout_;
  std::string path_;
};

}  // namespace loopgate
