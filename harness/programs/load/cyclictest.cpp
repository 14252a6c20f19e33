#include "programs/load/cyclictest.h"

#include "programs/load/rates.h"
#include "programs/result/cyclictest_file.h"

namespace loopgate {
namespace {

// Of a microsecond each: up to 10 ms. What is beyond is counted, and the largest is known.
constexpr std::size_t histogram_bins = 10'000;

}  // namespace

std::vector<std::string> Cyclictest::argv(const std::string& part,
                                          const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {"cyclictest"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  // The last of an option counts, so the load's file cannot change these. Without a duration it runs until it
  // is told to stop.
  argv.insert(argv.end(),
              {"--quiet", "--histogram", std::to_string(histogram_bins), "--json", files(part).front()});
  return argv;
}

std::vector<std::string> Cyclictest::files(const std::string& part) const {
  return {"/tmp/load-" + part + ".json"};
}

// A thread begins with the program, and its cycles before the load was attested count as well. So the rate is
// that of the longest that it can have lived: a little less than the true one, never more.
Result<LoadFindings> Cyclictest::parse(const LoadOutput& output) const {
  if (output.file.empty()) return fail(ErrorKind::data, "cyclictest wrote no JSON file");
  const auto file = parse_cyclictest_file(output.file);
  if (file && file->return_code.value_or(0) != 0)
    return fail(ErrorKind::data,
                fmt::format("cyclictest ended with {}, by its own file", *file->return_code));
  auto bins = file ? histogram_of(*file, histogram_bins) : tl::unexpected(file.error());
  if (!bins) return fail(ErrorKind::data, "cyclictest's file " + bins.error().what);
  TRY(rate, rate_of("cycles", static_cast<double>(cycles_of(*file)), output.lived_s));
  return LoadFindings{{{"cycles", rate}}, std::move(*bins)};
}

std::optional<OptionReadBack> Cyclictest::read_back(const ProgramOption& option,
                                                    const LoadOutput& output) const {
  return cyclictest_read_back(option, output.file);
}

}  // namespace loopgate
