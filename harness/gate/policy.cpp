#include "gate/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/file.h"
#include "config/toml_table.h"
#include "gate/guard_band.h"
#include "gate/policy_rules.h"
#include "record/run_record.h"

namespace loopgate {
namespace {

constexpr std::int64_t stimuli_max = 1'000'000'000;  // more than any run has: a slip of the pen

// A second. No instrument is wrong by more.
constexpr std::int64_t guard_band_max_ns = 1'000'000'000;

bool same(const BudgetRule& a, const BudgetRule& b) {
  return a.pattern.kernel == b.pattern.kernel && a.pattern.load == b.pattern.load;
}

bool same(const ProgramRule& a, const ProgramRule& b) {
  const auto figure_of = [](const ProgramRule& rule) { return rule.figure ? rule.figure->figure : ""; };
  return a.pattern.kernel == b.pattern.kernel && a.pattern.load == b.pattern.load && a.program == b.program &&
         figure_of(a) == figure_of(b);
}

bool same(const RatioRule& a, const RatioRule& b) {
  return a.pattern.kernel == b.pattern.kernel && a.pattern.load == b.pattern.load && a.against == b.against &&
         a.quantity == b.quantity;
}

// Reads the rules of one kind into `rules`; one that stands there twice is refused.
template <class Rule, class Read>
Status read_rules(const std::vector<TomlTable>& tables, const Read& read, std::vector<Rule>* rules) {
  for (const TomlTable& table : tables) {
    auto rule = read(table);
    if (!rule) return tl::unexpected(rule.error());
    if (std::any_of(rules->begin(), rules->end(), [&](const Rule& other) { return same(other, *rule); }))
      return fail(
          ErrorKind::usage,
          fmt::format("{}: {} is of the same kernel and load as one before it", table.file(), table.where()),
          "put both into one, or remove one");
    rules->push_back(std::move(*rule));
  }
  return {};
}

Status read_all_rules(TomlReader* top, Policy* policy) {
  const auto compare = [](const TomlTable& table) { return read_ratio(table, true); };
  const auto baseline = [](const TomlTable& table) { return read_ratio(table, false); };
  // All are asked for first: a mistake in one must not make the others unknown.
  std::vector<TomlTable> budgets = top->tables("budget");
  const std::vector<TomlTable> compares = top->tables("compare");
  const std::vector<TomlTable> baselines = top->tables("baseline");
  const auto of_programs = std::stable_partition(budgets.begin(), budgets.end(), [](const TomlTable& table) {
    return !TomlReader(table).has("program");
  });
  const std::vector<TomlTable> programs(of_programs, budgets.end());
  budgets.erase(of_programs, budgets.end());
  if (auto done = read_rules(budgets, read_budget, &policy->budgets); !done) return done;
  if (auto done = read_rules(programs, read_program_rule, &policy->programs); !done) return done;
  if (auto done = read_rules(compares, compare, &policy->compares); !done) return done;
  return read_rules(baselines, baseline, &policy->baselines);
}

// What is counted, and how much of it must keep a budget. The time base is known.
void read_count(TomlReader* top, Policy* policy) {
  std::string count;
  if (top->optional("count", &count)) {
    if (count == "samples" || count == "replicates") {
      policy->count = count == "samples" ? CountUnit::samples : CountUnit::replicates;
    } else {
      top->refuse("count", "must be samples or replicates");
    }
  }
  top->renamed("share_of_boots", "min_replicate_fraction");
  if (!top->optional("min_replicate_fraction", &policy->min_replicate_fraction)) return;
  if (policy->count.value_or(default_count(policy->time_base)) != CountUnit::replicates)
    top->refuse("min_replicate_fraction", "is of replicates alone, and this policy counts samples");
  if (!(policy->min_replicate_fraction >= 0.5 && policy->min_replicate_fraction < 1))
    top->refuse("min_replicate_fraction", "must be from 0.5 to below 1");
}

void read_top(TomlReader* top, Policy* policy) {
  std::string time_base;
  top->required("title", &policy->title);
  top->required("suite", &policy->suite);
  top->required("time_base", &time_base);
  if (const auto known = time_base_named(time_base)) {
    policy->time_base = *known;
  } else {
    top->refuse("time_base", "must be virtual or wall");
  }
  // Above 0.5 an upper bound lies above the observed share, which the verdicts rely on.
  if (top->optional("confidence", &policy->confidence) &&
      !(policy->confidence > 0.5 && policy->confidence < 1))
    top->refuse("confidence", "must be above 0.5 and below 1");
  read_count(top, policy);
  std::int64_t min_stimuli = static_cast<std::int64_t>(policy->min_stimuli);
  if (top->optional("min_stimuli", &min_stimuli) && !(min_stimuli >= 1 && min_stimuli <= stimuli_max))
    top->refuse("min_stimuli", fmt::format("must be from 1 to {}", stimuli_max));
  policy->min_stimuli = static_cast<std::uint64_t>(min_stimuli);
  if (top->optional("guard_band_ns", &policy->guard_band_ns) &&
      !(policy->guard_band_ns >= 1 && policy->guard_band_ns <= guard_band_max_ns))
    top->refuse("guard_band_ns", fmt::format("must be from 1 to {}", guard_band_max_ns));
  top->optional("baseline_required", &policy->baseline_required);
}

}  // namespace

Result<Policy> parse_policy(std::string_view text, const std::string& file_name) {
  auto table = TomlTable::parse_text(text, file_name);
  if (!table) return tl::unexpected(table.error());
  TomlReader top(*table);
  Policy policy;
  policy.file = file_name;
  policy.sha256 = sha256_of(text);
  read_top(&top, &policy);
  const Status rules = read_all_rules(&top, &policy);
  if (auto done = top.finish(); !done) return tl::unexpected(done.error());
  if (!rules) return tl::unexpected(rules.error());
  if (policy.budgets.empty() && policy.programs.empty() && policy.compares.empty() &&
      policy.baselines.empty())
    return fail(ErrorKind::usage, fmt::format("{}: has no rule, so it would judge nothing", file_name),
                "add a [[budget]]");
  if (const std::string vain = vain_guard_band(policy); !vain.empty())
    return fail(ErrorKind::usage, fmt::format("{}: guard_band_ns {}", file_name, vain),
                "lower it, or leave it out");
  return policy;
}

Result<Policy> read_policy(const std::filesystem::path& path) {
  const auto with_step = [](Error error, const char* step) {
    if (error.next_step.empty()) error.next_step = step;
    return tl::unexpected(std::move(error));
  };
  auto text = read_text_file(path, ErrorKind::usage);
  if (!text) return with_step(text.error(), "give a policy's file, such as suites/irq-to-gpio/release.toml");
  auto policy = parse_policy(*text, path.string());
  if (!policy)
    return with_step(policy.error(), "suites/README.md has what a policy says, under \"Adding a policy\"");
  return policy;
}

}  // namespace loopgate
