#include "record/worst_case.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/json_forms.h"
#include "record/seal.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

// 73 years: a few of them add up in 64 bits. A sum of terms is checked as it grows.
constexpr Within<std::int64_t> some_ns{0, std::int64_t{1} << 61U};

// Nothing where they do not fit into 64 bits.
std::optional<std::int64_t> sum_of(const std::vector<BoundTerm>& terms) {
  std::int64_t sum = 0;
  for (const BoundTerm& term : terms)
    if (__builtin_add_overflow(sum, term.ns, &sum)) return std::nullopt;
  return sum;
}

std::string terms_complaint(const CellWorstCase& cell) {
  return sum_of(cell.terms) == cell.bound_ns ? "" : "do not add up to bound_ns";
}

// The window that a term is read off is one of those of which the longest is told.
std::string longest_complaint(const CellWorstCase& cell) {
  for (const BoundTerm& term : cell.terms)
    if ((term.name == interrupts_off_term && term.ns > cell.longest_irq_off.ns) ||
        (term.name == preemption_off_term && term.ns > cell.longest_preempt_off.ns))
      return "has a window with " + term.name + " that is longer than the longest";
  return "";
}

std::string cell_complaint(const CellWorstCase& cell) { return cell.cell.empty() ? "must not be empty" : ""; }

std::string cells_complaint(const WorstCases& all) {
  for (std::size_t i = 0; i < all.cells.size(); ++i)
    if (find_worst_case(all, all.cells[i].cell) != &all.cells[i]) return "has a cell twice";
  return "";
}

}  // namespace

static constexpr auto fields_of(const LongestWindow*) {
  return std::tuple(field("ns", &LongestWindow::ns, some_ns), field("function", &LongestWindow::function),
                    field("task", &LongestWindow::task));
}

static constexpr auto fields_of(const BoundTerm*) {
  return std::tuple(field("name", &BoundTerm::name), field("ns", &BoundTerm::ns, some_ns),
                    field("from", &BoundTerm::from));
}

static constexpr auto fields_of(const CellWorstCase*) {
  return std::tuple(
      field("cell", &CellWorstCase::cell), constraint("cell", cell_complaint),
      field("kernel", &CellWorstCase::kernel), field("load", &CellWorstCase::load),
      field("samples_sha256", &CellWorstCase::samples_sha256),
      field("preemptible", &CellWorstCase::preemptible), field("samples", &CellWorstCase::samples),
      field("observed_max_ns", &CellWorstCase::observed_max_ns, some_ns),
      field("longest_irq_off", &CellWorstCase::longest_irq_off),
      field("longest_preempt_off", &CellWorstCase::longest_preempt_off),
      field("bound_ns", &CellWorstCase::bound_ns, some_ns), field("terms", &CellWorstCase::terms),
      constraint("terms", terms_complaint), constraint("terms", longest_complaint),
      sparse("with_hunted_ns", &CellWorstCase::with_hunted_ns),
      sparse("hunted_max_ns", &CellWorstCase::hunted_max_ns));
}

static constexpr auto fields_of(const WorstCases*) {
  return std::tuple(field("cells", &WorstCases::cells), constraint("cells", cells_complaint));
}

const std::array<WorstCaseQuantity, 4> worst_case_quantities = {{
    {"longest_irq_off", "longest irq off", [](const CellWorstCase& cell) { return cell.longest_irq_off.ns; }},
    {"longest_preempt_off", "longest preempt off",
     [](const CellWorstCase& cell) { return cell.longest_preempt_off.ns; }},
    {"bound", "bound", [](const CellWorstCase& cell) { return cell.bound_ns; }},
    {"hunted_max", "hunted max", nullptr},
}};

const WorstCaseQuantity* find_worst_case_quantity(std::string_view quantity_key) {
  const auto* found = std::ranges::find(worst_case_quantities, quantity_key, &WorstCaseQuantity::key);
  return found == worst_case_quantities.end() ? nullptr : found;
}

const CellWorstCase* find_worst_case(const WorstCases& all, std::string_view cell) {
  const auto found = std::ranges::find(all.cells, cell, &CellWorstCase::cell);
  return found == all.cells.end() ? nullptr : &*found;
}

std::string to_json(const WorstCases& all) {
  Json document = {{"format", 1}, {"time_base", "virtual"}};
  document.update(write_object<Json>(all));
  return with_seal(document.dump(2, ' ', false, Json::error_handler_t::replace));
}

Result<WorstCases> parse_worst_cases(std::string_view text, const std::string& name) {
  JsonReader::Rules rules = JsonReader::file();
  rules.next_step = "the file was altered or damaged: `loopgate bound` makes it anew";
  TRY(fields, JsonReader::parse(text, name, rules));
  WorstCases all;
  TRY_STATUS(read_object(std::move(fields), &all));
  TRY_STATUS(check_seal(text, name, "`loopgate bound` makes it anew"));
  return all;
}

Result<std::optional<WorstCases>> read_worst_cases(const std::filesystem::path& run_folder) {
  const std::filesystem::path path = run_folder / worst_case_file;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  TRY(text, read_file(path, ErrorKind::data));
  TRY(all, parse_worst_cases(text, path.string()));
  return std::optional(std::move(all));
}

Result<std::filesystem::path> write_worst_cases(const std::filesystem::path& run_folder,
                                                const WorstCases& all) {
  std::filesystem::path path = run_folder / worst_case_file;
  TRY_STATUS(write_file_atomically(path, to_json(all)));
  return path;
}

}  // namespace loopgate
