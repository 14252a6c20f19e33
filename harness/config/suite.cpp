#include "config/suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/digest.h"
#include "base/file.h"
#include "base/overloaded.h"
#include "config/suite_decisions.h"
#include "config/toml_table.h"
#include "protocol/channel.h"

namespace loopgate {
namespace {

void read_count(TomlReader* reader, std::string_view key, int* out, std::int64_t least) {
  std::int64_t value = 0;
  reader->required(key, &value);
  if (value < least || value > 100'000'000)
    reader->refuse(key, "must be from " + std::to_string(least) + " to 100000000");
  *out = static_cast<int>(value);
}

void read_replicates(TomlReader* reader, StimulusSchedule* schedule) {
  std::int64_t replicates = 1;
  reader->optional("replicates", &replicates);
  if (replicates < 1 || replicates > replicates_max)
    reader->refuse("replicates", "must be from 1 to " + std::to_string(replicates_max));
  schedule->replicates = static_cast<int>(replicates);
}

void read_duration(TomlReader* reader, std::string_view key, std::int64_t unit_ns, std::int64_t* out_ns) {
  double value = 0;
  reader->required(key, &value);
  if (!(value > 0 && value <= 1e9)) {
    reader->refuse(key, "must be above 0, up to 1e9");
    return;
  }
  *out_ns = std::llround(value * static_cast<double>(unit_ns));
}

Status read_schedule(TomlTable table, StimulusSchedule* schedule) {
  TomlReader reader(std::move(table));
  std::vector<std::int64_t> interval_us;
  reader.required("interval_us", &interval_us);
  if (interval_us.size() != 2 || interval_us[0] < 1 || interval_us[1] < interval_us[0] ||
      interval_us[1] > 1'000'000'000) {
    reader.refuse("interval_us", "must be [shortest, longest], from 1 to 1e9");
  } else {
    schedule->interval_min_ns = interval_us[0] * 1'000;
    schedule->interval_max_ns = interval_us[1] * 1'000;
  }
  read_duration(&reader, "deadline_us", 1'000, &schedule->deadline_ns);
  reader.renamed("abandon_ms", "response_timeout_ms");
  read_duration(&reader, "response_timeout_ms", 1'000'000, &schedule->response_timeout_ns);
  read_count(&reader, "samples", &schedule->samples, 1);
  read_replicates(&reader, schedule);
  read_count(&reader, "warm_up", &schedule->warm_up, 0);
  read_count(&reader, "self_checks", &schedule->self_checks, 1);
  reader.optional("back_to_back", &schedule->back_to_back);
  std::string edge = "rising";
  reader.optional("edge", &edge);
  if (edge != "rising" && edge != "falling") reader.refuse("edge", "must be rising or falling");
  schedule->falls = edge == "falling";
  if (schedule->response_timeout_ns <= 1'000'000)
    reader.refuse("response_timeout_ms", "must be above 1: the longest self-check takes 1 ms");
  if (schedule->response_timeout_ns <= schedule->deadline_ns)
    reader.refuse("response_timeout_ms", "must be longer than deadline_us");
  return reader.finish();
}

constexpr std::array<std::string_view, 11> reserved_keys = {"chip",   "stimulus",       "response", "verdict",
                                                            "storm",  "seed",           "records",  "files",
                                                            "stamps", "stamps_records", "edge"};

Status read_files(TomlTable table, const std::filesystem::path& folder, Payload* payload) {
  TomlReader reader(std::move(table));
  std::size_t offset = 0;
  for (const std::string& key : reader.keys()) {
    PayloadFile file{key, {}, {}, offset, 0};
    std::string name;
    reader.required(key, &name);
    if (std::ranges::find(reserved_keys, key) != reserved_keys.end())
      reader.refuse(key, "is a name that the command has already");
    file.file = (folder / name).lexically_normal();
    auto digest = sha256_of_file(file.file);
    if (file.target_path() == target_channel)
      reader.refuse(key, "must not be called channel: that name is taken");
    for (const PayloadFile& other : payload->files) {
      if (other.target_path() == file.target_path())
        reader.refuse(key, "has the same file name as " + other.key);
    }
    std::error_code error;
    file.size = std::filesystem::file_size(file.file, error);
    if (!digest || error) {
      reader.refuse(key, "names " + file.file.string() + ", which cannot be read");
      continue;
    }
    file.sha256 = *digest;
    offset = (offset + file.size + 63) / 64 * 64;
    if (offset > payload_files_size_max)
      reader.refuse(key,
                    "takes the files above " + std::to_string(payload_files_size_max) + " bytes together");
    payload->files.push_back(std::move(file));
  }
  return reader.finish();
}

Status read_check(const TomlTable& table, Payload* payload) {
  TomlReader reader(table);
  PayloadCheck check;
  reader.required("name", &check.name);
  reader.required("value", &check.value);
  const bool equals = reader.optional("equals", &check.equals);
  const bool contains = reader.optional("contains", &check.contains);
  if (equals == contains || (contains && check.contains.empty()))
    reader.refuse("name", "needs one of equals and contains");
  if (!check.value.starts_with('/')) reader.refuse("value", "must be a JSON pointer, such as /minor_faults");
  payload->checks.push_back(check);
  return reader.finish();
}

// Its name is a part of cells' and folders' names.
bool is_contenders_name(const std::string& name) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !name.empty() && name.find_first_not_of(letters) == std::string::npos;
}

Status read_contender(const TomlTable& table, Payload* payload) {
  TomlReader reader(table);
  Contender contender;
  reader.required("name", &contender.name);
  const bool has_command = reader.optional("command", &contender.command);
  reader.optional("arguments", &contender.arguments);
  if (has_command && contender.command.empty()) reader.refuse("command", "is empty");
  if (!is_contenders_name(contender.name))
    reader.refuse("name", "must be of the letters a to z, digits, - and _");
  if (std::ranges::find(payload->contenders, contender.name, &Contender::name) != payload->contenders.end())
    reader.refuse("name", "is " + contender.name + ", which another contender has");
  payload->contenders.push_back(std::move(contender));
  return reader.finish();
}

Status read_payload(TomlTable table, const std::filesystem::path& folder, Payload* payload) {
  TomlReader reader(std::move(table));
  bool has_files = false;
  const TomlTable files = reader.table("files", &has_files);
  const std::vector<TomlTable> checks = reader.tables("check");
  const std::vector<TomlTable> contenders = reader.tables("contender");
  std::int64_t ready_timeout_ms = payload->ready_timeout_ms;
  reader.required("command", &payload->command);
  reader.renamed("ready_within_ms", "ready_timeout_ms");
  reader.optional("ready_timeout_ms", &ready_timeout_ms);
  reader.optional("stamps", &payload->stamps);
  if (payload->command.empty()) reader.refuse("command", "is empty");
  if (ready_timeout_ms < 1 || ready_timeout_ms > 600'000)
    reader.refuse("ready_timeout_ms", "must be from 1 to 600000");
  payload->ready_timeout_ms = static_cast<int>(ready_timeout_ms);
  if (auto done = reader.finish(); !done) return done;
  for (const TomlTable& check : checks) {
    if (auto done = read_check(check, payload); !done) return done;
  }
  for (const TomlTable& contender : contenders) TRY_STATUS(read_contender(contender, payload));
  return has_files ? read_files(files, folder, payload) : Status();
}

// A program beside a payload runs until it is told that the stimuli are over.
Result<SuiteProgram> read_program_beside(const std::vector<TomlTable>& tables) {
  TRY(programs, read_suite_programs(tables));
  const TomlTable& table = tables.front();
  if (programs.size() > 1)
    return fail(ErrorKind::usage,
                fmt::format("{}: has {} [[program]] beside its [payload]", table.file(), programs.size()),
                "keep one: two would disturb each other, and nobody could tell by how much");
  if (!programs.front().adapter->form().ends_when_told)
    return fail(ErrorKind::usage,
                fmt::format("{}: {}: {} cannot run beside a payload: it does not end when it is told to",
                            table.file(), table.where(), programs.front().name),
                "cyclictest can; others run in a suite of programs alone, without [payload]");
  return std::move(programs.front());
}

Status read_programs_work(TomlReader* reader, const std::vector<TomlTable>& tables, Suite* suite) {
  ProgramsWork work;
  std::int64_t replicates = 1;
  reader->optional("replicates", &replicates);
  if (replicates < 1 || replicates > replicates_max)
    reader->refuse("replicates", "must be from 1 to " + std::to_string(replicates_max));
  TRY_STATUS(reader->finish());
  TRY(programs, read_suite_programs(tables));
  work.programs = std::move(programs);
  work.replicates = static_cast<int>(replicates);
  suite->work = std::move(work);
  return {};
}

}  // namespace

const StimulusSchedule& schedule_of(const Work& work) {
  static const StimulusSchedule none;
  return std::visit(Overloaded{[](const auto& each) -> const StimulusSchedule& { return each.schedule; },
                               [](const ProgramsWork&) -> const StimulusSchedule& { return none; }},
                    work);
}

const Payload& payload_of(const Work& work) {
  static const Payload none;
  return std::visit(Overloaded{[](const auto& each) -> const Payload& { return each.payload; },
                               [](const ProgramsWork&) -> const Payload& { return none; }},
                    work);
}

const ProgramsWork* programs_of(const Work& work) { return std::get_if<ProgramsWork>(&work); }

std::vector<SuiteProgram> all_programs(const Work& work) {
  return std::visit(Overloaded{[](const ResponseWork& each) {
                                 return each.beside ? std::vector{*each.beside} : std::vector<SuiteProgram>();
                               },
                               [](const DecisionWork&) { return std::vector<SuiteProgram>(); },
                               [](const ProgramsWork& each) { return each.programs; }},
                    work);
}

Result<Suite> read_suite(const std::filesystem::path& path) {
  TRY(text, read_file(path, ErrorKind::usage));
  return parse_suite(std::move(text), path);
}

Result<Suite> parse_suite(std::string text, const std::filesystem::path& path) {
  auto file = TomlTable::parse_text(text, path.string());
  if (!file) return tl::unexpected(file.error());

  Suite suite;
  suite.folder = std::filesystem::absolute(path).parent_path();
  suite.name = suite.folder.filename().string();
  suite.sha256 = sha256_of(text);
  suite.toml = std::move(text);
  TomlReader reader(*file);
  reader.required("title", &suite.title);
  reader.required("requires", &suite.requirements);
  reader.required("board", &suite.board);
  reader.required("kernels", &suite.kernels);
  reader.required("loads", &suite.loads);
  if (suite.kernels.empty()) reader.refuse("kernels", "is empty");
  if (suite.loads.empty()) reader.refuse("loads", "is empty");
  std::string instrument = "bench";
  reader.optional("instrument", &instrument);
  if (instrument != "bench" && instrument != "loopback")
    reader.refuse("instrument", "must be bench or loopback");
  const bool loopback = instrument == "loopback";
  const std::vector<TomlTable> programs = reader.tables("program");
  if (!programs.empty() && !reader.has("payload")) {
    if (loopback) reader.refuse("instrument", "has nothing to stimulate: the programs measure by themselves");
    TRY_STATUS(read_programs_work(&reader, programs, &suite));
    return suite;
  }
  const TomlTable payload_table = reader.required_table("payload");
  const TomlTable schedule_table = reader.required_table("schedule");
  bool has_decisions = false;
  const TomlTable decisions_table = reader.table("decisions", &has_decisions);
  TRY_STATUS(reader.finish());
  Payload payload;
  StimulusSchedule schedule;
  TRY_STATUS(read_payload(payload_table, suite.folder, &payload));
  TRY_STATUS(read_schedule(schedule_table, &schedule));
  if (loopback && (has_decisions || schedule.back_to_back))
    return fail(ErrorKind::usage,
                path.string() +
                    ": on the virtual bench the loopback program sees no decisions and sends nothing "
                    "back to back");
  if (has_decisions && !programs.empty())
    return fail(ErrorKind::usage,
                path.string() + ": a [[program]] beside a payload and [decisions] do not go together");
  if (!has_decisions) {
    ResponseWork work{schedule, std::move(payload), loopback};
    if (!programs.empty()) {
      TRY(beside, read_program_beside(programs));
      work.beside = std::move(beside);
    }
    suite.work = std::move(work);
    return suite;
  }
  if (!payload.contenders.empty())
    return fail(ErrorKind::usage,
                path.string() + ": [[payload.contender]] and [decisions] do not go together yet");
  DecisionWork work{schedule, std::move(payload)};
  TRY_STATUS(read_decisions(decisions_table, &work));
  suite.work = std::move(work);
  return suite;
}

}  // namespace loopgate
