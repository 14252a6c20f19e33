#include "record/run_record_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "record/json_fields.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t run_format = 2;

// What is not known is null, and never an empty text that could be taken for a digest.
Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json to_json(const InputFile& input) {
  return {{"name", input.name},
          {"title", input.title},
          {"sha256", text_or_null(input.sha256)},
          {"toml", text_or_null(input.toml)}};
}

Json to_json(const BoardInput& board) {
  Json json = to_json(static_cast<const InputFile&>(board));
  json["emulator"] = board.emulator;
  return json;
}

Json to_json(const KernelInput& kernel) {
  Json json = to_json(static_cast<const InputFile&>(kernel));
  json["package"] = text_or_null(kernel.package);
  json["version"] = text_or_null(kernel.version);
  json["release"] = text_or_null(kernel.release);
  json["image_sha256"] = text_or_null(kernel.image_sha256);
  json["modules"] = kernel.modules;
  json["initrd_sha256"] = text_or_null(kernel.initrd_sha256);
  json["command_line"] = text_or_null(kernel.command_line);
  json["arguments"] = text_or_null(kernel.arguments);
  return json;
}

Json to_json(const QemuMachineRecord& machine) {
  return {{"kind", "qemu"},
          {"qemu", machine.version},
          {"binary_sha256", machine.binary_sha256},
          {"icount_shift", machine.icount_shift},
          {"instrument_sha256", machine.instrument_sha256}};
}

Json to_json(const BoardMachineRecord& machine) {
  Json json = {{"kind", "board"},
               {"reached_by", machine.reached_by},
               {"address", machine.address},
               {"boot_method", machine.boot_method},
               {"root", machine.root},
               {"gpio_chip", machine.gpio_chip},
               {"lines", machine.lines},
               {"cpus", machine.cpus},
               {"measured_cpus", machine.measured_cpus},
               {"housekeeping_cpus", machine.housekeeping_cpus},
               {"labgrid", nullptr}};
  if (machine.labgrid)
    json["labgrid"] = {{"place", machine.labgrid->place}, {"coordinator", machine.labgrid->coordinator}};
  return json;
}

Json to_json(const CaptureMachineRecord& machine) {
  return {{"kind", "capture"},
          {"instrument", machine.instrument},
          {"resolution_ns", machine.resolution_ns},
          {"capture_sha256", machine.capture_sha256}};
}

Json to_json(const TargetRecord& target) {
  Json packages = Json::array();
  for (const Package& package : target.packages)
    packages.push_back({{"package", package.package}, {"version", package.version}});
  return {{"base_sha256", target.base_sha256},
          {"programs_sha256", target.programs_sha256},
          {"packages", std::move(packages)}};
}

Json to_json(const PayloadInput& file) {
  return {{"key", file.key}, {"file", file.file}, {"sha256", file.sha256}};
}

Json to_json(const DescribedCell& cell) {
  return {{"cell", cell.name}, {"kernel", cell.kernel},
          {"load", cell.load}, {"repetition", cell.repetition},
          {"seed", cell.seed}, {"boot", text_or_null(cell.boot)}};
}

Json to_json(const Circumstances& circumstances) {
  return {{"started", circumstances.started},
          {"commit", text_or_null(circumstances.commit)},
          {"jobs", circumstances.jobs},
          {"host", {{"system", circumstances.host_system}, {"processors", circumstances.host_processors}}},
          {"files", circumstances.files},
          {"images", circumstances.images}};
}

template <class T>
Json list_of(const std::vector<T>& items) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(to_json(item));
  return list;
}

// A text that is not the one that was hashed would make another run of it.
void read_input(JsonFields* fields, InputFile* input) {
  fields->required("name", &input->name);
  fields->required("title", &input->title);
  fields->nullable("sha256", &input->sha256);
  fields->nullable("toml", &input->toml);
  if (!input->toml.empty() && sha256_of(input->toml) != input->sha256)
    fields->refuse("toml", "was altered: its sha256 is not the one beside it");
}

void read_kernel(JsonFields* fields, KernelInput* kernel) {
  read_input(fields, kernel);
  fields->nullable("package", &kernel->package);
  fields->nullable("version", &kernel->version);
  fields->nullable("release", &kernel->release);
  fields->nullable("image_sha256", &kernel->image_sha256);
  kernel->modules = fields->strings("modules");
  fields->nullable("initrd_sha256", &kernel->initrd_sha256);
  fields->nullable("command_line", &kernel->command_line);
  fields->nullable("arguments", &kernel->arguments);
}

MachineRecord read_qemu(JsonFields* fields) {
  QemuMachineRecord machine;
  fields->required("qemu", &machine.version);
  fields->required("binary_sha256", &machine.binary_sha256);
  fields->required("icount_shift", &machine.icount_shift);
  fields->required("instrument_sha256", &machine.instrument_sha256);
  return machine;
}

MachineRecord read_board(JsonFields* fields) {
  BoardMachineRecord machine;
  fields->required("reached_by", &machine.reached_by);
  fields->required("address", &machine.address);
  fields->required("boot_method", &machine.boot_method);
  fields->required("root", &machine.root);
  fields->required("gpio_chip", &machine.gpio_chip);
  JsonFields lines = fields->object("lines");
  for (const std::string& name : lines.keys()) lines.required(name.c_str(), &machine.lines[name]);
  fields->required("cpus", &machine.cpus);
  machine.measured_cpus = fields->integers("measured_cpus");
  machine.housekeeping_cpus = fields->integers("housekeeping_cpus");
  if (fields->is_null("labgrid")) return machine;
  JsonFields labgrid = fields->object("labgrid");
  PlaceRecord& place = machine.labgrid.emplace();
  labgrid.required("place", &place.place);
  labgrid.required("coordinator", &place.coordinator);
  return machine;
}

MachineRecord read_capture(JsonFields* fields) {
  CaptureMachineRecord machine;
  fields->required("instrument", &machine.instrument);
  fields->required("resolution_ns", &machine.resolution_ns);
  fields->required("capture_sha256", &machine.capture_sha256);
  return machine;
}

MachineRecord read_machine(JsonFields fields) {
  std::string kind;
  fields.required("kind", &kind);
  if (kind == "qemu") return read_qemu(&fields);
  if (kind == "board") return read_board(&fields);
  if (kind == "capture") return read_capture(&fields);
  fields.refuse("kind", "must be qemu, board or capture");
  return {};
}

TargetRecord read_target(JsonFields fields) {
  TargetRecord target;
  fields.required("base_sha256", &target.base_sha256);
  fields.required("programs_sha256", &target.programs_sha256);
  for (JsonFields& entry : fields.array("packages")) {
    Package& package = target.packages.emplace_back();
    entry.required("package", &package.package);
    entry.required("version", &package.version);
  }
  return target;
}

SceneShape read_decisions(JsonFields fields) {
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

DescribedCell read_cell(JsonFields* fields, const RunRecord& run) {
  DescribedCell cell;
  fields->required("cell", &cell.name);
  fields->required("kernel", &cell.kernel);
  fields->required("load", &cell.load);
  fields->required("repetition", &cell.repetition);
  fields->required("seed", &cell.seed);
  fields->nullable("boot", &cell.boot);
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

void read_cells(JsonFields* fields, RunRecord* run) {
  std::set<std::string> names;
  for (JsonFields& entry : fields->array("cells")) {
    run->cells.push_back(read_cell(&entry, *run));
    if (!names.insert(run->cells.back().name).second)
      entry.refuse("cell", fmt::format("{} stands there twice", run->cells.back().name));
    if (shares_its_boot(run->cells.back(), *run))
      entry.refuse("boot", fmt::format("is {}, as of another repetition: they are no two replicates",
                                       run->cells.back().boot));
  }
  if (run->cells.empty()) fields->refuse("cells", "is empty: nothing was to be measured");
}

Circumstances read_circumstances(JsonFields fields) {
  Circumstances circumstances;
  fields.required("started", &circumstances.started);
  fields.nullable("commit", &circumstances.commit);
  fields.required("jobs", &circumstances.jobs);
  JsonFields host = fields.object("host");
  host.required("system", &circumstances.host_system);
  host.required("processors", &circumstances.host_processors);
  JsonFields files = fields.object("files");
  for (const std::string& kind : files.keys()) {
    JsonFields of_kind = files.object(kind.c_str());
    for (const std::string& name : of_kind.keys())
      of_kind.required(name.c_str(), &circumstances.files[kind][name]);
  }
  JsonFields images = fields.object("images");
  for (const std::string& kernel : images.keys())
    images.required(kernel.c_str(), &circumstances.images[kernel]);
  return circumstances;
}

void read_schedule(JsonFields* fields, RunRecord* run) {
  fields->required("seed", &run->seed);
  fields->required("samples", &run->samples);
  fields->required("warm_up", &run->warm_up);
  fields->required("self_checks", &run->self_checks);
  fields->required("repeat", &run->repeat);
  fields->required("deadline_ns", &run->deadline_ns);
  fields->required("response_timeout_ns", &run->response_timeout_ns);
  run->interval_ns = fields->integers("interval_ns");
  if (run->interval_ns.size() != 2) fields->refuse("interval_ns", "must be two numbers");
  fields->required("back_to_back", &run->back_to_back);
  if (!fields->is_null("decisions")) run->decisions = read_decisions(fields->object("decisions"));
}

void read_payload(JsonFields* fields, RunRecord* run) {
  run->payload = fields->strings("payload");
  for (JsonFields& entry : fields->array("payload_files")) {
    PayloadInput& file = run->payload_files.emplace_back();
    entry.required("key", &file.key);
    entry.required("file", &file.file);
    entry.required("sha256", &file.sha256);
  }
}

}  // namespace

Json document_of(const RunRecord& run) {
  Json decisions;
  if (run.decisions)
    decisions = {{"frames", run.decisions->frames}, {"frame_interval_ns", run.decisions->frame_interval_ns}};
  return {{"format", run_format},
          {"loopgate", run.loopgate},
          {"time_base", name_of(run.time_base)},
          {"suite", to_json(run.suite)},
          {"board", to_json(run.board)},
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
          {"machine", std::visit([](const auto& machine) { return to_json(machine); }, run.machine)},
          {"kernels", list_of(run.kernels)},
          {"loads", list_of(run.loads)},
          {"target", run.target ? to_json(*run.target) : Json()},
          {"cells", list_of(run.cells)},
          {"circumstances", to_json(run.circumstances)}};
}

Result<RunRecord> parse_run_record(std::string_view text, const std::string& name) {
  TRY(fields, JsonFields::parse(text, name, run_format));
  RunRecord run;
  fields.required("loopgate", &run.loopgate);
  read_time_base(&fields, &run.time_base);
  JsonFields suite = fields.object("suite");
  read_input(&suite, &run.suite);
  JsonFields board = fields.object("board");
  read_input(&board, &run.board);
  board.required("emulator", &run.board.emulator);
  read_schedule(&fields, &run);
  read_payload(&fields, &run);
  run.machine = read_machine(fields.object("machine"));
  for (JsonFields& entry : fields.array("kernels")) read_kernel(&entry, &run.kernels.emplace_back());
  for (JsonFields& entry : fields.array("loads")) read_input(&entry, &run.loads.emplace_back());
  if (!fields.is_null("target")) run.target = read_target(fields.object("target"));
  read_cells(&fields, &run);
  run.circumstances = read_circumstances(fields.object("circumstances"));
  TRY_STATUS(fields.finish());
  return run;
}

}  // namespace loopgate
