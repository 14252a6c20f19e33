#include "config/load.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/digest.h"
#include "base/file.h"
#include "config/toml_table.h"

namespace loopgate {
namespace {

Status read_rates(const TomlTable& table, std::map<std::string, double>* rates) {
  TomlReader reader(table);
  if (reader.keys().empty())
    return fail(ErrorKind::usage,
                table.file() + ": " + table.where() + " is empty: a load must say what proves that it ran");
  for (const std::string& key : reader.keys()) {
    double rate = 0;
    reader.required(key, &rate);
    if (!(rate > 0)) reader.refuse(key, "must be above 0, or it would prove nothing");
    (*rates)[key] = rate;
  }
  return reader.finish();
}

// One key of all programs'.
void read_program(TomlReader* reader, LoadPart* part) {
  std::vector<std::string> keys;
  int given = 0;
  for (const LoadProgram* program : all_load_programs()) {
    keys.emplace_back(program->key());
    if (!reader->optional(program->key(), &part->arguments)) continue;
    part->program = program;
    ++given;
  }
  if (given != 1) reader->refuse("name", fmt::format("needs one of {}", fmt::join(keys, ", ")));
}

constexpr std::array<std::pair<const char*, LoadCpus>, 3> cpu_roles = {
    {{"housekeeping", LoadCpus::housekeeping}, {"measured", LoadCpus::measured}, {"all", LoadCpus::all}}};

void read_cpus(TomlReader* reader, LoadCpus* cpus) {
  std::string name;
  if (!reader->optional("cpus", &name)) return;
  for (const auto& [known, value] : cpu_roles)
    if (name == known) *cpus = value;
  if (*cpus == LoadCpus::any) reader->refuse("cpus", "must be housekeeping, measured or all");
}

Status read_part(const TomlTable& entry, Load* load) {
  TomlReader reader(entry);
  LoadPart part;
  std::int64_t processes = part.min_processes;
  bool has_rates = false;
  reader.required("name", &part.name);
  read_program(&reader, &part);
  read_cpus(&reader, &part.cpus);
  reader.renamed("processes_at_least", "min_processes");
  reader.renamed("cpu_ms_at_least", "min_cpu_ms");
  reader.renamed("per_second_at_least", "min_per_second");
  reader.optional("min_processes", &processes);
  reader.optional("min_cpu_ms", &part.min_cpu_ms);
  if (processes < 1 || processes > 100'000) reader.refuse("min_processes", "must be from 1 to 100000");
  if (!(part.min_cpu_ms >= 0)) reader.refuse("min_cpu_ms", "must not be negative");
  for (const LoadPart& other : load->parts) {
    if (other.name == part.name) reader.refuse("name", "is another part's too: each has a proof of its own");
  }
  part.min_processes = static_cast<int>(processes);
  const TomlTable rates = reader.table("min_per_second", &has_rates);
  if (!has_rates) reader.refuse("min_per_second", "is missing: a load must say what proves that it ran");
  if (part.arguments.empty()) reader.refuse("name", "has an empty command");
  if (auto done = reader.finish(); !done) return done;
  if (auto done = read_rates(rates, &part.min_per_second); !done) return done;
  load->parts.push_back(part);
  return {};
}

Status read_storm(TomlTable table, Storm* storm) {
  TomlReader reader(std::move(table));
  reader.renamed("handled_per_second_at_least", "min_handled_per_second");
  reader.required("per_second", &storm->per_second);
  reader.required("min_handled_per_second", &storm->min_handled_per_second);
  if (!(storm->per_second > 0 && storm->per_second <= 1e6))
    reader.refuse("per_second", "must be above 0, up to 1e6");
  if (!(storm->min_handled_per_second > 0))
    reader.refuse("min_handled_per_second", "must be above 0, or it would prove nothing");
  return reader.finish();
}

}  // namespace

const char* name_of(LoadCpus cpus) {
  const auto found = std::ranges::find(cpu_roles, cpus, &std::pair<const char*, LoadCpus>::second);
  return found == cpu_roles.end() ? "any" : found->first;
}

Result<Load> read_load(const std::filesystem::path& path) {
  TRY(text, read_file(path, ErrorKind::usage));
  return parse_load(std::move(text), path);
}

Result<Load> parse_load(std::string text, const std::filesystem::path& path) {
  auto file = TomlTable::parse_text(text, path.string());
  if (!file) return tl::unexpected(file.error());

  Load load;
  load.name = path.stem().string();
  load.sha256 = sha256_of(text);
  load.toml = std::move(text);
  TomlReader reader(*file);
  std::int64_t settle_ms = 0;
  bool has_storm = false;
  reader.required("title", &load.title);
  if (reader.optional("settle_ms", &settle_ms) && (settle_ms < 0 || settle_ms > 60'000))
    reader.refuse("settle_ms", "must be from 0 to 60000");
  load.settle_ms = static_cast<int>(settle_ms);
  const auto parts = reader.tables("part");
  const TomlTable storm = reader.table("storm", &has_storm);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  for (const TomlTable& part : parts) {
    if (auto done = read_part(part, &load); !done) return tl::unexpected(done.error());
  }
  if (has_storm) {
    if (auto done = read_storm(storm, &load.storm); !done) return tl::unexpected(done.error());
  }
  return load;
}

}  // namespace loopgate
