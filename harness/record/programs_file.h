// cells/CELL/programs.json: what came of each program of a cell that measured by itself, in place of a
// payload or beside one. What a program left, as it was, stands beside it in programs/NAME.json, whose digest
// is here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/program_result.h"
#include "base/result.h"
#include "base/time_base.h"
#include "record/cell_files.h"

namespace loopgate {

struct ProgramRecord {
  std::string name;
  std::string adapter;  // that read it
  std::vector<std::string> argv;
  std::optional<std::int64_t> began_ns = {};  // of the target's clock; nothing where it was not started
  std::optional<std::int64_t> ended_ns = {};
  std::string left_sha256 = {};  // of programs/NAME.json; empty where it was not started
  ProgramResult result = {};

  bool operator==(const ProgramRecord&) const = default;
};

// From when the bench could stimulate until the agent was told that all stimuli were over.
struct StimuliTime {
  std::int64_t began_ns = 0;  // of the target's clock, as a program's times are
  std::int64_t ended_ns = 0;

  bool operator==(const StimuliTime&) const = default;
};

struct ProgramsFile {
  std::string cell;
  TimeBase time_base = TimeBase::virtual_time;
  std::optional<StimuliTime> stimuli = {};   // where the program measured beside a payload
  std::vector<ProgramRecord> programs = {};  // in the order in which they ran

  bool operator==(const ProgramsFile&) const = default;
};

std::string to_json(const ProgramsFile& file);
// A data error names the file and the key. `name` stands for the file.
Result<ProgramsFile> parse_programs(std::string_view text, const std::string& name);

// With `expected`, a data error where the file's sha256 is another one, and where what a program left is not
// there as it was.
Result<Loaded<ProgramsFile>> load_programs(const std::filesystem::path& cell_folder,
                                           const std::string& expected = {});

// Where a cell keeps what its program left.
std::filesystem::path program_file(const std::filesystem::path& cell_folder, const std::string& program);

}  // namespace loopgate
