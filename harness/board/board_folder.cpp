#include "board/board_folder.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/digest.h"
#include "base/file.h"
#include "base/process.h"
#include "kernel/cpio_archive.h"
#include "machine/loopback_request.h"
#include "protocol/channel.h"
#include "protocol/probe_records.h"
#include "record/artifacts.h"

namespace loopgate {
namespace {

constexpr const char* agent_program = "init";
constexpr const char* busybox_program = "usr/bin/busybox";
constexpr std::chrono::seconds unpack_limit{120};

void add_program(const std::vector<std::string>& argv, std::vector<std::string>* programs) {
  if (argv.empty()) return;
  std::string name = argv.front();
  if (name.find('/') == std::string::npos) name = "/bin/" + name;  // found by PATH
  name.erase(0, name.find_first_not_of('/'));
  if (std::find(programs->begin(), programs->end(), name) == programs->end()) programs->push_back(name);
}

const CpioMember* find(const std::vector<CpioMember>& members, std::string_view name) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const CpioMember& one) { return one.name == name; });
  return found == members.end() ? nullptr : &*found;
}

// In $place, the same layout as on the virtual bench.
constexpr const char* make_root =
    "root=$place/root\n"
    "for folder in proc sys dev tmp etc run/loopgate usr/bin usr/lib; do mkdir -p $root/$folder || exit 1; "
    "done\n"
    "chmod 1777 $root/tmp\n"
    "for link in bin:usr/bin sbin:usr/bin lib:usr/lib; do\n"
    "  [ -e $root/${link%:*} ] || ln -s ${link#*:} $root/${link%:*} || exit 1\n"
    "done\n";

// Every file that a cell leaves, apart from the payload's own.
std::vector<std::string> result_names() {
  std::vector<std::string> names = {"report.json", "job.json"};
  for (const Artifact& artifact : artifacts)
    if (artifact.left_on_a_board) names.emplace_back(artifact.name);
  return names;
}

bool is_result(const std::string& name) {
  return std::ranges::any_of(result_names(),
                             [&](const std::string& one) { return name == one || name == one + ".part"; });
}

}  // namespace

std::string make_scratch_script(const std::string& name) {
  return fmt::format(
      "[ \"$(id -u)\" = 0 ] || {{ echo 'log in as root: measuring needs root on the board' >&2; exit 1; }}\n"
      "place=/run/{0}\n"
      "if ! grep -q \" $place tmpfs \" /proc/mounts; then\n"
      "  mkdir -p $place && mount -t tmpfs -o mode=700,size=60% loopgate $place || place=/tmp/{0}\n"
      "fi 2> /dev/null\n"
      "mkdir -p $place || exit 1\n"
      "echo $place\n",
      name);
}

std::string remove_scratch_script(const std::string& place) {
  return fmt::format(
      "if grep -q ' {0} tmpfs ' /proc/mounts; then umount {0} && rmdir {0}; else rm -rf {0}; fi\n", place);
}

bool is_dynamic(std::string_view elf) {
  Elf64_Ehdr header{};
  if (elf.size() < sizeof(header) || !elf.starts_with(ELFMAG)) return false;
  std::memcpy(&header, elf.data(), sizeof(header));
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    if (header.e_phoff > elf.size()) return false;
    const std::string_view rest = elf.substr(header.e_phoff);
    if ((i + 1) * sizeof(segment) > rest.size()) return false;
    std::memcpy(&segment, rest.data() + i * sizeof(segment), sizeof(segment));
    if (segment.p_type == PT_INTERP) return true;
  }
  return false;
}

std::vector<std::string> programs_of(const Job& job) {
  std::vector<std::string> programs;
  add_program(job.payload.argv, &programs);
  if (job.instrument) {
    add_program(job.instrument->check_argv, &programs);
    add_program(job.instrument->argv, &programs);
  }
  for (const PartSpec& part : job.parts) add_program(part.argv, &programs);
  for (const ProgramSpec& program : job.programs) add_program(program.argv, &programs);
  return programs;
}

Status BoardFolder::make(Remote* remote) {
  auto place = remote->run_script(make_scratch_script("loopgate") + make_root);
  if (!place) return tl::unexpected(place.error());
  place_ = place->substr(0, place->find('\n'));
  if (place_.starts_with("/")) return {};
  return fail(ErrorKind::infrastructure, "the board did not name a folder for the programs");
}

Status BoardFolder::copy(Remote* remote, std::string_view bytes, const std::string& path,
                         const std::string& mode) {
  const std::string digest = sha256_of(bytes);
  if (copied_[path] == digest) return {};
  if (auto written = remote->write(bytes, path, mode); !written) return written;
  copied_[path] = digest;
  return {};
}

// What it needs shared libraries for is not enough by itself: they are the target image's.
bool needs_libraries(const Job& job) {
  return std::ranges::any_of(job.programs,
                             [](const ProgramSpec& program) { return !program.needs.libraries.empty(); });
}

// stress-ng and its libraries: by far the largest part, and only some loads need it.
Status BoardFolder::copy_base(Remote* remote, const TargetImage& target) {
  if (copied_["base"] == target.base_sha256) return {};
  TRY(base, read_file(target.base));
  auto members = read_cpio(base);
  if (!members) return tl::unexpected(members.error());
  const CpioMember* tool = find(*members, busybox_program);
  if (tool == nullptr) return fail(ErrorKind::data, "the target image has no busybox");
  const std::string unpacker = place_ + "/busybox";
  if (auto done = copy(remote, tool->bytes, unpacker, "755"); !done) return done;
  const std::string archive = place_ + "/base.cpio";
  if (auto done = remote->write(base, archive); !done) return done;
  auto unpacked = remote->run_script(
      fmt::format("cd {} && {} cpio -idmu < {} 2> /dev/null && rm -f {}", root(), unpacker, archive, archive),
      unpack_limit);
  if (!unpacked)
    return fail(ErrorKind::infrastructure,
                "cannot unpack the target's programs on the board: " + unpacked.error().what,
                "check that enough of its memory is free");
  copied_["base"] = target.base_sha256;
  return {};
}

Status BoardFolder::copy_programs(Remote* remote, const CellRequest& request) {
  std::vector<std::string> programs = programs_of(request.job);
  auto ours = read_file(request.target.programs);
  if (!ours) return tl::unexpected(ours.error());
  auto members = read_cpio(*ours);
  if (!members) return tl::unexpected(members.error());
  programs.emplace_back(agent_program);
  std::vector<const CpioMember*> wanted;
  bool needs_base = needs_libraries(request.job);
  for (const std::string& program : programs) {
    if (const CpioMember* member = find(*members, program); member != nullptr) {
      wanted.push_back(member);
      needs_base = needs_base || is_dynamic(member->bytes);
      continue;
    }
    needs_base = true;
  }
  if (needs_base) TRY_STATUS(copy_base(remote, request.target));
  for (const CpioMember* member : wanted) {
    if (auto done = copy(remote, member->bytes, root() + "/" + std::string(member->name), "755"); !done)
      return done;
  }
  return {};
}

// So that an earlier cell's results cannot be mistaken for this cell's.
Status BoardFolder::clear_results(Remote* remote) {
  std::string names;
  for (const std::string& name : result_names()) names += fmt::format(" {0} {0}.part", name);
  auto cleared = remote->run_script(fmt::format("cd {} && rm -rf{} ../../tmp/*", inner(), names));
  if (!cleared) return tl::unexpected(cleared.error());
  return {};
}

std::uint64_t records_size_of(const WorkRequest& work) {
  const auto* decisions = std::get_if<DecisionRequest>(&work);
  return decisions == nullptr ? 0 : records_size_on_board(decisions->pulses);
}

// Samples, the stamps of the payload and of the loopback program, and the payload's records stay in the
// board's memory until the cell is over: writing to a disk or over the network while measuring would be an
// extra load.
Status BoardFolder::check_room(Remote* remote, const WorkRequest& work, bool has_probe) {
  const PulseSettings& pulses = pulses_of(work);
  constexpr std::uintmax_t spare = 4U << 20U;
  const std::uintmax_t bytes_each = 3 * 32 + (has_probe ? sizeof(ProbeRecord) : 0);
  const std::uintmax_t stimuli = std::uintmax_t{pulses.self_checks} + pulses.warm_up + pulses.counted;
  const std::uintmax_t needed = stimuli * bytes_each + records_size_of(work) + spare;
  auto free = remote->free_bytes(inner());
  if (!free) return tl::unexpected(free.error());
  if (*free >= needed) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("{} stimuli need {} MiB for results, but the board has only {} MiB of memory free",
                          stimuli, needed >> 20U, *free >> 20U),
              "ask for fewer stimuli (--samples) and more replicates (--repeat)");
}

// The payload maps it: a file of zeros, as large as it will become.
Status BoardFolder::make_records(Remote* remote, const WorkRequest& work) {
  const std::uint64_t size = records_size_of(work);
  if (size == 0) return {};
  auto made = remote->run_script(
      fmt::format("head -c {} /dev/zero > {}", size, quoted({result(frames_artifact.name)})));
  if (!made) return tl::unexpected(made.error());
  return {};
}

Status BoardFolder::copy_file(Remote* remote, const PayloadFile& file) {
  const std::string name = file.file.filename().string();
  if (is_result(name))
    return fail(ErrorKind::usage,
                fmt::format("{}: the name {} is reserved for a result on boards", file.file.string(), name),
                "rename the payload's file in the suite's folder");
  auto bytes = read_file(file.file);
  if (!bytes) return tl::unexpected(bytes.error());
  if (sha256_of(*bytes) != file.sha256)
    return fail(ErrorKind::infrastructure, fmt::format("{} was changed during the run", file.file.string()));
  return copy(remote, *bytes, result(name), "644");
}

Status BoardFolder::deliver(Remote* remote, const std::string& boot_id, const CellRequest& request) {
  if (boot_id_ != boot_id) {
    copied_.clear();
    if (auto made = make(remote); !made) return made;
    boot_id_ = boot_id;
  }
  if (auto done = copy_programs(remote, request); !done) return done;
  if (auto done = clear_results(remote); !done) return done;
  for (const PayloadFile& file : request.files)
    if (auto done = copy_file(remote, file); !done) return done;
  if (auto room = check_room(remote, request.work, request.job.probe.has_value()); !room) return room;
  if (auto made = make_records(remote, request.work); !made) return made;
  return remote->write(to_json(request.job), result("job.json"));
}

// In its own mount namespace, so that nothing stays mounted however the agent ends.
std::string BoardFolder::agent_script() const {
  const std::string inside = fmt::format(
      "mount --make-rprivate / && mount -o rbind /proc {0}/proc && mount -o rbind /sys {0}/sys && "
      "mount -o rbind /dev {0}/dev && "
      "exec env -i PATH=/usr/bin:/bin HOME=/tmp LC_ALL=C chroot {0} /{1} --job {2}/job.json --report "
      "{2}/report.json --events",
      root(), agent_program, target_folder);
  return "exec unshare -m sh -c " + quoted({inside});
}

Status BoardFolder::remove(Remote* remote) {
  boot_id_.clear();
  if (place_.empty()) return {};
  auto removed = remote->run_script(remove_scratch_script(place_));
  if (!removed) return tl::unexpected(removed.error());
  return {};
}

}  // namespace loopgate
