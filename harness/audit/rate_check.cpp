// rate = { path, rows | column | bytes and offset, except, except_of, on_cpus, max_per_second }: counters
// that are read twice, one second apart; their sum must not grow faster.
#include <algorithm>
#include <map>
#include <tuple>

#include "audit/check.h"
#include "audit/counters.h"
#include "audit/fact_script.h"
#include "audit/text_parts.h"

namespace loopgate {
namespace {

struct RateCheck {
  std::string path;
  std::vector<std::string> rows;    // of a table, by name
  std::vector<std::string> except;  // excludes rows by their description in the table
  std::string except_of;            // a parameter: devices whose rows are excluded
  std::int64_t column = -1;         // of softnet_stat
  std::optional<DeviceNumber> number;
  std::string on_cpus;
  double at_most = 0;

  std::string name() const { return number ? number->name() : path; }
};

Counters counters_of(const RateCheck& check, const Fact& fact) {
  if (!fact.text) return std::nullopt;
  if (!check.rows.empty()) return parse_counter_table(*fact.text);
  if (check.column >= 0) return parse_softnet(*fact.text, static_cast<std::size_t>(check.column));
  const auto count = parse_number<std::uint64_t>(trimmed(*fact.text));
  if (!count) return std::nullopt;
  return std::vector<Counter>{{fact.path, "", -1, *count}};
}

bool is_selected(const RateCheck& check, const Counter& counter, const CpuSet* cpus,
                 const std::vector<std::string>& devices) {
  if (is_of_device(devices, counter.about)) return false;
  if (!check.rows.empty() && !matches_any(check.rows, counter.name)) return false;
  return !matches_any(check.except, counter.about) && (cpus == nullptr || cpus->count(counter.cpu) != 0);
}

using Counts = std::map<std::tuple<std::string, int, std::string>, std::uint64_t>;

// The counts of one reading; false when one cannot be parsed.
bool count_all(const RateCheck& check, const Reading& reading, const CpuSet* cpus,
               const std::vector<std::string>& devices, Counts* counts) {
  for (const Fact& fact : reading.facts) {
    const Counters counters = counters_of(check, fact);
    if (!counters) return false;
    for (const Counter& counter : *counters) {
      if (is_selected(check, counter, cpus, devices))
        (*counts)[{counter.name, counter.cpu, counter.about}] = counter.count;
    }
  }
  return !reading.facts.empty();
}

struct Growth {
  double per_second = 0;
  std::string name;
};

// An interrupt's number says nothing to people, its device does; IPI1, CAL and NET_RX are names already.
std::string name_of_row(const std::string& name, const std::string& about) {
  if (about.empty() || !parse_number<std::uint64_t>(name)) return name;
  return about.substr(about.rfind(' ') + 1);
}

std::string describe(const RateCheck& check, std::vector<Growth> growths, double sum, std::uint64_t total) {
  std::string text = fmt::format("{:.1f} per second, {} since boot", sum, total);
  if (check.rows.empty() || sum == 0) return text;
  std::stable_sort(growths.begin(), growths.end(),
                   [](const Growth& a, const Growth& b) { return a.per_second > b.per_second; });
  std::vector<std::string> names;
  for (const Growth& growth : growths) {
    if (growth.per_second > 0) names.push_back(fmt::format("{} {:.1f}", growth.name, growth.per_second));
  }
  return fmt::format("{} ({})", text, listed(names));
}

CheckOutcome look(const RateCheck& check, const Facts& facts, const Parameters& parameters) {
  const CpuSet* cpus = check.on_cpus.empty() ? nullptr : parameters.cpus(check.on_cpus);
  if (!check.on_cpus.empty() && cpus == nullptr) return not_given(check.on_cpus);
  const Reading& first = reading_of(facts.first, check.name());
  const Reading& second = reading_of(facts.second, check.name());
  if (first.facts.empty()) return {Judgement::unknown, missing_reason(first, check.path)};
  const std::vector<std::string> devices = parameters.names(check.except_of);
  Counts before;
  Counts after;
  if (!count_all(check, first, cpus, devices, &before) || !count_all(check, second, cpus, devices, &after))
    return {Judgement::unknown, fmt::format("{} could not be read or parsed", first.facts[0].path)};
  if (!(facts.seconds_between > 0)) return {Judgement::unknown, "read only once"};
  std::map<std::string, Growth> growths;
  double sum = 0;
  std::uint64_t total = 0;
  for (const auto& [key, count] : after) {
    const std::uint64_t begin = before.count(key) != 0 ? before[key] : 0;
    if (count < begin) return {Judgement::unknown, std::get<0>(key) + " decreased"};
    const double rate = static_cast<double>(count - begin) / facts.seconds_between;
    const std::string& about = std::get<2>(key);
    Growth& growth = growths[std::get<0>(key)];
    growth.name = name_of_row(std::get<0>(key), about);
    growth.per_second += rate;
    sum += rate;
    total += count;
  }
  std::vector<Growth> all;
  for (const auto& [name, growth] : growths) all.push_back(growth);
  return {sum <= check.at_most ? Judgement::good : Judgement::attention, describe(check, all, sum, total)};
}

void read_shape(TomlReader* reader, RateCheck* check) {
  const bool rows = reader->optional("rows", &check->rows);
  const bool column = reader->optional("column", &check->column);
  DeviceNumber number;
  std::int64_t bytes = 8;
  std::int64_t offset = 0;
  const bool device = reader->optional("offset", &offset);
  if (reader->optional("bytes", &bytes) && !device) reader->refuse("bytes", "needs offset");
  if (rows && check->rows.empty()) reader->refuse("rows", "is empty");
  if (column && (check->column < 0 || check->column > 100)) reader->refuse("column", "must be from 0 to 100");
  if (bytes != 4 && bytes != 8) reader->refuse("bytes", "must be 4 or 8");
  if (offset < 0 || offset > 1'000'000'000) reader->refuse("offset", "must be from 0 to 1,000,000,000");
  if (int(rows) + int(column) + int(device) > 1)
    reader->refuse("path", "needs only one of rows, column and offset");
  if (device) check->number = DeviceNumber{check->path, static_cast<int>(bytes), static_cast<int>(offset)};
}

}  // namespace

Result<RuleCheck> read_rate_check(const TomlTable& table) {
  TomlReader reader(table);
  RateCheck check;
  reader.required("path", &check.path);
  if (!check.path.empty() && !is_plain_glob(check.path))
    reader.refuse("path", "must be absolute, of letters, digits and / . _ - + : , @ * ? [ ]");
  read_shape(&reader, &check);
  reader.optional("except", &check.except);
  reader.optional("except_of", &check.except_of);
  reader.optional("on_cpus", &check.on_cpus);
  reader.renamed("per_second_at_most", "max_per_second");
  reader.required("max_per_second", &check.at_most);
  if (!(check.at_most >= 0)) reader.refuse("max_per_second", "must not be below 0");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  std::map<std::string, ParameterKind> parameters;
  if (!check.on_cpus.empty()) parameters[check.on_cpus] = ParameterKind::cpus;
  if (!check.except_of.empty()) parameters[check.except_of] = ParameterKind::names;
  return RuleCheck{
      readable(check.name()) + ", twice", parameters,
      [check](FactRequest* request) {
        if (check.number) {
          request->numbers[*check.number] = true;
        } else {
          request->files[check.path] = true;
        }
      },
      [check](const Facts& facts, const Parameters& given) { return look(check, facts, given); }};
}

}  // namespace loopgate
