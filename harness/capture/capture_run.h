// A capture becomes a run of one cell: what `loopgate stats`, `gate` and `report` read. Files in
// harness/record/README.md.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "capture/capture_reader.h"
#include "capture/edge_pairing.h"
#include "capture/measured_board.h"
#include "capture/sigrok_live.h"
#include "record/run_record.h"

namespace loopgate {

struct CaptureRequest {
  std::filesystem::path file;       // a recorded capture; empty: a live one
  std::optional<LiveCapture> live;  // then it is kept with the cell
  ChannelNames channels;
  bool stimulus_rises = true;  // else its falling edge counts
  bool response_rises = true;
  PairingSettings pairing;
  MeasuredBoard board;
  LoopgateVersion loopgate;
};

struct CaptureReport {
  std::uint64_t samplerate_hz = 0;
  std::uint64_t samples = 0;
  PairingCounts counts;
  std::string problem;  // why the cell is INVALID; empty when it is measured
  std::string remark;   // what makes its figures doubtful and no more; empty: nothing
};

// `out` must not exist, and does not when this fails, but for a live capture that could not be read: that one
// is kept.
Result<CaptureReport> write_capture_run(const CaptureRequest& request, const std::filesystem::path& out);

}  // namespace loopgate
