#include "history/past_verdict.h"

#include <algorithm>
#include <array>

#include "base/json_reader.h"
#include "gate/verdict.h"

namespace loopgate {
namespace {

constexpr std::array kinds = {VerdictKind::pass, VerdictKind::fail, VerdictKind::invalid,
                              VerdictKind::inconclusive, VerdictKind::not_gated};

void read_verdict(JsonReader* reader, std::string* verdict) {
  reader->required("verdict", verdict);
  if (std::ranges::none_of(kinds, [&](VerdictKind kind) { return *verdict == name_of(kind); }))
    reader->refuse("verdict", "is no verdict");
}

}  // namespace

Result<PastVerdict> parse_past_verdict(std::string_view text, const std::string& name) {
  PastVerdict read;
  TRY(reader, JsonReader::parse(text, name, JsonReader::file()));
  read_verdict(&reader, &read.verdict);
  JsonReader policy = reader.object("policy");
  policy.required("title", &read.policy);
  for (JsonReader& group : reader.objects("groups")) {
    std::string kernel;
    std::string load;
    group.required("kernel", &kernel);
    group.required("load", &load);
    read_verdict(&group, &read.groups[{kernel, load}]);
  }
  TRY_STATUS(reader.finish());
  return read;
}

}  // namespace loopgate
