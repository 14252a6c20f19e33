#include "record/run_record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "record/run_record_json.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* run_file = "run.json";

}  // namespace

std::optional<TimeBase> time_base_named(const std::string& name) {
  for (const auto& [known, base] : time_bases)
    if (name == known) return base;
  return std::nullopt;
}

std::optional<std::int64_t> RunRecord::icount_shift() const {
  const auto* qemu = std::get_if<QemuMachineRecord>(&machine);
  return qemu != nullptr ? std::optional(qemu->icount_shift) : std::nullopt;
}

Provenance provenance_of(const RunRecord& run) {
  Provenance provenance;
  if (const auto* qemu = std::get_if<QemuMachineRecord>(&run.machine)) {
    provenance.qemu = qemu->version;
    provenance.instrument_sha256 = qemu->instrument_sha256;
  }
  if (run.target) {
    provenance.base_sha256 = run.target->base_sha256;
    provenance.programs_sha256 = run.target->programs_sha256;
  }
  if (run.is_capture()) return provenance;
  auto& files = provenance.payload_files.emplace();
  for (const PayloadInput& file : run.payload_files) files.push_back({file.key, file.sha256});
  return provenance;
}

Result<RunRecord> read_run_record(const fs::path& run_folder) {
  const fs::path path = run_folder / run_file;
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return fail(ErrorKind::usage, fmt::format("{} is no run: it has no run.json", run_folder.string()),
                "name the folder that `loopgate run … --out FOLDER` made");
  TRY(text, read_file(path, ErrorKind::data));
  return parse_run_record(text, path.string());
}

Status write_run_record(const fs::path& run_folder, const RunRecord& run) {
  return write_file_atomically(run_folder / run_file, to_json(run));
}

std::string to_json(const RunRecord& run) {
  return document_of(run).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string first_difference(const RunRecord& one, const RunRecord& other) {
  const nlohmann::ordered_json a = document_of(one);
  const nlohmann::ordered_json b = document_of(other);
  for (const auto& [key, value] : a.items()) {
    if (key != "circumstances" && b.at(key) != value) return key;
  }
  return {};
}

}  // namespace loopgate
