#include "record/run_record_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "base/digest.h"
#include "base/json_forms.h"
#include "record/planned_cells.h"
#include "record/run_record_shards.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t run_format = 3;

}  // namespace

// A text that is not the one that was hashed would make another run of it.
static std::string text_complaint(const InputFile& input) {
  const bool good = input.toml.empty() || sha256_of(input.toml) == input.sha256;
  return good ? "" : "was altered: its sha256 is not the one beside it";
}

static constexpr auto fields_of(const InputFile*) {
  return std::tuple(field("name", &InputFile::name), field("title", &InputFile::title),
                    field("sha256", &InputFile::sha256, NullWhereEmpty()),
                    field("toml", &InputFile::toml, NullWhereEmpty()), constraint("toml", text_complaint));
}

static constexpr auto fields_of(const BoardInput* board) {
  return std::tuple_cat(fields_of(static_cast<const InputFile*>(board)),
                        std::tuple(field("emulator", &BoardInput::emulator)));
}

static constexpr auto fields_of(const ContenderInput*) {
  return std::tuple(field("name", &ContenderInput::name), field("command", &ContenderInput::command));
}

static constexpr auto fields_of(const BuiltFrom*) {
  return std::tuple(
      field("tree_sha256", &BuiltFrom::tree_sha256), field("config_sha256", &BuiltFrom::config_sha256),
      field("toolchain", &BuiltFrom::toolchain), sparse("unknown_options", &BuiltFrom::unknown_options));
}

static constexpr auto fields_of(const KernelInput* kernel) {
  return std::tuple_cat(
      fields_of(static_cast<const InputFile*>(kernel)),
      std::tuple(field("package", &KernelInput::package, NullWhereEmpty()),
                 field("version", &KernelInput::version, NullWhereEmpty()),
                 field("release", &KernelInput::release, NullWhereEmpty()),
                 field("image_sha256", &KernelInput::image_sha256, NullWhereEmpty()),
                 sparse("image_form", &KernelInput::image_form),
                 sparse("built_from", &KernelInput::built_from), field("modules", &KernelInput::modules),
                 field("initrd_sha256", &KernelInput::initrd_sha256, NullWhereEmpty()),
                 field("command_line", &KernelInput::command_line, NullWhereEmpty()),
                 field("arguments", &KernelInput::arguments, NullWhereEmpty()),
                 sparse("contender", &KernelInput::contender)));
}

static constexpr auto fields_of(const ProgramInput*) {
  return std::tuple(field("name", &ProgramInput::name), field("adapter", &ProgramInput::adapter),
                    field("argv", &ProgramInput::argv), field("timeout_s", &ProgramInput::timeout_s));
}

static constexpr auto fields_of(const QemuMachineRecord*) {
  return std::tuple(
      field("qemu", &QemuMachineRecord::version), field("binary_sha256", &QemuMachineRecord::binary_sha256),
      field("icount_shift", &QemuMachineRecord::icount_shift),
      field("instrument_sha256", &QemuMachineRecord::instrument_sha256),
      sparse("cpus", &QemuMachineRecord::cpus), sparse("slice_ns", &QemuMachineRecord::slice_ns));
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

static constexpr auto fields_of(const Shard*) {
  return std::tuple(field("index", &Shard::index), field("count", &Shard::count),
                    field("cells", &Shard::cells), field("checked", &Shard::checked));
}

static constexpr auto fields_of(const MergedShard*) {
  return std::tuple(field("index", &MergedShard::index), field("started", &MergedShard::started),
                    field("commit", &MergedShard::commit, NullWhereEmpty()),
                    field("jobs", &MergedShard::jobs),
                    group("host", field("system", &MergedShard::host_system),
                          field("processors", &MergedShard::host_processors)),
                    field("cells", &MergedShard::cells));
}

static constexpr auto fields_of(const Circumstances*) {
  return std::tuple(field("started", &Circumstances::started),
                    field("commit", &Circumstances::commit, NullWhereEmpty()),
                    field("jobs", &Circumstances::jobs),
                    group("host", field("system", &Circumstances::host_system),
                          field("processors", &Circumstances::host_processors)),
                    field("files", &Circumstances::files), field("images", &Circumstances::images),
                    sparse("shards", &Circumstances::shards));
}

static constexpr auto fields_of(const FrameTruth*) {
  return std::tuple(field("pictures", &FrameTruth::pictures), field("ok", &FrameTruth::ok),
                    field("ng", &FrameTruth::ng));
}

static constexpr auto fields_of(const SceneShape*) {
  return std::tuple(field("frames", &SceneShape::frames, Within<std::uint32_t>{1, 100}),
                    field("frame_interval_ns", &SceneShape::frame_interval_ns,
                          Within<std::int64_t>{0, std::numeric_limits<std::int64_t>::max()}),
                    sparse("truth", &SceneShape::truth));
}

namespace {

const char* kind_of(const QemuMachineRecord&) { return "qemu"; }
const char* kind_of(const BoardMachineRecord&) { return "board"; }
const char* kind_of(const CaptureMachineRecord&) { return "capture"; }

template <class Machine>
MachineRecord read_as(JsonReader fields) {
  Machine machine;
  (void)read_object(std::move(fields), &machine);
  return machine;
}

// The fields of the one that it is, and which one.
struct MachineByKind {
  template <class Json>
  Json write(const MachineRecord& record) const {
    return std::visit(
        [](const auto& machine) {
          Json json = {{"kind", kind_of(machine)}};
          json.update(write_object<Json>(machine));
          return json;
        },
        record);
  }
  void read(JsonReader* reader, const char* key, MachineRecord* machine) const {
    JsonReader fields = reader->object(key);
    std::string kind;
    fields.required("kind", &kind);
    if (kind == kind_of(QemuMachineRecord())) {
      *machine = read_as<QemuMachineRecord>(std::move(fields));
    } else if (kind == kind_of(BoardMachineRecord())) {
      *machine = read_as<BoardMachineRecord>(std::move(fields));
    } else if (kind == kind_of(CaptureMachineRecord())) {
      *machine = read_as<CaptureMachineRecord>(std::move(fields));
    } else {
      fields.refuse("kind", "must be qemu, board or capture");
    }
  }
};

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos;
}

template <class T>
bool has_name(const std::vector<T>& inputs, const std::string& name) {
  return std::any_of(inputs.begin(), inputs.end(), [&](const T& input) { return input.name == name; });
}

// Two repetitions in one boot would be one replicate that counts twice.
bool shares_its_boot(const DescribedCell& cell, const RunRecord& run) {
  return !cell.boot.empty() &&
         std::any_of(run.cells.begin(), run.cells.end(), [&](const DescribedCell& other) {
           return other.name != cell.name && other.kernel == cell.kernel && other.load == cell.load &&
                  other.boot == cell.boot;
         });
}

void check_cell(JsonReader* entry, const DescribedCell& cell, const RunRecord& run) {
  if (!is_plain_name(cell.name)) entry->refuse("cell", "is no plain name");
  if (!has_name(run.kernels, cell.kernel))
    entry->refuse("kernel", fmt::format("is {}, which is none of this run's kernels", cell.kernel));
  if (!has_name(run.loads, cell.load))
    entry->refuse("load", fmt::format("is {}, which is none of this run's loads", cell.load));
  if (shares_its_boot(cell, run))
    entry->refuse("boot",
                  fmt::format("is {}, as of another repetition: they are no two replicates", cell.boot));
}

// Of kernels and loads that the run names.
struct Cells {
  template <class Json>
  void write(const RunRecord& run, Json* object) const {
    (*object)["cells"] = AsItIs().write<Json>(run.cells);
  }
  void read(JsonReader* reader, RunRecord* run) const {
    std::set<std::string> names;
    for (JsonReader& entry : reader->objects("cells")) {
      DescribedCell& cell = run->cells.emplace_back();
      (void)read_object(entry, &cell);
      check_cell(&entry, cell, *run);
      if (!names.insert(cell.name).second)
        entry.refuse("cell", fmt::format("{} stands there twice", cell.name));
    }
    if (run->cells.empty()) reader->refuse("cells", "is empty: nothing was to be measured");
  }
};

std::string interval_complaint(const RunRecord& run) {
  return run.interval_ns.size() == 2 ? "" : "must be two numbers";
}

}  // namespace

// All but the cells, which shard it is and the circumstances.
static constexpr auto shared_fields() {
  return std::tuple(
      field("loopgate", &RunRecord::loopgate), field("time_base", &RunRecord::time_base, time_base_form),
      field("suite", &RunRecord::suite), field("board", &RunRecord::board), field("seed", &RunRecord::seed),
      field("samples", &RunRecord::samples), field("warm_up", &RunRecord::warm_up),
      field("self_checks", &RunRecord::self_checks), field("repeat", &RunRecord::repeat),
      sparse("repetition", &RunRecord::repetition), field("deadline_ns", &RunRecord::deadline_ns),
      field("response_timeout_ns", &RunRecord::response_timeout_ns),
      field("interval_ns", &RunRecord::interval_ns), constraint("interval_ns", interval_complaint),
      field("back_to_back", &RunRecord::back_to_back), field("decisions", &RunRecord::decisions),
      field("payload", &RunRecord::payload), field("payload_files", &RunRecord::payload_files),
      field("programs", &RunRecord::programs), sparse("programs_left_out", &RunRecord::programs_left_out),
      sparse("probe", &RunRecord::probe), field("machine", &RunRecord::machine, MachineByKind()),
      field("kernels", &RunRecord::kernels), field("loads", &RunRecord::loads),
      field("target", &RunRecord::target));
}

static constexpr auto fields_of(const RunRecord*) {
  return std::tuple_cat(
      shared_fields(),
      std::tuple(Cells(), constraint("cells", planned_cells_complaint), sparse("shard", &RunRecord::shard),
                 constraint("shard", shard_complaint), field("circumstances", &RunRecord::circumstances),
                 constraint("circumstances", merge_complaint)));
}

Json shared_document_of(const RunRecord& run) {
  Json document = {{"format", run_format}};
  std::apply([&](const auto&... each) { (each.write(run, &document), ...); }, shared_fields());
  return document;
}

Json document_of(const RunRecord& run) {
  Json document = {{"format", run_format}};
  document.update(write_object<Json>(run));
  return document;
}

Result<RunRecord> parse_run_record(std::string_view text, const std::string& name) {
  TRY(fields, JsonReader::parse(text, name, JsonReader::file(run_format)));
  RunRecord run;
  TRY_STATUS(read_object(std::move(fields), &run));
  return run;
}

}  // namespace loopgate
