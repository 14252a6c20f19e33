#include "accept/suites_own.h"

#include <fmt/format.h>

#include <utility>

#include "config/toml_table.h"

namespace loopgate {
namespace {

constexpr std::int64_t most = 100'000'000;  // as config/suite.cpp has it of samples

// A suite whose programs measure by themselves has no [schedule], and so no samples.
Amount amount_in(TomlReader* suite) {
  bool stimulates = false;
  TomlReader schedule(suite->table("schedule", &stimulates));
  Amount amount{0, 1};
  if (stimulates) schedule.optional("samples", &amount.samples);
  if (stimulates && amount.samples < 1) amount.samples = -1;  // a schedule must say
  (stimulates ? schedule : *suite).optional("replicates", &amount.repeat);
  return amount;
}

}  // namespace

// Its other keys are config/suite.cpp's, which has read them before anything was measured: so what is unknown
// here is no mistake, and what is missing is empty.
Result<SuitesOwn> suites_own(const InputFile& suite) {
  if (suite.toml.empty())
    return fail(ErrorKind::data,
                fmt::format("run.json has no text of suite {}, which would say what the plan leaves out",
                            suite.name));
  auto table = TomlTable::parse_text(suite.toml, "the suite in run.json");
  if (!table) return fail(ErrorKind::data, table.error().what);
  TomlReader reader(*std::move(table));
  SuitesOwn own;
  reader.optional("kernels", &own.kernels);
  reader.optional("loads", &own.loads);
  own.amount = amount_in(&reader);
  if (own.kernels.empty() || own.loads.empty() || own.amount.samples < 0 || own.amount.samples > most ||
      own.amount.repeat < 1 || own.amount.repeat > most)
    return fail(ErrorKind::data, "the suite in run.json does not say what the plan leaves out");
  return own;
}

}  // namespace loopgate
