#include "accept/plan_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "bundle/manifest.h"
#include "config/toml_table.h"

namespace loopgate {
namespace {

constexpr std::int64_t most_signatures = 1000;
constexpr std::int64_t most_samples = 100'000'000;
constexpr std::int64_t most_replicates = 1000;

// A folder of this name is made of it, in the bundle as well.
bool is_plain_name(const std::string& name) {
  return name.size() <= 60 && is_safe_path(name) && name.find('/') == std::string::npos &&
         !name.starts_with('.');
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void read_count(TomlReader* reader, const char* key, std::int64_t most, std::int64_t* out) {
  if (reader->optional(key, out) && (*out < 1 || *out > most))
    reader->refuse(key, fmt::format("must be from 1 to {}", most));
}

void read_names(TomlReader* reader, const char* key, std::vector<std::string>* out) {
  if (reader->optional(key, out) && out->empty())
    reader->refuse(key, "names none: leave it out for the suite's own");
}

Status read_signatures(TomlReader* plan, AcceptancePlan* out) {
  bool present = false;
  TomlReader reader(plan->table("signatures", &present));
  if (!present) return {};
  reader.required("wanted", &out->signatures_wanted);
  reader.required("of", &out->signatures_of);
  if (out->signatures_wanted < 1 || out->signatures_wanted > out->signatures_of)
    reader.refuse("wanted", "must be from 1 to what `of` says");
  if (out->signatures_of > most_signatures) reader.refuse("of", "must be at most 1000");
  return reader.finish();
}

Result<PlannedRun> read_run(TomlTable table) {
  TomlReader reader(std::move(table));
  PlannedRun run;
  reader.required("suite", &run.suite);
  run.name = run.suite;
  reader.optional("name", &run.name);
  if (!is_plain_name(run.name))
    reader.refuse(reader.has("name") ? "name" : "suite",
                  "must be a plain file name of at most 60 characters; give the run a `name`");
  reader.required("policy", &run.policy);
  if (reader.optional("policy_sha256", &run.policy_sha256) && !is_sha256(run.policy_sha256))
    reader.refuse("policy_sha256", "must be 64 hexadecimal digits, as sha256sum prints them");
  read_names(&reader, "kernels", &run.kernels);
  read_names(&reader, "loads", &run.loads);
  read_count(&reader, "samples", most_samples, &run.samples);
  read_count(&reader, "repeat", most_replicates, &run.repeat);
  TRY_STATUS(reader.finish());
  return run;
}

}  // namespace

Result<AcceptancePlan> parse_acceptance_plan(std::string_view text, const std::string& file_name) {
  TRY(table, TomlTable::parse_text(text, file_name));
  TomlReader reader(std::move(table));
  AcceptancePlan plan;
  reader.required("title", &plan.title);
  reader.required("board", &plan.board);
  reader.required("decision_rule", &plan.decision_rule);
  reader.optional("agreed", &plan.agreed);
  TRY_STATUS(read_signatures(&reader, &plan));
  const std::vector<TomlTable> runs = reader.tables("run");
  if (runs.empty()) reader.refuse("run", "there must be at least one [[run]]");
  TRY_STATUS(reader.finish());
  std::set<std::string> names;
  for (const TomlTable& each : runs) {
    TRY(run, read_run(each));
    if (!names.insert(run.name).second)
      return fail(ErrorKind::usage,
                  fmt::format("{}: {}: a second run is called {}", file_name, each.where(), run.name),
                  "give each [[run]] a `name` of its own");
    plan.runs.push_back(std::move(run));
  }
  return plan;
}

}  // namespace loopgate
