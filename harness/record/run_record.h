// run.json: what a run was to measure and with what: its plan, its inputs with their text and digests, and
// the circumstances, which may differ between two parts of one run. It is written once, before the first
// cell.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time_base.h"

namespace loopgate {

// The program that measured.
struct LoopgateVersion {
  std::string version;
  std::string commit;  // that it was built from; empty when unknown
};

struct NamedInput {
  std::string name;
  std::string sha256;  // empty where the input is known by its name alone, as a capture's are
};

// One of the TOML files that a run was made from.
struct InputFile : NamedInput {
  std::string title;
  std::string toml;  // the file's text; its sha256 is `sha256`
};

struct BoardInput : InputFile {
  bool emulator = false;  // its wall-clock figures are no hardware's
};

// Of a suite's payload, where several are compared.
struct ContenderInput {
  std::string name = {};
  std::vector<std::string> command = {};  // as suite.toml has it

  bool operator==(const ContenderInput&) const = default;
};

// What a kernel was built of, by fixtures/kernels/build.
struct BuiltFrom {
  std::string tree_sha256 = {};
  std::string config_sha256 = {};
  std::vector<std::string> toolchain = {};        // compiler, linker and pahole: what each calls itself
  std::vector<std::string> unknown_options = {};  // asked for, and not in the sources: NAME=VALUE

  bool operator==(const BuiltFrom&) const = default;
};

struct KernelInput : InputFile {
  std::string package = {};  // empty for an image of the user's own
  std::string version = {};
  std::string release = {};       // uname -r; empty when unknown
  std::string image_sha256 = {};  // of what is booted
  std::string image_form = {};    // "EFI zboot, zstd": what it was unpacked from; empty: nothing
  BuiltFrom built_from = {};      // all empty: it came as an image
  std::vector<std::string> modules = {};
  std::string initrd_sha256 = {};  // of a kernel that has modules
  std::string command_line = {};   // the whole one, on the virtual bench
  std::string arguments = {};      // on a board: what is added to the board's own
  ContenderInput contender = {};   // then the name is KERNEL+CONTENDER
};

struct PayloadInput {
  std::string key;
  std::string file;
  std::string sha256;
};

// A program that measures by itself, in place of a payload or beside it.
struct ProgramInput {
  std::string name;
  std::string adapter;
  std::vector<std::string> argv;
  std::int64_t timeout_s = 0;
};

// What QEMU plays the board with.
struct QemuMachineRecord {
  std::string version;
  std::string binary_sha256;
  std::int64_t icount_shift = 0;
  std::string instrument_sha256;
  std::int64_t cpus = 1;
  std::int64_t slice_ns = 0;  // of the turns that several CPUs take
};

struct PlaceRecord {
  std::string place;
  std::string coordinator;
};

// A board that is reached over SSH. What switches its power is left out: it may hold secrets.
struct BoardMachineRecord {
  std::string reached_by;  // "ssh" or "labgrid"
  std::string address;     // without the user
  std::string boot_method;
  std::string root;
  std::string gpio_chip;
  std::map<std::string, std::int64_t> lines;  // by their names in a board's file
  std::int64_t cpus = 1;
  std::vector<std::int64_t> measured_cpus;
  std::vector<std::int64_t> housekeeping_cpus;
  std::optional<PlaceRecord> labgrid;
};

// A logic analyser that saw what somebody else had running.
struct CaptureMachineRecord {
  std::string instrument;
  std::int64_t resolution_ns = 0;
  std::string capture_sha256;  // of the file that the edges are from
};

using MachineRecord = std::variant<QemuMachineRecord, BoardMachineRecord, CaptureMachineRecord>;

struct Package {
  std::string package;
  std::string version;
};

// The programs that ran on the target.
struct TargetRecord {
  std::string base_sha256;
  std::string programs_sha256;  // agent, payloads and load programs
  std::vector<Package> packages;
};

// What is known of what the frames show, where that is not the synthetic camera's parts.
struct FrameTruth {
  std::uint64_t pictures = 0;  // 0: a camera's frames, of which nobody knows it
  std::uint64_t ok = 0;
  std::uint64_t ng = 0;  // of the other pictures nobody knows it
  bool operator==(const FrameTruth&) const = default;
};

// How the decision's frames lie in time, and what they show.
struct SceneShape {
  std::uint32_t frames = 1;
  std::int64_t frame_interval_ns = 0;
  std::optional<FrameTruth> truth = {};  // nothing: the synthetic camera's
};

struct DescribedCell {
  std::string name;
  std::string kernel;
  std::string load;
  std::int64_t repetition = 1;
  std::uint64_t seed = 0;
  std::string boot;  // of a board: which one it is measured in; else empty
};

// A part of a run, which another machine may measure: --shard 2/8. run.json has the whole plan all the same.
struct Shard {
  std::int64_t index = 1;  // from 1
  std::int64_t count = 1;
  std::vector<std::string> cells = {};    // of the plan's, those that it measures
  std::vector<std::string> checked = {};  // of these, those that another shard measures as well

  std::string text() const;  // "shard 2 of 8"
  bool operator==(const Shard&) const = default;
};

// Of a merged run: where a shard of it was measured, and which cells are from there.
struct MergedShard {
  std::int64_t index = 1;
  std::string started;
  std::string commit;
  std::int64_t jobs = 1;
  std::string host_system;
  std::int64_t host_processors = 0;
  std::vector<std::string> cells;

  bool operator==(const MergedShard&) const = default;
};

// What may differ where a run is resumed or merged, and makes no other run of it.
struct Circumstances {
  std::string started;  // 2026-01-31T12:00:00Z
  std::string commit;   // that the loopgate was built from; empty when unknown
  std::int64_t jobs = 1;
  std::string host_system;
  std::int64_t host_processors = 0;
  // Where this host has the files of the user's own that the request named: kind ("kernels") -> name -> path.
  std::map<std::string, std::map<std::string, std::string>> files;
  std::map<std::string, std::string> images;  // kernel -> path of its image on this host
  std::vector<MergedShard> shards = {};       // that the run was made of; the above is the first one's
};

struct RunRecord {
  std::string loopgate;  // the version that measured
  TimeBase time_base = TimeBase::virtual_time;
  InputFile suite;
  BoardInput board;
  std::uint64_t seed = 0;
  std::uint64_t samples = 0;  // counted stimuli of a cell
  std::uint64_t warm_up = 0;
  std::uint64_t self_checks = 0;
  std::int64_t repeat = 1;
  std::int64_t repetition = 0;  // only this one was asked for; 0: all
  std::int64_t deadline_ns = 0;
  std::int64_t response_timeout_ns = 0;
  std::vector<std::int64_t> interval_ns;  // least and most
  bool back_to_back = false;
  std::optional<SceneShape> decisions;  // where the response carries one
  std::vector<std::string> payload;     // the command of the first cell
  std::vector<PayloadInput> payload_files;
  std::vector<ProgramInput> programs;          // that measure by themselves; else empty
  std::vector<std::string> programs_left_out;  // the suite's others, which --program did not name
  std::string probe = {};  // in the kernel, which its cells are measured with; empty: none
  MachineRecord machine;
  std::vector<KernelInput> kernels;
  std::vector<InputFile> loads;
  std::optional<TargetRecord> target;  // a capture has none of ours
  std::vector<DescribedCell> cells;
  std::optional<Shard> shard = {};  // nothing: it is the whole
  Circumstances circumstances;

  bool is_capture() const { return std::holds_alternative<CaptureMachineRecord>(machine); }
  // In place of a payload and its schedule: no cell has samples.
  bool has_programs_alone() const { return !programs.empty() && samples == 0; }
  // Reached over SSH, so that its bench can break while a run goes on.
  bool is_on_a_board() const { return std::holds_alternative<BoardMachineRecord>(machine); }
  std::optional<std::int64_t> icount_shift() const;  // nothing on a real board
  // When the part of the run began that the cell was measured in.
  const std::string& started(const DescribedCell& cell) const;
};

// What a run was made with, besides its own files. Empty where a run does not say, as a capture does not.
struct Provenance {
  std::string qemu;                                      // its version
  std::string instrument_sha256;                         // of QEMU's; a board's is one of the programs
  std::string base_sha256;                               // the base image: libc, stress-ng and the like
  std::string programs_sha256;                           // agent, payloads and load programs
  std::optional<std::vector<NamedInput>> payload_files;  // by their keys
  std::string commit = {};  // that loopgate was built from: says why programs differ, and makes no difference
};

Provenance provenance_of(const RunRecord& run);

std::string to_json(const RunRecord& run);

// A data error when the text is damaged, of another format, or contradicts itself (an input whose text is
// not the one that was hashed, two cells of one name, a cell of a kernel or load that the run does not name,
// a cell's name that leads out of the run's folder, two repetitions in one boot, a shard of cells that are
// none of the plan's, cells that are not kernels x loads x repetitions). `name` stands for the file.
Result<RunRecord> parse_run_record(std::string_view text, const std::string& name);

// A usage error when there is no run.json.
// A usage error for a folder without a run.json, which says what the folder is where that can be told.
tl::unexpected<Error> is_no_run(const std::filesystem::path& folder);
Result<RunRecord> read_run_record(const std::filesystem::path& run_folder);
Status write_run_record(const std::filesystem::path& run_folder, const RunRecord& run);

// The first key of run.json whose value differs, circumstances aside; empty for two parts of one run.
std::string first_difference(const RunRecord& one, const RunRecord& other);

// The same with where in it, and both values: "kernels[1].image_sha256 is a in one and b in the other".
std::string first_difference_text(const RunRecord& one, const RunRecord& other);

// "virtual" or "wall"; nothing for another word.
std::optional<TimeBase> time_base_named(const std::string& name);

}  // namespace loopgate
