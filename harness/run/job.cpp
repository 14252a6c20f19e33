// The agent's job: everything that it needs to know, as JSON.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "machine/loopback_request.h"
#include "programs/program_adapter.h"
#include "protocol/channel.h"
#include "run/plan.h"

namespace loopgate {
namespace {

using nlohmann::json;

std::string replaced(std::string word, const std::string& from, const std::string& to) {
  for (std::size_t at = word.find(from); at != std::string::npos; at = word.find(from, at + to.size()))
    word.replace(at, from.size(), to);
  return word;
}

std::vector<std::string> filled_in(const std::vector<std::string>& command, const Board& board) {
  std::vector<std::string> words;
  for (std::string word : command) {
    word = replaced(std::move(word), "{chip}", board.gpio_chip);
    word = replaced(std::move(word), "{stimulus}", std::to_string(board.lines.stimulus));
    word = replaced(std::move(word), "{response}", std::to_string(board.lines.response));
    word = replaced(std::move(word), "{storm}", std::to_string(board.lines.storm));
    word = replaced(std::move(word), "{verdict}", std::to_string(board.lines.verdict));
    words.push_back(std::move(word));
  }
  return words;
}

json tuning_of(const Kernel& kernel) {
  json files = json::array();
  for (const FileTuning& file : kernel.files) {
    json entry = {{"path", file.path}, {"value", file.value}};
    if (!file.reads.empty()) entry["reads"] = file.reads;
    files.push_back(std::move(entry));
  }
  json threads = json::array();
  for (const ThreadTuning& thread : kernel.threads)
    threads.push_back({{"name", thread.name},
                       {"policy", thread.policy},
                       {"priority", thread.priority},
                       {"required", thread.required}});
  return {{"files", std::move(files)}, {"threads", std::move(threads)}};
}

json checks_of(const Kernel& kernel) {
  json checks = json::array();
  for (const KernelCheck& check : kernel.checks) {
    if (check.file.empty()) continue;  // config options are checked on the host, before the boot
    json entry = {{"name", check.name}, {"file", check.file}};
    if (check.contains.empty()) {
      entry["equals"] = check.equals;
    } else {
      entry["contains"] = check.contains;
    }
    checks.push_back(std::move(entry));
  }
  return checks;
}

json part_of(const LoadPart& part, const Board& board) {
  const ProgramAdapter& program = adapter_of(part.program);
  const std::vector<std::string> argv = program.argv(part.name, filled_in(part.arguments, board));
  const std::vector<std::string> files = program.files(part.name);
  const json output = files.empty() ? json() : json(files.front());
  return {{"name", part.name},
          {"argv", argv},
          {"stop_signal", "INT"},
          {"output", output},
          {"processes_at_least", part.min_processes},
          {"cpu_ms_at_least", part.min_cpu_ms},
          {"ready_within_ms", part_ready_timeout_ms}};
}

// 64 MB of the board's memory, which are locked. What comes after has none, and is counted as left out.
constexpr int stamps_max = 2'000'000;

// Those that the board has.
json lines_of(const PinLines& lines) {
  json named = json::object();
  for (const auto& [name, line] : {std::pair{"stimulus", lines.stimulus},
                                   {"response", lines.response},
                                   {"storm", lines.storm},
                                   {"control_in", lines.control_in},
                                   {"control_out", lines.control_out}}) {
    if (line >= 0) named[name] = line;
  }
  return named;
}

json instrument_of(const Plan& plan, const Cell& cell) {
  const LoopbackRequest order = loopback_request(plan.board, pulses_of(plan, cell));
  json instrument = {{"check_argv", order.check_argv},
                     {"argv", order.argv},
                     {"check_within_ms", loopback_check_within_ms},
                     {"within_ms", order.within_ms}};
  if (order.cpu >= 0) instrument["cpu"] = order.cpu;
  // What a machine that is no virtual one leaves is copied from it.
  if (plan.board.is_virtual()) instrument["files"] = order.files;
  return instrument;
}

}  // namespace

std::vector<std::string> payload_command(const Plan& plan, const Cell& cell) {
  std::vector<std::string> command = plan.suite.payload.command;
  if (measured_on_board(plan.suite, plan.board))
    command.insert(command.end(), plan.suite.payload.stamps.begin(), plan.suite.payload.stamps.end());
  std::vector<std::string> words;
  for (std::string word : filled_in(command, plan.board)) {
    word = replaced(std::move(word), "{stamps}", payload_stamps_file);
    word = replaced(std::move(word), "{stamps_records}",
                    std::to_string(std::min(plan.samples + plan.suite.warm_up, stamps_max)));
    word = replaced(std::move(word), "{seed}", std::to_string(cell.seed));
    word = replaced(std::move(word), "{records}", payload_channel);
    word = replaced(std::move(word), "{records_offset}", std::to_string(records_offset));
    word = replaced(std::move(word), "{records_size}", std::to_string(records_size));
    for (const PayloadFile& file : plan.suite.payload.files)
      word = replaced(std::move(word), "{" + file.key + "}", file.target_path());
    words.push_back(std::move(word));
  }
  return words;
}

std::string job_of(const Plan& plan, const Cell& cell) {
  const Kernel& kernel = plan.kernels[cell.kernel];
  const Load& load = plan.loads[cell.load];
  json parts = json::array();
  for (const LoadPart& part : load.parts) parts.push_back(part_of(part, plan.board));
  json files = json::array();
  for (const PayloadFile& file : plan.suite.payload.files)
    files.push_back({{"path", file.target_path()}, {"offset", file.offset}, {"size", file.size}});
  json job = {{"format", 1},
              {"board", {{"chip", plan.board.gpio_chip}, {"lines", lines_of(plan.board.lines)}}},
              {"tuning", tuning_of(kernel)},
              {"checks", checks_of(kernel)},
              {"load", {{"parts", std::move(parts)}, {"settle_ms", load.settle_ms}}},
              {"payload",
               {{"argv", payload_command(plan, cell)},
                {"files", std::move(files)},
                {"ready_within_ms", plan.suite.payload.ready_timeout_ms}}}};
  if (!plan.board.measured_cpus.empty()) job["payload"]["cpus"] = plan.board.measured_cpus;
  if (measured_on_board(plan.suite, plan.board)) job["instrument"] = instrument_of(plan, cell);
  return job.dump();
}

}  // namespace loopgate
