#include "record/bisect_record.h"

#include <nlohmann/json.hpp>

#include "base/json_forms.h"
#include "record/listed_change_fields.h"
#include "record/named_input_fields.h"
#include "record/seal.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr ByName step_result_form{&step_results};

}  // namespace

static constexpr auto fields_of(const BisectStep*) {
  return std::tuple(
      field("name", &BisectStep::name), field("changes", &BisectStep::changes),
      field("commit", &BisectStep::commit, NullWhereEmpty()),
      field("reverted", &BisectStep::reverted, NullWhereEmpty()), field("what", &BisectStep::what),
      field("result", &BisectStep::result, step_result_form), field("why", &BisectStep::why),
      field("kernel_sha256", &BisectStep::kernel_sha256, NullWhereEmpty()),
      field("same_as", &BisectStep::same_as, NullWhereEmpty()),
      field("quantity", &BisectStep::quantity, NullWhereEmpty()), field("seen", &BisectStep::seen),
      field("limit", &BisectStep::limit), field("kernel_failed", &BisectStep::kernel_failed),
      field("total_s", &BisectStep::total_s, NotNegative()));
}

static constexpr auto fields_of(const BisectAnswer*) {
  return std::tuple(field("changes", &BisectAnswer::changes),
                    field("not_shown_needed", &BisectAnswer::not_shown_needed),
                    field("commits", &BisectAnswer::commits), field("taken_back", &BisectAnswer::taken_back),
                    field("text", &BisectAnswer::text), field("sure", &BisectAnswer::sure));
}

static constexpr auto fields_of(const BisectRecord*) {
  return std::tuple(field("inputs_sha256", &BisectRecord::inputs_sha256),
                    field("suite", &BisectRecord::suite), field("board", &BisectRecord::board),
                    field("loads", &BisectRecord::loads), field("policy", &BisectRecord::policy),
                    field("good", &BisectRecord::good), field("bad", &BisectRecord::bad),
                    field("changes", &BisectRecord::changes), field("commits", &BisectRecord::commits),
                    field("steps", &BisectRecord::steps), field("answer", &BisectRecord::answer));
}

std::string to_json(const BisectRecord& record) {
  Json json = {{"format", 1}};
  json.update(write_object<Json>(record));
  return with_seal(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<BisectRecord> parse_bisect_record(std::string_view text, const std::string& name) {
  TRY_STATUS(check_seal(text, name, "remove it, and call the same command again: what is measured is kept"));
  TRY(reader, JsonReader::parse(text, name, JsonReader::file()));
  BisectRecord record;
  TRY_STATUS(read_object(std::move(reader), &record));
  return record;
}

}  // namespace loopgate
