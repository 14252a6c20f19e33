// file = { path = GLOB, missing = WORD, TEST }: every file that matches the path passes the test.
#include <algorithm>

#include "audit/check.h"
#include "audit/fact_script.h"
#include "audit/text_parts.h"
#include "audit/text_rule.h"

namespace loopgate {
namespace {

struct FileCheck {
  std::string path;
  Judgement missing = Judgement::unknown;
  TextTest test;
};

// Files with the same content are reported once: "powersave (8 files)", "cpu3: performance".
struct Said {
  CheckOutcome outcome;
  std::vector<std::string> places;
};

std::string describe(const Said& said, bool one_file) {
  if (one_file) return said.outcome.seen;
  if (said.places.size() > 1) return fmt::format("{} ({} files)", said.outcome.seen, said.places.size());
  return fmt::format("{}: {}", said.places[0], said.outcome.seen);
}

// The parts of a path in which the files of one glob differ: cpu3 of /…/cpu3/cpufreq/scaling_governor.
std::string place_of(const std::string& path, const std::string& glob) {
  const auto parts = split(path, '/');
  const auto patterns = split(glob, '/');
  std::string place;
  for (std::size_t i = 0; i < parts.size() && i < patterns.size(); ++i) {
    if (parts[i] != patterns[i]) place += (place.empty() ? "" : "/") + std::string(parts[i]);
  }
  return place;
}

// The worst judgement counts; an unexpected value is a finding even if another file could not be read.
CheckOutcome judged(const std::vector<Said>& all, bool one_file) {
  for (const Judgement judgement :
       {Judgement::attention, Judgement::unknown, Judgement::good, Judgement::not_applicable}) {
    std::vector<std::string> seen;
    for (const Said& said : all) {
      if (said.outcome.judgement == judgement) seen.push_back(describe(said, one_file));
    }
    if (!seen.empty()) return {judgement, listed(seen, 2)};
  }
  return {};
}

CheckOutcome look(const FileCheck& check, const Facts& facts, const Parameters& parameters) {
  const std::string& parameter = check.test.parameter;
  if (!parameter.empty() && parameters.cpus(parameter) == nullptr) return not_given(parameter);
  const Reading& reading = reading_of(facts.first, check.path);
  if (reading.facts.empty())
    return {reading.locked.empty() ? check.missing : Judgement::unknown, missing_reason(reading, check.path)};
  std::vector<Said> all;
  for (const Fact& fact : reading.facts) {
    const CheckOutcome outcome = fact.text ? try_text(check.test, *fact.text, parameters)
                                           : CheckOutcome{Judgement::unknown, "could not be read"};
    auto same = std::find_if(all.begin(), all.end(), [&](const Said& said) {
      return said.outcome.seen == outcome.seen && said.outcome.judgement == outcome.judgement;
    });
    if (same == all.end()) same = all.insert(all.end(), Said{outcome, {}});
    same->places.push_back(place_of(fact.path, check.path));
  }
  return judged(all, reading.facts.size() == 1);
}

Judgement read_missing(TomlReader* reader) {
  std::string word;
  if (!reader->optional("missing", &word)) return Judgement::unknown;
  for (const Judgement judgement : {Judgement::good, Judgement::attention, Judgement::not_applicable}) {
    if (word == name_of(judgement)) return judgement;
  }
  reader->refuse("missing", "must be good, attention or not applicable (without it: unknown)");
  return Judgement::unknown;
}

}  // namespace

Result<RuleCheck> read_file_check(const TomlTable& table) {
  TomlReader reader(table);
  FileCheck check;
  reader.required("path", &check.path);
  if (!check.path.empty() && !is_plain_glob(check.path))
    reader.refuse("path", "must be absolute, of letters, digits and / . _ - + : , @ * ? [ ]");
  check.missing = read_missing(&reader);
  check.test = read_text_test(&reader);
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return RuleCheck{
      readable(check.path), parameters_of(check.test),
      [path = check.path](FactRequest* request) { request->files.try_emplace(path, false); },
      [check](const Facts& facts, const Parameters& parameters) { return look(check, facts, parameters); }};
}

}  // namespace loopgate
