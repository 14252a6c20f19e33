#include "programs/load/own_program.h"

#include "base/json.h"
#include "programs/load/rates.h"

namespace loopgate {

Result<LoadFindings> OwnProgram::parse(const LoadOutput& output) const {
  const auto counts = parse_json(output.printed);
  if (!counts.is_object()) return fail(ErrorKind::data, "it printed no JSON object at its end");
  const auto seconds = counts.find("seconds");
  if (seconds == counts.end() || !seconds->is_number() || !(seconds->get<double>() > 0))
    return fail(ErrorKind::data, "it printed no \"seconds\"");
  TRY_STATUS(check_seconds("it", seconds->get<double>(), output.measured_s));
  Rates rates;
  for (const auto& [key, value] : counts.items()) {
    if (!value.is_number()) continue;
    TRY(rate, rate_of(key, value.get<double>(), seconds->get<double>()));
    rates[key] = rate;
  }
  return LoadFindings{std::move(rates), std::nullopt};
}

std::optional<OptionReadBack> OwnProgram::read_back(const ProgramOption& option,
                                                    const LoadOutput& output) const {
  return read_back_of(option, parse_json(output.printed));
}

}  // namespace loopgate
