// imported.json: what programs that measure themselves said in the files of their own that were imported.
// The format is in harness/record/README.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "capture/measured_board.h"
#include "programs/result/self_measurement.h"
#include "stats/comparison.h"

namespace loopgate {

// A larger file is not kept: it has its digest alone. One of cyclictest has some KB.
inline constexpr std::uint64_t kept_source_max = std::uint64_t{4} << 20U;

struct ImportedSource {
  std::string name;  // the file's, without its folder
  std::uint64_t bytes = 0;
  std::string sha256;
  bool is_kept = false;   // beside imported.json, by kept_name()
  std::string text = {};  // what is to be kept, of a file that was read just now
  SelfMeasurement measurement;
};

struct ImportedRun {
  MeasuredBoard board;
  std::string read_as;  // one of result_programs; empty in a file of an earlier version, which kept no source
  ResultOptions options;                // that it was read with
  std::vector<ImportedSource> sources;  // one at the least, all of one program and quantity
};

// "source-1" of the first.
std::string kept_name(std::size_t index);

std::string to_json(const ImportedRun& run);

// A data error for a file that is missing, altered, damaged, or contradicts itself.
Result<ImportedRun> read_imported_file(const std::filesystem::path& path);
// The same but for its seal.
Result<ImportedRun> parse_imported(std::string_view text, const std::string& name);

// One kernel under one load, whose tail is known in bounds; each file's, pooled. A data error where a
// histogram contradicts itself.
Result<Comparison> evidence_of(const ImportedRun& run);

}  // namespace loopgate
