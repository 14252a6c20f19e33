#include "cost/added_time.h"

#include <fmt/format.h>

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace loopgate {

Result<AddedTime> added_time(const std::vector<std::int64_t>& before_ns,
                             const std::vector<std::int64_t>& after_ns, double confidence) {
  const std::size_t count = before_ns.size();
  if (count != after_ns.size() || count < 2)
    return fail(ErrorKind::infrastructure,
                fmt::format("{} and {} replicates are no pairs to compare", count, after_ns.size()),
                "measure both kernels with the same --repeat, at least 2");
  const auto n = static_cast<double>(count);
  const auto more = [&](std::size_t i) { return static_cast<double>(after_ns[i] - before_ns[i]); };
  double mean = 0;
  for (std::size_t i = 0; i < count; ++i) mean += more(i) / n;
  double squares = 0;
  for (std::size_t i = 0; i < count; ++i) squares += (more(i) - mean) * (more(i) - mean);
  const boost::math::students_t pairs(n - 1);
  const double half =
      boost::math::quantile(pairs, 1 - (1 - confidence) / 2) * std::sqrt(squares / (n - 1) / n);
  return AddedTime{mean, mean - half, mean + half};
}

}  // namespace loopgate
