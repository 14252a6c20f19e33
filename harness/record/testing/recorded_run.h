// A run directory as the harness writes it, made up for tests: every latency is the test's own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "record/samples_file.h"

namespace loopgate::testing {

// A folder of its own under the system's temporary one; gone with the object.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline constexpr std::int64_t deadline_ns = 1'000'000;

// What shall happen to one stimulus. Not sent: it falls due while the one before it is pending.
inline constexpr std::int64_t never_answered = -1;
inline constexpr std::int64_t not_sent = -2;

// A schedule of two self-checks, one warm-up and then one stimulus for each latency, 1 ms apart.
SampleFile make_samples(const std::vector<std::int64_t>& latencies_ns, std::uint64_t seed = 7);

void write_samples(const std::filesystem::path& path, const SampleFile& file);

struct RecordedCell {
  std::string kernel;
  std::string load;
  std::vector<std::int64_t> latencies_ns;
  std::string outcome = "measured";  // "missing": no outcome.json
  std::string reason = {};
  int repetition = 1;
  std::string kernel_in_effect_sha256 = {};
};

struct RecordedRun {
  std::string suite = "irq-to-gpio";
  std::string board = "qemu-virt-arm64";
  std::string time_base = "virtual";
  std::string load_sha256 = "load-1";
  std::string image_sha256 = "image-1";  // of every kernel
  std::string base_sha256 = "base-1";
  std::string instrument_sha256 = "instrument-1";
  std::string started = "2026-01-31T12:00:00Z";
  std::uint64_t samples = 0;  // 0: as many as the first cell has
  std::uint64_t seed = 0;
  std::vector<RecordedCell> cells;
  std::string suite_toml = {};  // its digest is then of it
};

// Two kernels under one load, of latencies from 10 to 534 us that no two replicates have in equal order: for
// runs so large that their memory is measured.
RecordedRun large_run(int repetitions, std::size_t stimuli_of_cell);

void write_run(const std::filesystem::path& run_dir, const RecordedRun& run);

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, const std::string& text);

}  // namespace loopgate::testing
