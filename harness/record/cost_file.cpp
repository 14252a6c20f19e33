#include "record/cost_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json_forms.h"
#include "record/listed_change_fields.h"
#include "record/named_input_fields.h"
#include "record/seal.h"

namespace loopgate {

static constexpr auto fields_of(const CostStep*) {
  return std::tuple(field("name", &CostStep::name), field("changes", &CostStep::changes),
                    field("what", &CostStep::what), field("measured", &CostStep::measured),
                    field("why", &CostStep::why), field("kernel_failed", &CostStep::kernel_failed),
                    field("kernel_sha256", &CostStep::kernel_sha256, NullWhereEmpty()),
                    field("same_as", &CostStep::same_as, NullWhereEmpty()), field("by_ns", &CostStep::by_ns),
                    field("p50_ns", &CostStep::p50_ns), field("p99_ns", &CostStep::p99_ns),
                    field("max_ns", &CostStep::max_ns), field("stimuli", &CostStep::stimuli),
                    field("image_bytes", &CostStep::image_bytes), field("boot_s", &CostStep::boot_s),
                    field("total_s", &CostStep::total_s, NotNegative()));
}

static constexpr auto fields_of(const AddedTime*) {
  return std::tuple(field("ns", &AddedTime::ns), field("low_ns", &AddedTime::low_ns),
                    field("high_ns", &AddedTime::high_ns));
}

static constexpr auto fields_of(const FunctionCost*) {
  return std::tuple(field("function", &FunctionCost::function), field("ns", &FunctionCost::ns));
}

static constexpr auto fields_of(const CostRow*) {
  return std::tuple(
      field("changes", &CostRow::changes), field("what", &CostRow::what), field("before", &CostRow::before),
      field("after", &CostRow::after), field("added", &CostRow::added),
      field("not_divided", &CostRow::not_divided), field("without", &CostRow::without, NullWhereEmpty()),
      field("taken_out", &CostRow::taken_out), field("not_taken_out", &CostRow::not_taken_out),
      field("functions", &CostRow::functions), field("functions_not_told", &CostRow::functions_not_told));
}

static constexpr auto fields_of(const HiddenCost*) {
  return std::tuple(field("changes", &HiddenCost::changes),
                    field("without", &HiddenCost::without, NullWhereEmpty()),
                    field("taken_out", &HiddenCost::taken_out),
                    field("not_taken_out", &HiddenCost::not_taken_out), field("rows", &HiddenCost::rows));
}

static constexpr auto fields_of(const CostRecord*) {
  return std::tuple(
      field("inputs_sha256", &CostRecord::inputs_sha256), field("suite", &CostRecord::suite),
      field("board", &CostRecord::board), field("load", &CostRecord::load), field("from", &CostRecord::from),
      field("to", &CostRecord::to), field("on_virtual_time", &CostRecord::on_virtual_time),
      field("by", &CostRecord::by), field("least_ns", &CostRecord::least_ns, NotNegative()),
      field("confidence", &CostRecord::confidence, NotNegative()), field("changes", &CostRecord::changes),
      field("left_out", &CostRecord::left_out), field("left_out_why", &CostRecord::left_out_why),
      field("steps", &CostRecord::steps), field("rows", &CostRecord::rows),
      field("hidden", &CostRecord::hidden), field("total", &CostRecord::total),
      field("chance", &CostRecord::chance), field("chance_of_to", &CostRecord::chance_of_to),
      field("is_finished", &CostRecord::is_finished));
}

double mean_ns(const CostStep& step) {
  double sum = 0;
  for (const std::int64_t figure : step.by_ns) sum += static_cast<double>(figure);
  return step.by_ns.empty() ? 0 : sum / static_cast<double>(step.by_ns.size());
}

const CostStep* find_step(const CostRecord& record, const std::string& name) {
  const auto found = std::ranges::find(record.steps, name, &CostStep::name);
  return found == record.steps.end() ? nullptr : &*found;
}

std::string to_json(const CostRecord& record) {
  nlohmann::ordered_json json = {{"format", 1}};
  json.update(write_object<nlohmann::ordered_json>(record));
  return with_seal(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

Result<CostRecord> parse_cost_record(std::string_view text, const std::string& name) {
  TRY_STATUS(check_seal(text, name, "remove it, and call the same command again: what is measured is kept"));
  TRY(reader, JsonReader::parse(text, name, JsonReader::file()));
  CostRecord record;
  TRY_STATUS(read_object(std::move(reader), &record));
  return record;
}

}  // namespace loopgate
