#include "programs/load/stress_ng.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <string_view>

#include "programs/load/rates.h"

namespace loopgate {
namespace {

// What its last lines say of a kind of stressors, as in "stress-ng: info:  [123] skipped: 1: netdev (1)": the
// text behind the count; empty when there are none, or when this stress-ng does not say it.
std::string those_that_were(const std::string& kind, const std::string& printed) {
  const std::size_t at = printed.rfind("] " + kind + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kind.size() + 4;
  const std::string count = printed.substr(begin, printed.find('\n', begin) - begin);
  const std::size_t names = count.find(": ");
  return names == std::string::npos ? std::string() : count.substr(names + 2);
}

// Of a stressor that it does not make here, as for want of a device or a right, it writes no metrics.
Status check_that_all_ran(const std::string& printed) {
  for (const char* kind : {"skipped", "failed"}) {
    if (const std::string which = those_that_were(kind, printed); !which.empty())
      return fail(ErrorKind::data, fmt::format("stress-ng reports {}: {}", kind, which));
  }
  return {};
}

// How many instances of a stressor the text names: "cpu (1) vm (2)".
std::optional<std::string> instances_of(const std::string& stressor, const std::string& text) {
  const std::size_t at = (" " + text).find(" " + stressor + " (");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + stressor.size() + 2;
  return text.substr(begin, text.find(')', begin) - begin);
}

}  // namespace

std::vector<std::string> StressNg::argv(const std::string& part,
                                        const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {"stress-ng"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  // Forever, until it is told to stop; then it writes its metrics, which are the proof that it ran.
  argv.insert(argv.end(),
              {"--timeout", "0", "--metrics", "--yaml", files(part).front(), "--temp-path", "/tmp"});
  return argv;
}

std::vector<std::string> StressNg::files(const std::string& part) const {
  return {"/tmp/load-" + part + ".yaml"};
}

Result<LoadFindings> StressNg::parse(const LoadOutput& output) const {
  TRY_STATUS(check_that_all_ran(output.printed));
  TRY(rates, stress_ng_rates(output.file, output.window_s));
  return LoadFindings{std::move(rates), std::nullopt};
}

// It tells the stressors that passed, were skipped or failed, and of their other options nothing. 0 asks for
// as many as there are CPUs, which nobody compares.
std::optional<OptionReadBack> StressNg::read_back(const ProgramOption& option,
                                                  const LoadOutput& output) const {
  if (!option.name.starts_with("--")) return std::nullopt;
  const std::string stressor = option.name.substr(2);
  for (const char* kind : {"skipped", "failed", "passed"}) {
    const auto instances = instances_of(stressor, those_that_were(kind, output.printed));
    if (!instances) continue;
    const bool passed = std::string_view(kind) == "passed";
    if (passed && option.value == "0") return std::nullopt;
    return OptionReadBack{fmt::format("{} {}", *instances, kind), passed && option.value == *instances};
  }
  return std::nullopt;
}

// When one stressor gives up, stress-ng stops the others too, keeps running and exits 0: each must have run
// nearly all the time.
Result<Rates> stress_ng_rates(const std::string& yaml, double window_s) {
  // What stands before is not always YAML: stress-ng 0.19 indents its build-info wrongly.
  const std::size_t begin = yaml.find("\nmetrics:");
  if (begin == std::string::npos) return fail(ErrorKind::data, "stress-ng wrote no metrics");
  try {  // yaml-cpp reports by exception; it goes no further than here
    Rates rates;
    const YAML::Node metrics = YAML::Load(yaml.substr(begin))["metrics"];
    if (!metrics.IsSequence()) return fail(ErrorKind::data, "stress-ng's metrics are missing");
    for (const YAML::Node& entry : metrics) {
      const double seconds = entry["wall-clock-time"].as<double>();
      const double operations = entry["bogo-ops"].as<double>();
      const auto stressor = entry["stressor"].as<std::string>();
      TRY_STATUS(check_seconds("stressor " + stressor, seconds, window_s));
      if (operations == 0)  // stress-ng lists it as passed all the same
        return fail(ErrorKind::data, fmt::format("stressor {} did no operation", stressor));
      TRY(rate, rate_of(stressor, operations, seconds));
      rates[stressor] = rate;
    }
    return rates;
  } catch (const YAML::Exception& error) {
    return fail(ErrorKind::data, fmt::format("stress-ng's metrics cannot be read: {}", error.what()));
  }
}

}  // namespace loopgate
