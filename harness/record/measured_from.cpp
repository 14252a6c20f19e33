#include "record/measured_from.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "record/measured_from_json.h"
#include "record/run_record_json.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

// Of a digest as many digits as tell two apart.
constexpr std::size_t sha256_length = 64;
constexpr std::size_t shown_length = 12;

// These parts of run.json.
nlohmann::json parts_of(const Json& run, std::initializer_list<const char*> keys) {
  nlohmann::json parts = nlohmann::json::object();
  for (const char* key : keys) parts[key] = nlohmann::json(run.at(key));
  return parts;
}

// Whatever the order that they stand in.
std::string digest_of(const nlohmann::json& parts) {
  return sha256_of(parts.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

// All of run.json but its circumstances, and which shard it is. The cells stand behind the rest, a line each:
// as JSON they would take longer than all else, and each of a thousand cells asks for them.
std::string plan_digest(const RunRecord& run, const Json& shared) {
  std::string text = nlohmann::json(shared).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text += '\n';
  for (const DescribedCell& cell : run.cells)
    text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", cell.name, cell.kernel, cell.load, cell.repetition,
                        cell.seed, cell.boot);
  return sha256_of(text);
}

// Where a suite has several payloads, its own command is the first one's alone.
std::string payload_digest(const Json& run, const KernelInput* kernel) {
  nlohmann::json parts = parts_of(run, {"payload", "payload_files"});
  if (kernel != nullptr && !kernel->contender.name.empty()) parts["contender"] = kernel->contender.command;
  return digest_of(parts);
}

template <class Input>
const Input* find(const std::vector<Input>& inputs, const std::string& name) {
  const auto found = std::ranges::find(inputs, name, &Input::name);
  return found == inputs.end() ? nullptr : &*found;
}

void add_kernel(const KernelInput& kernel, MeasuredFrom* from) {
  from->image_sha256 = kernel.image_sha256;
  from->initrd_sha256 = kernel.initrd_sha256;
  from->kernel_sha256 = kernel.sha256;
  from->kernel_arguments = kernel.command_line.empty() ? kernel.arguments : kernel.command_line;
}

}  // namespace

MeasuredFrom measured_from(const RunRecord& run, const DescribedCell& cell) {
  MeasuredFrom from;
  const KernelInput* kernel = find(run.kernels, cell.kernel);
  if (kernel != nullptr) add_kernel(*kernel, &from);
  if (const InputFile* load = find(run.loads, cell.load)) from.load_sha256 = load->sha256;
  from.suite_sha256 = run.suite.sha256;
  from.board_sha256 = run.board.sha256;
  if (run.target) from.base_sha256 = run.target->base_sha256;
  if (run.target) from.programs_sha256 = run.target->programs_sha256;
  if (const auto* qemu = std::get_if<QemuMachineRecord>(&run.machine))
    from.instrument_sha256 = qemu->instrument_sha256;
  const Json document = shared_document_of(run);
  from.payload_sha256 = payload_digest(document, kernel);
  from.machine_sha256 = digest_of(parts_of(document, {"machine"}));
  from.schedule_sha256 =
      digest_of(parts_of(document, {"seed", "samples", "warm_up", "self_checks", "repeat", "deadline_ns",
                                    "response_timeout_ns", "interval_ns", "back_to_back", "decisions"}));
  from.seed = std::to_string(cell.seed);
  from.loopgate = run.loopgate;
  from.started = run.started(cell);
  from.plan_sha256 = plan_digest(run, document);
  return from;
}

std::string inputs_sha256(const MeasuredFrom& from) {
  MeasuredFrom inputs = from;
  inputs.loopgate.clear();
  inputs.started.clear();
  inputs.plan_sha256.clear();
  return sha256_of(write_object<Json>(inputs).dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string first_misfit(const MeasuredFrom& cell, const MeasuredFrom& run) {
  const Json of_cell = write_object<Json>(cell);
  const Json of_run = write_object<Json>(run);
  const auto text = [](const Json& value) {
    const auto known = value.get<std::string>();
    return known.empty() ? "nothing" : known.size() == sha256_length ? known.substr(0, shown_length) : known;
  };
  for (const auto& [key, value] : of_cell.items())
    if (value != of_run.at(key))
      return fmt::format("{} is {}, and run.json has {}", key, text(value), text(of_run.at(key)));
  return {};
}

}  // namespace loopgate
