// fixtures/loads/NAME.toml: what stresses the board, and the rate that proves that it did.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "programs/load/load_program.h"

namespace loopgate {

// On which CPUs of the board a part runs, by what they are for.
enum class LoadCpus { any, housekeeping, measured, all };

// "housekeeping", "measured" or "all"; "any" where it is left out.
const char* name_of(LoadCpus cpus);

// One program, started and stopped as a process group of its own.
struct LoadPart {
  std::string name;
  const LoadProgram* program = &own_program();  // knows what proves that it ran; lives as long as we do
  std::vector<std::string> arguments;           // of it; of a program of one's own the whole command
  LoadCpus cpus = LoadCpus::any;
  int min_processes = 1;                         // before measuring begins
  double min_cpu_ms = 1;                         // CPU time that the part has had before measuring begins
  std::map<std::string, double> min_per_second;  // stressor or JSON key -> rate over the part's life
};

// Interrupts on the storm line, made by the instrument.
struct Storm {
  double per_second = 0;              // 0: none
  double min_handled_per_second = 0;  // by the kernel: /proc/interrupts counts them
};

struct Load {
  std::string name;
  std::string title;
  std::vector<LoadPart> parts;
  Storm storm;
  int settle_ms = 0;   // how long the load runs, once attested, before the first stimulus
  std::string sha256;  // of the file
  std::string toml;    // its text
};

Result<Load> read_load(const std::filesystem::path& path);
// Of the text that stands at `path`. A usage error names the key.
Result<Load> parse_load(std::string text, const std::filesystem::path& path);

}  // namespace loopgate
