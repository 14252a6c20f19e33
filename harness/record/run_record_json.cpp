#include "record/run_record_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "base/digest.h"
#include "base/json_table.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t run_format = 3;

}  // namespace

static constexpr auto fields_of(const InputFile*) {
  return std::tuple(field("name", &InputFile::name), field("title", &InputFile::title),
                    field("sha256", &InputFile::sha256, NullWhereEmpty()),
                    field("toml", &InputFile::toml, NullWhereEmpty()));
}

static constexpr auto fields_of(const BoardInput* board) {
  return std::tuple_cat(fields_of(static_cast<const InputFile*>(board)),
                        std::tuple(field("emulator", &BoardInput::emulator)));
}

static constexpr auto fields_of(const KernelInput* kernel) {
  return std::tuple_cat(fields_of(static_cast<const InputFile*>(kernel)),
                        std::tuple(field("package", &KernelInput::package, NullWhereEmpty()),
                                   field("version", &KernelInput::version, NullWhereEmpty()),
                                   field("release", &KernelInput::release, NullWhereEmpty()),
                                   field("image_sha256", &KernelInput::image_sha256, NullWhereEmpty()),
                                   field("modules", &KernelInput::modules),
                                   field("initrd_sha256", &KernelInput::initrd_sha256, NullWhereEmpty()),
                                   field("command_line", &KernelInput::command_line, NullWhereEmpty()),
                                   field("arguments", &KernelInput::arguments, NullWhereEmpty())));
}

static constexpr auto fields_of(const ProgramInput*) {
  return std::tuple(field("name", &ProgramInput::name), field("adapter", &ProgramInput::adapter),
                    field("argv", &ProgramInput::argv), field("timeout_s", &ProgramInput::timeout_s));
}

static constexpr auto fields_of(const QemuMachineRecord*) {
  return std::tuple(field("qemu", &QemuMachineRecord::version),
                    field("binary_sha256", &QemuMachineRecord::binary_sha256),
                    field("icount_shift", &QemuMachineRecord::icount_shift),
                    field("instrument_sha256", &QemuMachineRecord::instrument_sha256));
}

static constexpr auto fields_of(const PlaceRecord*) {
  return std::tuple(field("place", &PlaceRecord::place), field("coordinator", &PlaceRecord::coordinator));
}

static constexpr auto fields_of(const BoardMachineRecord*) {
  return std::tuple(
      field("reached_by", &BoardMachineRecord::reached_by), field("address", &BoardMachineRecord::address),
      field("boot_method", &BoardMachineRecord::boot_method), field("root", &BoardMachineRecord::root),
      field("gpio_chip", &BoardMachineRecord::gpio_chip), field("lines", &BoardMachineRecord::lines),
      field("cpus", &BoardMachineRecord::cpus), field("measured_cpus", &BoardMachineRecord::measured_cpus),
      field("housekeeping_cpus", &BoardMachineRecord::housekeeping_cpus),
      field("labgrid", &BoardMachineRecord::labgrid));
}

static constexpr auto fields_of(const CaptureMachineRecord*) {
  return std::tuple(field("instrument", &CaptureMachineRecord::instrument),
                    field("resolution_ns", &CaptureMachineRecord::resolution_ns),
                    field("capture_sha256", &CaptureMachineRecord::capture_sha256));
}

static constexpr auto fields_of(const Package*) {
  return std::tuple(field("package", &Package::package), field("version", &Package::version));
}

static constexpr auto fields_of(const TargetRecord*) {
  return std::tuple(field("base_sha256", &TargetRecord::base_sha256),
                    field("programs_sha256", &TargetRecord::programs_sha256),
                    field("packages", &TargetRecord::packages));
}

static constexpr auto fields_of(const PayloadInput*) {
  return std::tuple(field("key", &PayloadInput::key), field("file", &PayloadInput::file),
                    field("sha256", &PayloadInput::sha256));
}

static constexpr auto fields_of(const DescribedCell*) {
  return std::tuple(field("cell", &DescribedCell::name), field("kernel", &DescribedCell::kernel),
                    field("load", &DescribedCell::load), field("repetition", &DescribedCell::repetition),
                    field("seed", &DescribedCell::seed),
                    field("boot", &DescribedCell::boot, NullWhereEmpty()));
}

static constexpr auto fields_of(const Circumstances*) {
  return std::tuple(field("started", &Circumstances::started),
                    field("commit", &Circumstances::commit, NullWhereEmpty()),
                    field("jobs", &Circumstances::jobs),
                    group("host", field("system", &Circumstances::host_system),
                          field("processors", &Circumstances::host_processors)),
                    field("files", &Circumstances::files), field("images", &Circumstances::images));
}

namespace {

template <class T>
Json list_of(const std::vector<T>& items) {
  return AsItIs().write<Json>(items);
}

const char* kind_of(const QemuMachineRecord&) { return "qemu"; }
const char* kind_of(const BoardMachineRecord&) { return "board"; }
const char* kind_of(const CaptureMachineRecord&) { return "capture"; }

Json document_of(const MachineRecord& record) {
  return std::visit(
      [](const auto& machine) {
        Json json = {{"kind", kind_of(machine)}};
        json.update(write_object<Json>(machine));
        return json;
      },
      record);
}

// A text that is not the one that was hashed would make another run of it.
template <class Input>
void read_input(JsonReader* fields, Input* input) {
  (void)read_object(*fields, input);
  if (!input->toml.empty() && sha256_of(input->toml) != input->sha256)
    fields->refuse("toml", "was altered: its sha256 is not the one beside it");
}

template <class Machine>
MachineRecord read_as(JsonReader fields) {
  Machine machine;
  (void)read_object(std::move(fields), &machine);
  return machine;
}

MachineRecord read_machine(JsonReader fields) {
  std::string kind;
  fields.required("kind", &kind);
  if (kind == kind_of(QemuMachineRecord())) return read_as<QemuMachineRecord>(std::move(fields));
  if (kind == kind_of(BoardMachineRecord())) return read_as<BoardMachineRecord>(std::move(fields));
  if (kind == kind_of(CaptureMachineRecord())) return read_as<CaptureMachineRecord>(std::move(fields));
  fields.refuse("kind", "must be qemu, board or capture");
  return {};
}

SceneShape read_decisions(JsonReader fields) {
  std::uint64_t frames = 1;
  SceneShape scene;
  fields.required("frames", &frames);
  fields.required("frame_interval_ns", &scene.frame_interval_ns);
  if (frames < 1 || frames > 100) fields.refuse("frames", "must be from 1 to 100");
  if (scene.frame_interval_ns < 0) fields.refuse("frame_interval_ns", "must not be below 0");
  scene.frames = static_cast<std::uint32_t>(frames);
  return scene;
}

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
}

template <class T>
bool has_name(const std::vector<T>& inputs, const std::string& name) {
  return std::any_of(inputs.begin(), inputs.end(), [&](const T& input) { return input.name == name; });
}

DescribedCell read_cell(JsonReader* fields, const RunRecord& run) {
  DescribedCell cell;
  (void)read_object(*fields, &cell);
  if (!is_plain_name(cell.name)) fields->refuse("cell", "is no plain name");
  if (!has_name(run.kernels, cell.kernel))
    fields->refuse("kernel", fmt::format("is {}, which is none of this run's kernels", cell.kernel));
  if (!has_name(run.loads, cell.load))
    fields->refuse("load", fmt::format("is {}, which is none of this run's loads", cell.load));
  return cell;
}

// Two repetitions in one boot would be one replicate that counts twice.
bool shares_its_boot(const DescribedCell& cell, const RunRecord& run) {
  return !cell.boot.empty() &&
         std::any_of(run.cells.begin(), run.cells.end(), [&](const DescribedCell& other) {
           return other.name != cell.name && other.kernel == cell.kernel && other.load == cell.load &&
                  other.boot == cell.boot;
         });
}

void read_cells(JsonReader* fields, RunRecord* run) {
  std::set<std::string> names;
  for (JsonReader& entry : fields->objects("cells")) {
    run->cells.push_back(read_cell(&entry, *run));
    if (!names.insert(run->cells.back().name).second)
      entry.refuse("cell", fmt::format("{} stands there twice", run->cells.back().name));
    if (shares_its_boot(run->cells.back(), *run))
      entry.refuse("boot", fmt::format("is {}, as of another repetition: they are no two replicates",
                                       run->cells.back().boot));
  }
  if (run->cells.empty()) fields->refuse("cells", "is empty: nothing was to be measured");
}

void read_schedule(JsonReader* fields, RunRecord* run) {
  fields->required("seed", &run->seed);
  fields->required("samples", &run->samples);
  fields->required("warm_up", &run->warm_up);
  fields->required("self_checks", &run->self_checks);
  fields->required("repeat", &run->repeat);
  fields->required("deadline_ns", &run->deadline_ns);
  fields->required("response_timeout_ns", &run->response_timeout_ns);
  fields->required("interval_ns", &run->interval_ns);
  if (run->interval_ns.size() != 2) fields->refuse("interval_ns", "must be two numbers");
  fields->required("back_to_back", &run->back_to_back);
  if (fields->has("decisions")) run->decisions = read_decisions(fields->object("decisions"));
}

}  // namespace

Json document_of(const RunRecord& run) {
  Json decisions;
  if (run.decisions)
    decisions = {{"frames", run.decisions->frames}, {"frame_interval_ns", run.decisions->frame_interval_ns}};
  return {{"format", run_format},
          {"loopgate", run.loopgate},
          {"time_base", name_of(run.time_base)},
          {"suite", write_object<Json>(run.suite)},
          {"board", write_object<Json>(run.board)},
          {"seed", run.seed},
          {"samples", run.samples},
          {"warm_up", run.warm_up},
          {"self_checks", run.self_checks},
          {"repeat", run.repeat},
          {"deadline_ns", run.deadline_ns},
          {"response_timeout_ns", run.response_timeout_ns},
          {"interval_ns", run.interval_ns},
          {"back_to_back", run.back_to_back},
          {"decisions", std::move(decisions)},
          {"payload", run.payload},
          {"payload_files", list_of(run.payload_files)},
          {"programs", list_of(run.programs)},
          {"machine", document_of(run.machine)},
          {"kernels", list_of(run.kernels)},
          {"loads", list_of(run.loads)},
          {"target", AsItIs().write<Json>(run.target)},
          {"cells", list_of(run.cells)},
          {"circumstances", write_object<Json>(run.circumstances)}};
}

Result<RunRecord> parse_run_record(std::string_view text, const std::string& name) {
  TRY(fields, JsonReader::parse(text, name, JsonReader::file(run_format)));
  RunRecord run;
  fields.required("loopgate", &run.loopgate);
  read_time_base(&fields, &run.time_base);
  JsonReader suite = fields.object("suite");
  read_input(&suite, &run.suite);
  JsonReader board = fields.object("board");
  read_input(&board, &run.board);
  read_schedule(&fields, &run);
  fields.required("payload", &run.payload);
  AsItIs().read(&fields, "payload_files", &run.payload_files);
  if (fields.has("programs")) AsItIs().read(&fields, "programs", &run.programs);
  run.machine = read_machine(fields.object("machine"));
  for (JsonReader& entry : fields.objects("kernels")) read_input(&entry, &run.kernels.emplace_back());
  for (JsonReader& entry : fields.objects("loads")) read_input(&entry, &run.loads.emplace_back());
  AsItIs().read(&fields, "target", &run.target);
  read_cells(&fields, &run);
  AsItIs().read(&fields, "circumstances", &run.circumstances);
  TRY_STATUS(fields.finish());
  return run;
}

}  // namespace loopgate
