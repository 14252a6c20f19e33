// The shared memory between the bench (outside of the guest) and the agent (inside): QEMU's ivshmem-plain on
// one side, a PCI device's BAR 2 on the other. Plain data of fixed layout, little-endian on both sides.
//
// The two sides never poll it. The agent writes `agent_state`, then raises and lowers the control-out pin;
// the bench sees the edge on the virtual clock and reads. The bench raises the control-in pin to say that
// measuring is over. Each area has one writer, so that no update is lost and a guest's disorder can't damage
// the job that it was given.
#pragma once

#include <cstddef>
#include <cstdint>

namespace loopgate {

inline constexpr std::uint64_t channel_magic = 0x4554414750304f4cULL;
inline constexpr std::uint32_t channel_version = 1;

inline constexpr std::size_t job_offset = 64U << 10U;
inline constexpr std::size_t job_size_max = 960U << 10U;  // JSON, not terminated
inline constexpr std::size_t report_offset = 1U << 20U;
inline constexpr std::size_t report_size_max = 8U << 20U;  // JSON, not terminated

inline constexpr std::size_t records_offset = 12U << 20U;  // what the payload leaves: protocol/records.h
inline constexpr std::size_t records_size = 4U << 20U;

// Where the payload's files lie. All else lies alike in both: the smaller one has the gap before the records
// for them, the larger one what is beyond. Two sizes, since a container's /dev/shm has 64 MiB and a run takes
// one memory a job, and since a device of another size moves every sample. The agent sees which one it has by
// the device's size.
struct ChannelLayout {
  std::size_t size;
  std::size_t files_offset;
  std::size_t files_size_max;
};
inline constexpr ChannelLayout small_channel{16U << 20U, 9U << 20U, 3U << 20U};
inline constexpr ChannelLayout large_channel{64U << 20U, 16U << 20U, 48U << 20U};
inline constexpr std::size_t payload_files_size_max = large_channel.files_size_max;

// For files that end `files_size` bytes behind the beginning of their area.
constexpr const ChannelLayout& channel_layout(std::size_t files_size) {
  return files_size <= small_channel.files_size_max ? small_channel : large_channel;
}

// The job of a guest that measures nothing and hands in its symbols, and what it leaves from report_offset
// on: this header, then both texts.
inline constexpr const char* symbols_job = "symbols";
inline constexpr std::size_t symbols_size_max = small_channel.size - report_offset;
struct SymbolsHeader {
  std::uint64_t functions_size;  // lines of /proc/kallsyms
  std::uint64_t types_size;      // BTF
};

// On the target: where the payload finds its files and all programs leave theirs, and the shared memory
// itself.
inline constexpr const char* target_folder = "/run/loopgate";
inline constexpr const char* target_channel = "/run/loopgate/channel";

enum class AgentState : std::uint32_t {
  none = 0,
  booted = 1,    // boot is over and the guest idles: the state that is saved; the job is read after this
  ready = 2,     // tuned, load attested to run, payload waiting for its first stimulus: measuring may begin
  reported = 3,  // the report is written; nothing more will come
  failed = 4,    // could not get ready, or a load or the payload died: the report says what
};

struct ChannelHeader {
  std::uint64_t magic;        // bench
  std::uint32_t version;      // bench
  std::uint32_t job_size;     // bench
  std::uint32_t agent_state;  // agent: an AgentState
  std::uint32_t report_size;  // agent
};
static_assert(sizeof(ChannelHeader) == 24);

// The PCI identity of ivshmem-plain (QEMU docs/specs/ivshmem-spec.rst).
inline constexpr std::uint16_t ivshmem_vendor = 0x1af4;
inline constexpr std::uint16_t ivshmem_device = 0x1110;

}  // namespace loopgate
