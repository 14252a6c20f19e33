#include "record/payload_work.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_reader.h"

namespace loopgate {
namespace {

std::uint64_t amount_of(JsonReader* reader, const std::string& key) {
  std::uint64_t amount = 0;
  reader->required(key, &amount);
  if (amount > payload_amount_max) reader->refuse(key, "is more than can be");
  return std::min(amount, payload_amount_max);
}

void add(const std::vector<NamedAmount>& other, std::vector<NamedAmount>* into) {
  for (const NamedAmount& each : other) {
    const auto found = std::ranges::find(*into, each.name, &NamedAmount::name);
    if (found == into->end()) {
      into->push_back(each);
    } else {
      found->amount += each.amount;
    }
  }
}

}  // namespace

Result<std::optional<PayloadWork>> payload_work_in(const nlohmann::json& printed) {
  if (!printed.is_object() || !printed.contains("work")) return std::nullopt;
  const std::string text = printed.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  TRY(fields, JsonReader::parse(text, "what the payload printed", {false, 0, ""}));
  PayloadWork work;
  work.decisions = amount_of(&fields, "decisions");
  const std::uint64_t frames = amount_of(&fields, "frames");
  JsonReader said = fields.object("work");
  said.required("shares_cpu", &work.shares_cpu);
  for (JsonReader& thread : said.objects("threads")) {
    NamedAmount& one = work.cpu_ns.emplace_back();
    thread.required("name", &one.name);
    one.amount = amount_of(&thread, "cpu_ns");
  }
  JsonReader bytes = said.object("computed_bytes_a_frame");
  for (const std::string& stage : bytes.keys()) {
    const std::uint64_t one = amount_of(&bytes, stage);
    if (frames > 0 && one > payload_amount_max / frames) bytes.refuse(stage, "is more than can be");
    work.computed_bytes.push_back({stage, one * frames});
  }
  TRY_STATUS(fields.finish());
  if (work.decisions == 0) return std::nullopt;
  return work;
}

void pool(const PayloadWork& other, PayloadWork* into) {
  into->decisions += other.decisions;
  add(other.cpu_ns, &into->cpu_ns);
  add(other.computed_bytes, &into->computed_bytes);
  into->shares_cpu = into->shares_cpu || other.shares_cpu;
}

}  // namespace loopgate
