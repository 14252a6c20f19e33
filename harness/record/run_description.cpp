#include "record/run_description.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "record/json_fields.h"

namespace loopgate {
namespace {

NamedInput named_input(JsonFields fields) {
  NamedInput input;
  fields.required("name", &input.name);
  fields.required("sha256", &input.sha256);
  return input;
}

void read_machine(JsonFields fields, RunDescription* run) {
  std::int64_t shift = -1;
  fields.optional("icount_shift", &shift);
  if (shift >= 0) run->icount_shift = shift;
  fields.optional("qemu", &run->made_with.qemu);
}

void read_payload_files(JsonFields* fields, RunDescription* run) {
  auto& files = run->made_with.payload_files.emplace();
  for (JsonFields& entry : fields->array("payload_files")) {
    NamedInput& file = files.emplace_back();
    entry.required("key", &file.name);
    entry.required("sha256", &file.sha256);
  }
}

void read_decisions(JsonFields fields, RunDescription* run) {
  std::uint64_t frames = 1;
  SceneShape scene;
  fields.required("frames", &frames);
  fields.required("frame_interval_ns", &scene.frame_interval_ns);
  if (frames < 1 || frames > 100) fields.refuse("frames", "must be from 1 to 100");
  if (scene.frame_interval_ns < 0) fields.refuse("frame_interval_ns", "must not be below 0");
  scene.frames = static_cast<std::uint32_t>(frames);
  run->decisions = scene;
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
}

DescribedCell read_cell(JsonFields fields, const RunDescription& run) {
  DescribedCell cell;
  fields.required("cell", &cell.name);
  fields.required("kernel", &cell.kernel);
  fields.required("load", &cell.load);
  fields.required("repetition", &cell.repetition);
  fields.required("seed", &cell.seed);
  fields.optional("boot", &cell.boot);
  if (!is_plain_name(cell.name)) fields.refuse("cell", "is no plain name");
  if (std::find(run.kernels.begin(), run.kernels.end(), cell.kernel) == run.kernels.end())
    fields.refuse("kernel", fmt::format("is {}, which is none of this run's kernels", cell.kernel));
  if (std::none_of(run.loads.begin(), run.loads.end(),
                   [&](const auto& load) { return load.name == cell.load; }))
    fields.refuse("load", fmt::format("is {}, which is none of this run's loads", cell.load));
  return cell;
}

// Two repetitions in one boot would be one replicate that counts twice.
bool shares_its_boot(const DescribedCell& cell, const RunDescription& run) {
  return !cell.boot.empty() &&
         std::any_of(run.cells.begin(), run.cells.end(), [&](const DescribedCell& other) {
           return other.name != cell.name && other.kernel == cell.kernel && other.load == cell.load &&
                  other.boot == cell.boot;
         });
}

void read_cells(JsonFields* fields, RunDescription* run) {
  std::set<std::string> names;
  for (JsonFields& entry : fields->array("cells")) {
    run->cells.push_back(read_cell(entry, *run));
    if (!names.insert(run->cells.back().name).second)
      entry.refuse("cell", fmt::format("{} stands there twice", run->cells.back().name));
    if (shares_its_boot(run->cells.back(), *run))
      entry.refuse("boot", fmt::format("is {}, as of another repetition: they are no two replicates",
                                       run->cells.back().boot));
  }
  if (run->cells.empty()) fields->refuse("cells", "is empty: nothing was to be measured");
}

}  // namespace

std::optional<TimeBase> time_base_named(const std::string& name) {
  for (const TimeBase base : {TimeBase::virtual_time, TimeBase::wall_clock})
    if (name == name_of(base)) return base;
  return std::nullopt;
}

Result<RunDescription> read_run_description(const std::filesystem::path& run_json) {
  std::error_code ignored;
  if (!std::filesystem::exists(run_json, ignored))
    return fail(ErrorKind::usage,
                fmt::format("{} is no run: it has no run.json", run_json.parent_path().string()),
                "name the folder that `loopgate run … --out FOLDER` made");
  auto fields = read_json_file(run_json);
  if (!fields) return tl::unexpected(fields.error());
  RunDescription run;
  std::string time_base;
  fields->required("time_base", &time_base);
  if (const auto known = time_base_named(time_base)) {
    run.time_base = *known;
  } else {
    fields->refuse("time_base", "must be virtual or wall");
  }
  run.suite = named_input(fields->object("suite"));
  JsonFields board = fields->object("board");
  run.board = named_input(board);
  board.optional("emulator", &run.emulator);
  if (!fields->is_null("machine")) read_machine(fields->object("machine"), &run);
  if (!fields->is_null("decisions")) read_decisions(fields->object("decisions"), &run);
  if (!fields->is_null("target"))
    fields->object("target").optional("programs_sha256", &run.made_with.programs_sha256);
  if (!fields->is_null("payload_files")) read_payload_files(&*fields, &run);
  fields->required("samples", &run.samples);
  fields->required("deadline_ns", &run.deadline_ns);
  run.interval_ns = fields->integers("interval_ns");
  if (run.interval_ns.size() != 2) fields->refuse("interval_ns", "must be two numbers");
  for (JsonFields& kernel : fields->array("kernels")) kernel.required("name", &run.kernels.emplace_back());
  for (const JsonFields& load : fields->array("loads")) run.loads.push_back(named_input(load));
  read_cells(&*fields, &run);
  if (auto done = fields->finish(); !done) return tl::unexpected(done.error());
  return run;
}

}  // namespace loopgate
