#include "machine/qemu_machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/channel.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/process.h"
#include "inspection/records.h"
#include "machine/console.h"
#include "machine/qemu_command.h"
#include "machine/version.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Kind = InstrumentEvent::Kind;
using SessionClock = QemuSession::Clock;

// Host time, as a last bound: a guest that hangs is found by the instrument on the virtual clock long before.
// Each starts anew with every event.
constexpr std::chrono::seconds start_limit{60};
constexpr std::chrono::seconds stage_limit{300};

double seconds_since(SessionClock::time_point start) {
  return std::chrono::duration<double>(SessionClock::now() - start).count();
}

// The file behind the shared memory, with room reserved, so that a full disk fails here and not as a bus
// error in QEMU.
Status make_channel(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const int error = fd < 0 ? errno : ::posix_fallocate(fd, 0, channel_size);
  if (fd >= 0) ::close(fd);
  if (error != 0)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: no room for the shared memory: {}", path.string(), std::strerror(error)));
  return {};
}

// The shared memory's file in this process.
class Channel {
 public:
  static Result<Channel> open(const fs::path& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    void* mapped =
        fd < 0 ? MAP_FAILED : ::mmap(nullptr, channel_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0) ::close(fd);
    if (mapped == MAP_FAILED)
      return fail(ErrorKind::infrastructure, fmt::format("{}: the shared memory cannot be mapped: {}",
                                                         path.string(), std::strerror(errno)));
    return Channel(static_cast<std::byte*>(mapped));
  }
  ~Channel() {
    if (memory_ != nullptr) ::munmap(memory_, channel_size);
  }
  Channel(Channel&& other) noexcept : memory_(other.memory_) { other.memory_ = nullptr; }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  void write_job(const std::string& job) {
    std::memcpy(memory_ + job_offset, job.data(), job.size());
    ChannelHeader* header = this->header();
    header->magic = channel_magic;
    header->version = channel_version;
    header->job_size = static_cast<std::uint32_t>(job.size());
  }
  Status write_file(const PayloadFile& file) {
    auto bytes = read_file(file.file);
    if (!bytes) return tl::unexpected(bytes.error());
    if (sha256_of(*bytes) != file.sha256)
      return fail(ErrorKind::infrastructure,
                  fmt::format("{} was changed while the run went on", file.file.string()));
    std::memcpy(memory_ + payload_files_offset + file.offset, bytes->data(), bytes->size());
    return {};
  }
  // The payload's records, header and all. Empty when it left none; its counts are not believed.
  std::string records() const {
    inspection::RecordsHeader records{};
    std::memcpy(&records, memory_ + records_offset, sizeof(records));
    constexpr std::size_t most = (records_size - sizeof(records)) / sizeof(inspection::FrameRecord);
    if (records.magic != inspection::records_magic) return {};
    const std::size_t count = std::min<std::uint64_t>(records.written, most);
    return {reinterpret_cast<const char*>(memory_ + records_offset),
            sizeof(records) + count * sizeof(inspection::FrameRecord)};
  }
  // Empty unless both texts are there: the sizes are the guest's.
  KernelSymbols symbols() const {
    SymbolsHeader sizes{};
    std::memcpy(&sizes, memory_ + report_offset, sizeof(sizes));
    if (sizes.functions_size > symbols_size_max || sizes.types_size > symbols_size_max ||
        sizeof(sizes) + sizes.functions_size + sizes.types_size > symbols_size_max)
      return {};
    const char* functions = reinterpret_cast<const char*>(memory_ + report_offset + sizeof(sizes));
    return {{functions, sizes.functions_size}, {functions + sizes.functions_size, sizes.types_size}};
  }
  // What the guest wrote: its size is not believed.
  std::string report() const {
    const std::size_t size = header()->report_size;
    if (size > report_size_max) return {};
    return {reinterpret_cast<const char*>(memory_ + report_offset), size};
  }

 private:
  explicit Channel(std::byte* memory) : memory_(memory) {}
  ChannelHeader* header() const { return reinterpret_cast<ChannelHeader*>(memory_); }
  std::byte* memory_;
};

std::string virtual_seconds(std::int64_t ns) {
  return fmt::format("{:.3f} virtual s", static_cast<double>(ns) / 1e9);
}

// What the agent's report gives as the reason that it gave up.
std::string failure_in(const std::string& report) {
  const json all = json::parse(report, nullptr, false);
  const json failure = all.is_object() && all.contains("failure") ? all["failure"] : json();
  return failure.is_object() && failure.contains("what") && failure["what"].is_string()
             ? failure["what"].get<std::string>()
             : "it left no reason";
}

// The agent's own last word on the console, where it could not reach the shared memory.
std::string agents_last_word(const std::string& log) {
  constexpr std::string_view mark = "loopgate: cannot go on: ";
  const auto at = log.rfind(mark);
  return at == std::string::npos
             ? ""
             : log.substr(at + mark.size(), log.find_first_of("\r\n", at) - at - mark.size());
}

// QEMU ended although nobody told it to. Whose fault was it?
Error why_ended(const QemuEnded& end, const fs::path& console) {
  const std::string log = read_file(console).value_or("");
  const ConsoleFinding finding = read_console(log);
  if (end.signal != 0)
    return {ErrorKind::infrastructure,
            fmt::format("QEMU was killed by signal {} ({})", end.signal, ::strsignal(end.signal)),
            "run the cell again with --resume"};
  if (end.exit_status != 0)
    return {ErrorKind::infrastructure,
            fmt::format("QEMU ended with status {}: {}", end.exit_status, end.errors), "see loopgate doctor"};
  if (finding.kernel_failed) return {ErrorKind::kernel, finding.what, "see console.log"};
  if (const std::string word = agents_last_word(log); !word.empty())
    return {ErrorKind::infrastructure, "the agent could not begin: " + word,
            "does the board's file fit the machine? see console.log"};
  return {ErrorKind::kernel, "the guest shut itself down or restarted", "see console.log"};
}

// The guest fell silent. A panic or lockup on the console says more than the silence does.
Error why_silent(const InstrumentEvent& event, const fs::path& console) {
  const ConsoleFinding finding = read_console(read_file(console).value_or(""));
  std::string what;
  if (event.what == "boot")
    what = fmt::format("the kernel did not boot: the agent was not heard of within {}",
                       virtual_seconds(event.virtual_ns));
  if (event.what == "ready") what = "the kernel hung before measuring: the agent never became ready";
  if (event.what == "report") what = "the kernel hung while measuring: the agent was not heard of again";
  if (finding.kernel_failed) what += fmt::format(" ({})", finding.what);
  return {ErrorKind::kernel, what, "see console.log"};
}

struct Awaited {
  std::vector<Kind> kinds;
  Stage stage;
  fs::path console;
};

bool is_one_of(Kind kind, const std::vector<Kind>& kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

Result<InstrumentEvent> await_event(QemuSession* session, const Awaited& awaited, std::chrono::seconds limit,
                                    const Observer& observe) {
  for (;;) {
    auto happening = session->next(SessionClock::now() + limit);
    if (!happening)
      return fail(ErrorKind::infrastructure,
                  fmt::format("QEMU showed no sign of life for {} s of host time", limit.count()),
                  "is this machine overloaded? run the cell again with --resume");
    if (const auto* ended = std::get_if<QemuEnded>(&*happening))
      return tl::unexpected(why_ended(*ended, awaited.console));
    const auto* event = std::get_if<InstrumentEvent>(&*happening);
    if (event == nullptr) continue;
    if (observe) observe(awaited.stage, *event);
    if (is_one_of(event->kind, awaited.kinds)) return *event;
    if (event->kind == Kind::error)
      return fail(ErrorKind::infrastructure, fmt::format("the instrument: {}", event->what));
    if (event->kind == Kind::silent) return tl::unexpected(why_silent(*event, awaited.console));
  }
}

Status await_migration(QemuSession* session, const char* what) {
  for (;;) {
    auto happening = session->next(SessionClock::now() + start_limit);
    if (!happening)
      return fail(ErrorKind::infrastructure, fmt::format("QEMU did not finish {} the state", what));
    if (const auto* ended = std::get_if<QemuEnded>(&*happening))
      return fail(ErrorKind::infrastructure,
                  fmt::format("QEMU ended while {} the state: {}", what, ended->errors));
    const auto* event = std::get_if<QmpEvent>(&*happening);
    if (event == nullptr || event->name != "MIGRATION") continue;
    const std::string status = event->data.value("status", "");
    if (status == "completed") return {};
    if (status == "failed")
      return fail(ErrorKind::infrastructure, fmt::format("QEMU failed {} the state", what));
  }
}

Status start_migration(QemuSession* session, const char* command, const fs::path& file) {
  // The bandwidth limit is meant for networks; QEMU's default of 128 MiB/s would cost most of a second.
  if (auto done = session->command("migrate-set-parameters", {{"max-bandwidth", std::int64_t{10} << 30}});
      !done)
    return done;
  const json events = json::array({{{"capability", "events"}, {"state", true}}});
  if (auto done = session->command("migrate-set-capabilities", {{"capabilities", events}}); !done)
    return done;
  return session->command(command, {{"uri", "file:" + file.string()}});
}

}  // namespace

// The short-lived files of one running QEMU. Their place follows from the cell's, so that the command lines
// can be told beforehand; it is short, since a socket's path has 107 characters at most, and in memory where
// the host has /dev/shm.
struct QemuMachine::Workplace {
  static fs::path of(const CellOrder& order, bool restore) {
    const std::string name =
        sha256_of(fs::absolute(order.folder).string() + (restore ? "" : " boot")).substr(0, 12);
    std::error_code ignored;
    const fs::path memory = "/dev/shm";
    return (fs::is_directory(memory, ignored) ? memory : fs::temp_directory_path()) / ("loopgate-" + name);
  }

  explicit Workplace(fs::path folder) : path(std::move(folder)) {}
  ~Workplace() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  Status make() const {
    sweep();
    std::error_code ignored;
    fs::remove_all(path, ignored);
    if (auto made = make_directories(path); !made) return made;
    if (auto owned = write_file_atomically(path / "owner", std::to_string(::getpid())); !owned) return owned;
    return make_channel(path / "channel");
  }

  // What an interrupted harness left behind is 16 MiB of memory a cell.
  void sweep() const {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(path.parent_path(), ignored)) {
      if (!entry.path().filename().string().starts_with("loopgate-")) continue;
      const auto owner = read_file(entry.path() / "owner");
      if (owner && ::kill(std::atoi(owner->c_str()), 0) != 0 && errno == ESRCH)
        fs::remove_all(entry.path(), ignored);
    }
  }

  fs::path path;
};

QemuMachine::QemuMachine(const Board& board, QemuIdentity identity, MakeInstrument make_instrument,
                         StateStore states)
    : board_(board),
      identity_(std::move(identity)),
      make_instrument_(std::move(make_instrument)),
      states_(std::move(states)) {}

Measurement QemuMachine::measurement_for(const CellOrder& order, bool restore,
                                         std::int64_t saved_at_ns) const {
  Measurement measurement;
  measurement.folder = Workplace::of(order, restore);
  measurement.channel = measurement.folder / "channel";
  if (!restore) return measurement;
  measurement.samples = order.folder / "samples.lgs";
  measurement.pulses = order.pulses;
  measurement.observe = order.observe;
  measurement.watch = order.watch;
  measurement.storm_per_second = order.storm_per_second;
  measurement.saved_at_ns = saved_at_ns;
  measurement.ready_limit_ns = order.ready_limit_ns;
  return measurement;
}

std::vector<std::string> QemuMachine::command_for(const CellOrder& order, const Measurement& measurement,
                                                  bool restore, const fs::path& console) const {
  const QemuFiles files{order.kernel.image, order.target.initrd, measurement.channel, console,
                        measurement.folder / "qmp"};
  return qemu_command(board_, files, kernel_command_line(board_, order.kernel_arguments),
                      make_instrument_()->machine_arguments(measurement), restore);
}

std::vector<std::vector<std::string>> QemuMachine::commands(const CellOrder& order) const {
  const fs::path console = order.folder / "console.log";
  return {command_for(order, measurement_for(order, false, 0), false, console),
          command_for(order, measurement_for(order, true, 0), true, console)};
}

std::string QemuMachine::state_key(const CellOrder& order) const {
  // The paths differ from cell to cell and have no part in the guest's state.
  const QemuFiles files{"kernel", "initrd", "channel", "console", "monitor"};
  std::vector<std::string> inputs =
      qemu_command(board_, files, kernel_command_line(board_, order.kernel_arguments), {}, false);
  inputs.insert(inputs.end(), {identity_.version, identity_.binary_sha256, identity_.instrument_sha256,
                               order.kernel.image_sha256, order.target.initrd_sha256});
  return StateStore::key(inputs);
}

Result<SavedState> QemuMachine::state_after_boot(const CellOrder& order, const Observer& observe,
                                                 double* boot_s) {
  const std::string key = state_key(order);
  auto lock = states_.lock(key);
  if (!lock) return tl::unexpected(lock.error());
  if (auto state = states_.find(key)) return *state;
  const auto start = SessionClock::now();
  auto state = boot(order, key, observe);
  *boot_s = seconds_since(start);
  return state;
}

Result<SavedState> QemuMachine::boot(const CellOrder& order, const std::string& key,
                                     const Observer& observe) {
  auto folder = states_.begin(key);
  if (!folder) return tl::unexpected(folder.error());
  const Measurement measurement = measurement_for(order, false, 0);
  const Workplace workplace(measurement.folder);
  if (auto made = workplace.make(); !made) return tl::unexpected(made.error());
  const fs::path console = *folder / "console.log";
  auto instrument = make_instrument_();
  if (auto prepared = instrument->prepare(measurement); !prepared) return tl::unexpected(prepared.error());
  auto session = QemuSession::start(command_for(order, measurement, false, console),
                                    workplace.path / "stderr", instrument.get());
  if (!session) return tl::unexpected(session.error());

  const auto boot_it = [&]() -> Result<SavedState> {
    auto wired = await_event(session->get(), {{Kind::wired}, Stage::booting, console}, start_limit, observe);
    if (!wired) return tl::unexpected(wired.error());
    if (auto done = (*session)->connect(workplace.path / "qmp"); !done) return tl::unexpected(done.error());
    if (auto done = (*session)->command("cont"); !done) return tl::unexpected(done.error());
    auto booted = await_event(session->get(), {{Kind::booted, Kind::failed}, Stage::booting, console},
                              stage_limit, observe);
    if (!booted) return tl::unexpected(booted.error());
    if (booted->kind == Kind::failed) {
      auto channel = Channel::open(measurement.channel);
      return fail(ErrorKind::kernel,
                  "the kernel's boot never came to its end: " +
                      (channel ? failure_in(channel->report()) : channel.error().what),
                  "see console.log");
    }
    if (auto done = start_migration(session->get(), "migrate", *folder / "state.bin"); !done)
      return tl::unexpected(done.error());
    if (auto done = await_migration(session->get(), "saving"); !done) return tl::unexpected(done.error());
    return states_.keep(key, booted->virtual_ns);
  };
  auto state = boot_it();
  if (!state) {  // what the console said is the cell's evidence; the rest of the unfinished state is of no
                 // use
    std::error_code ignored;
    fs::copy_file(console, order.folder / "console.log", fs::copy_options::overwrite_existing, ignored);
    session->reset();
    states_.remove(key);
  }
  return state;
}

Result<MachineRun> QemuMachine::measure(const CellOrder& order, const SavedState& state,
                                        const Observer& observe, bool* restored) {
  const auto start = SessionClock::now();
  const Measurement measurement = measurement_for(order, true, state.saved_at_ns);
  const Workplace workplace(measurement.folder);
  if (auto made = workplace.make(); !made) return tl::unexpected(made.error());
  const fs::path console = order.folder / "console.log";
  auto instrument = make_instrument_();
  if (auto prepared = instrument->prepare(measurement); !prepared) return tl::unexpected(prepared.error());
  auto session = QemuSession::start(command_for(order, measurement, true, console), workplace.path / "stderr",
                                    instrument.get());
  if (!session) return tl::unexpected(session.error());
  QemuSession* qemu = session->get();

  auto wired = await_event(qemu, {{Kind::wired}, Stage::restoring, console}, start_limit, observe);
  if (!wired) return tl::unexpected(wired.error());
  if (auto done = qemu->connect(workplace.path / "qmp"); !done) return tl::unexpected(done.error());
  if (auto done = start_migration(qemu, "migrate-incoming", state.file); !done)
    return tl::unexpected(done.error());
  if (auto done = await_migration(qemu, "restoring"); !done) return tl::unexpected(done.error());
  *restored = true;
  auto channel = Channel::open(measurement.channel);
  if (!channel) return tl::unexpected(channel.error());
  channel->write_job(order.job);
  for (const PayloadFile& file : order.files) {
    if (auto done = channel->write_file(file); !done) return tl::unexpected(done.error());
  }
  if (auto done = qemu->command("cont"); !done) return tl::unexpected(done.error());

  MachineRun run;
  auto event = await_event(qemu, {{Kind::ready, Kind::reported, Kind::failed}, Stage::getting_ready, console},
                           stage_limit, observe);
  if (!event) return tl::unexpected(event.error());
  if (event->kind == Kind::ready) {
    const Observer timed = [&](Stage stage, const InstrumentEvent& seen) {
      if (seen.kind == Kind::counting) run.to_first_stimulus_s = seconds_since(start);
      if (observe) observe(stage, seen);
    };
    event =
        await_event(qemu, {{Kind::measured, Kind::failed}, Stage::measuring, console}, stage_limit, timed);
    if (!event) return tl::unexpected(event.error());
  }
  if (event->kind == Kind::measured) {
    event =
        await_event(qemu, {{Kind::reported, Kind::failed}, Stage::reporting, console}, stage_limit, observe);
    if (!event) return tl::unexpected(event.error());
  }
  run.end = *event;
  run.agent_failed = event->kind == Kind::failed;
  if (order.symbols) {
    run.symbols = channel->symbols();
  } else {
    run.report = channel->report();
  }
  if (order.records) {
    if (auto written = write_file_atomically(order.folder / "frames.lgf", channel->records()); !written)
      return tl::unexpected(written.error());
  }
  run.total_s = seconds_since(start);
  return run;
}

Result<MachineRun> QemuMachine::run(const CellOrder& order, const Observer& observe) {
  if (order.job.size() > job_size_max)
    return fail(ErrorKind::usage,
                fmt::format("cell {}: the job is larger than {} bytes", order.cell, job_size_max));
  std::string lines =
      "# The kernel is booted and its state saved; then the state is restored and the cell measured.\n";
  for (const auto& argv : commands(order)) lines += quoted(argv) + "\n";
  if (auto written = write_file_atomically(order.folder / "commands.txt", lines); !written)
    return tl::unexpected(written.error());

  double boot_s = 0;
  auto state = state_after_boot(order, observe, &boot_s);
  if (!state) return tl::unexpected(state.error());
  bool restored = false;
  auto run = measure(order, *state, observe, &restored);
  if (!run && !restored) {  // a state that QEMU refuses is damaged: once more from a new one
    if (auto done = states_.discard(state_key(order), *state); !done) return tl::unexpected(done.error());
    state = state_after_boot(order, observe, &boot_s);
    if (!state) return tl::unexpected(state.error());
    run = measure(order, *state, observe, &restored);
  }
  if (run) run->boot_s = boot_s;

  // One log: the boot that the state was saved from, then what was printed after.
  const fs::path console = order.folder / "console.log";
  const std::string log = read_file(state->console).value_or("") + "\n[the saved state was restored here]\n" +
                          read_file(console).value_or("");
  if (auto written = write_file_atomically(console, log); !written && run)
    return tl::unexpected(written.error());
  return run;
}

Result<std::string> qemu_version(const Board& board) {
  const std::string binary = find_program(board.qemu.binary);
  if (binary.empty())
    return fail(ErrorKind::infrastructure, fmt::format("{} is not installed", board.qemu.binary),
                "run ci/setup, or see loopgate doctor");
  auto asked = run_program({binary, "--version"}, start_limit);
  if (!asked) return tl::unexpected(asked.error());
  constexpr std::string_view before = "version ";
  const auto at = asked->output.find(before);
  if (asked->exit_status != 0 || at == std::string::npos)
    return fail(ErrorKind::infrastructure, fmt::format("{} --version says no version", binary));
  std::string version = asked->output.substr(at + before.size());
  version.resize(std::min(version.size(), version.find_first_of(" \n")));
  if (is_older(version, board.qemu.minimum_version))
    return fail(ErrorKind::infrastructure,
                fmt::format("{} is version {}, and board {} needs {} or newer", binary, version, board.name,
                            board.qemu.minimum_version),
                "run ci/setup, which installs it from Debian's backports");
  return version;
}

Result<QemuIdentity> identify_qemu(const Board& board, const fs::path& plugin) {
  auto version = qemu_version(board);
  if (!version) return tl::unexpected(version.error());
  QemuIdentity identity;
  identity.version = *version;
  const std::string binary = find_program(board.qemu.binary);
  auto binary_digest = sha256_of_file(binary);
  if (!binary_digest) return tl::unexpected(binary_digest.error());
  auto plugin_digest = sha256_of_file(plugin);
  if (!plugin_digest)
    return fail(ErrorKind::infrastructure, plugin_digest.error().what, "build it: cmake --build build");
  identity.binary_sha256 = *binary_digest;
  identity.instrument_sha256 = *plugin_digest;
  return identity;
}

}  // namespace loopgate
