#include "config/suite.h"

#include <cmath>

#include "base/digest.h"
#include "config/toml_table.h"

namespace loopgate {
namespace {

void read_count(Reader* reader, std::string_view key, int* out, std::int64_t least) {
  std::int64_t value = 0;
  reader->required(key, &value);
  if (value < least || value > 100'000'000)
    reader->refuse(key, "must be from " + std::to_string(least) + " to 100000000");
  *out = static_cast<int>(value);
}

void read_duration(Reader* reader, std::string_view key, std::int64_t unit_ns, std::int64_t* out_ns) {
  double value = 0;
  reader->required(key, &value);
  if (!(value > 0 && value <= 1e9)) {
    reader->refuse(key, "must be above 0, up to 1e9");
    return;
  }
  *out_ns = std::llround(value * static_cast<double>(unit_ns));
}

Status read_schedule(TomlTable table, Suite* suite) {
  Reader reader(std::move(table));
  std::vector<std::int64_t> interval_us;
  reader.required("interval_us", &interval_us);
  if (interval_us.size() != 2 || interval_us[0] < 1 || interval_us[1] < interval_us[0] ||
      interval_us[1] > 1'000'000'000) {
    reader.refuse("interval_us", "must be [shortest, longest], from 1 to 1e9");
  } else {
    suite->interval_min_ns = interval_us[0] * 1'000;
    suite->interval_max_ns = interval_us[1] * 1'000;
  }
  read_duration(&reader, "deadline_us", 1'000, &suite->deadline_ns);
  read_duration(&reader, "abandon_ms", 1'000'000, &suite->abandon_ns);
  read_count(&reader, "samples", &suite->samples, 1);
  read_count(&reader, "warm_up", &suite->warm_up, 0);
  read_count(&reader, "self_checks", &suite->self_checks, 1);
  if (suite->abandon_ns <= 1'000'000)
    reader.refuse("abandon_ms", "must be above 1: the longest self-check takes 1 ms");
  if (suite->abandon_ns <= suite->deadline_ns) reader.refuse("abandon_ms", "must be longer than deadline_us");
  return reader.finish();
}

Status read_payload(TomlTable table, Payload* payload) {
  Reader reader(std::move(table));
  std::int64_t ready_within_ms = payload->ready_within_ms;
  reader.required("command", &payload->command);
  reader.optional("ready_within_ms", &ready_within_ms);
  if (payload->command.empty()) reader.refuse("command", "is empty");
  if (ready_within_ms < 1 || ready_within_ms > 600'000)
    reader.refuse("ready_within_ms", "must be from 1 to 600000");
  payload->ready_within_ms = static_cast<int>(ready_within_ms);
  return reader.finish();
}

}  // namespace

Result<Suite> read_suite(const std::filesystem::path& path) {
  auto file = TomlTable::parse_file(path);
  if (!file) return tl::unexpected(file.error());
  auto digest = sha256_of_file(path);
  if (!digest) return tl::unexpected(digest.error());

  Suite suite;
  suite.folder = std::filesystem::absolute(path).parent_path();
  suite.name = suite.folder.filename().string();
  suite.sha256 = *digest;
  Reader reader(*file);
  reader.required("title", &suite.title);
  reader.required("requires", &suite.requirements);
  reader.required("board", &suite.board);
  reader.required("kernels", &suite.kernels);
  reader.required("loads", &suite.loads);
  if (suite.kernels.empty()) reader.refuse("kernels", "is empty");
  if (suite.loads.empty()) reader.refuse("loads", "is empty");
  const TomlTable payload = reader.required_table("payload");
  const TomlTable schedule = reader.required_table("schedule");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  if (auto done = read_payload(payload, &suite.payload); !done) return tl::unexpected(done.error());
  if (auto done = read_schedule(schedule, &suite); !done) return tl::unexpected(done.error());
  return suite;
}

}  // namespace loopgate
