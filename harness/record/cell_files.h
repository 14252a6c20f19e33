// The raw files of a cell, read once: what is parsed and what is hashed are the same bytes. A command reads
// each of them once and hands on what it made of them.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "record/artifacts.h"
#include "record/frames_file.h"
#include "record/outcome.h"
#include "record/probe_file.h"
#include "record/samples_file.h"
#include "record/stamps_file.h"

namespace loopgate {

template <class File>
struct Loaded {
  File file;
  std::string sha256;
};

// With `expected`, a data error where the file's sha256 is another one. Empty: any.
Result<Loaded<SampleFile>> load_samples(const std::filesystem::path& cell_folder,
                                        const std::string& expected = {});
Result<Loaded<FramesFile>> load_frames(const std::filesystem::path& cell_folder,
                                       const std::string& expected = {});
Result<Loaded<StampsFile>> load_stamps(const std::filesystem::path& cell_folder,
                                       const std::string& expected = {});
Result<Loaded<ProbeFile>> load_probe(const std::filesystem::path& cell_folder,
                                     const std::string& expected = {});

// That evidence.json is there and unaltered: a data error where it is not. Empty: of a capture, which has
// none.
Status check_evidence(const std::filesystem::path& cell_folder, const std::string& expected);

// The same of the files that nothing is computed from and people look at, such as the console: each whose
// digest the outcome has. One of an earlier version has none of them, and nothing is said of those.
Status check_shown_files(const std::filesystem::path& cell_folder, const Outcome& outcome);

// The sha256 of a trace.dat, which is for people: that it is one, and is unaltered.
Result<std::string> check_trace(const std::filesystem::path& cell_folder, const std::string& expected = {});

}  // namespace loopgate
