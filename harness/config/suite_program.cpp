#include "config/suite_program.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "protocol/channel.h"

namespace loopgate {
namespace {

// The agent, at 98, must be able to end it, and some take one or two more for a partner.
constexpr int priority_max = 95;
constexpr std::int64_t timeout_s_max = 7 * 24 * 3'600;

void read_scheduling(TomlReader* reader, ProgramOrder* order) {
  ProgramScheduling scheduling;
  std::int64_t priority = 0;
  const bool has_policy = reader->optional("policy", &scheduling.policy);
  const bool has_priority = reader->optional("priority", &priority);
  if (!has_policy && !has_priority) return;
  const bool real_time = scheduling.policy == "fifo" || scheduling.policy == "rr";
  if (!real_time && scheduling.policy != "other" && scheduling.policy != "deadline")
    reader->refuse("policy", "must be fifo, rr, other or deadline");
  if (real_time && (priority < 1 || priority > priority_max))
    reader->refuse("priority",
                   fmt::format("must be from 1 to {}: the agent, which ends it, is at 98", priority_max));
  if (!real_time && has_priority) reader->refuse("priority", "is of fifo and rr alone");
  scheduling.priority = static_cast<int>(priority);
  order->scheduling = scheduling;
}

// Added to what the adapter knows of it.
Status read_needs(TomlTable table, ProgramNeeds* needs) {
  TomlReader reader(std::move(table));
  std::int64_t cpus = needs->cpus;
  std::vector<std::string> programs, files, libraries;
  reader.optional("cpus", &cpus);
  reader.optional("machine", &needs->machine);
  reader.optional("tracer", &needs->tracer);
  reader.optional("programs", &programs);
  reader.optional("files", &files);
  reader.optional("libraries", &libraries);
  if (cpus < needs->cpus || cpus > 1'024)
    reader.refuse("cpus", fmt::format("must be from {} to 1024", needs->cpus));
  needs->cpus = static_cast<int>(cpus);
  needs->programs.insert(needs->programs.end(), programs.begin(), programs.end());
  needs->files.insert(needs->files.end(), files.begin(), files.end());
  needs->libraries.insert(needs->libraries.end(), libraries.begin(), libraries.end());
  return reader.finish();
}

bool is_plain_name(const std::string& name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
}

std::vector<std::string> adapter_keys() {
  std::vector<std::string> keys;
  for (const MeasuringProgram* each : measuring_programs()) keys.emplace_back(each->form().key);
  return keys;
}

Result<SuiteProgram> read_program(const TomlTable& table) {
  TomlReader reader(table);
  SuiteProgram program;
  std::int64_t timeout_s = 0;
  bool has_needs = false;
  reader.required("name", &program.name);
  std::string adapter = program.name;
  reader.optional("adapter", &adapter);
  program.adapter = find_measuring_program(adapter);
  if (!is_plain_name(program.name)) reader.refuse("name", "must be of small letters, digits, - and _");
  if (program.adapter == nullptr)
    reader.refuse(adapter == program.name ? "name" : "adapter", must_be_one_of(adapter, adapter_keys()));
  reader.optional("arguments", &program.order.arguments);
  if (reader.optional("loops", &program.order.loops) && program.order.loops < 1)
    reader.refuse("loops", "must be above 0");
  if (reader.optional("duration_s", &program.order.duration_s) && program.order.duration_s < 1)
    reader.refuse("duration_s", "must be above 0");
  // Whichever came first would end it, and leave the other undone.
  if (program.order.loops > 0 && program.order.duration_s > 0)
    reader.refuse("duration_s", "and loops do not go together: keep one");
  read_scheduling(&reader, &program.order);
  reader.required("timeout_s", &timeout_s);
  if (timeout_s < 1 || timeout_s > timeout_s_max)
    reader.refuse("timeout_s", fmt::format("must be from 1 to {}", timeout_s_max));
  if (program.order.duration_s >= timeout_s) reader.refuse("timeout_s", "must be above duration_s");
  program.timeout_s = static_cast<int>(timeout_s);
  const TomlTable needs = reader.table("needs", &has_needs);
  TRY_STATUS(reader.finish());
  program.needs = program.adapter->form().needs;
  if (has_needs) TRY_STATUS(read_needs(needs, &program.needs));
  const auto argv = command_line_of(program.adapter->form(), program.order, program.target_file());
  if (!argv)
    return fail(ErrorKind::usage, fmt::format("{}: {}: {}", table.file(), table.where(), argv.error().what));
  return program;
}

}  // namespace

std::string SuiteProgram::target_file() const {
  return leaves_file(adapter->form()) ? fmt::format("{}/{}.out", target_folder, name) : std::string();
}

std::vector<std::string> SuiteProgram::argv() const {
  return command_line_of(adapter->form(), order, target_file()).value_or(std::vector<std::string>());
}

Result<std::vector<SuiteProgram>> read_suite_programs(const std::vector<TomlTable>& tables) {
  std::vector<SuiteProgram> programs;
  for (const TomlTable& table : tables) {
    TRY(program, read_program(table));
    const bool twice = std::ranges::find(programs, program.name, &SuiteProgram::name) != programs.end();
    if (twice)
      return fail(ErrorKind::usage,
                  fmt::format("{}: {}.name is another program's too", table.file(), table.where()),
                  "give it a name of its own, and say which program it is by adapter");
    programs.push_back(std::move(program));
  }
  return programs;
}

}  // namespace loopgate
