#include "qemu/plugin/virtual_bench.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "qemu/plugin/choose_controller.h"
#include "qemu/plugin/main_loop_gate.h"

namespace loopgate {
namespace {

// Seen by people, so paced by the host's clock; it has no effect on the guest.
constexpr std::chrono::milliseconds progress_interval{200};

constexpr std::int64_t tick_ns = 1'000'000'000;

const volatile ChannelHeader* map_channel(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* mapped = ::mmap(nullptr, small_channel.size, PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  return mapped == MAP_FAILED ? nullptr : static_cast<const volatile ChannelHeader*>(mapped);
}

}  // namespace

VirtualBench::VirtualBench(const InstrumentSettings& settings, const QemuFunctions& qemu)
    : settings_(settings), qemu_(qemu), events_(settings.events), channel_(map_channel(settings.channel)) {}

VirtualBench::~VirtualBench() {
  if (channel_ != nullptr) ::munmap(const_cast<ChannelHeader*>(channel_), small_channel.size);
}

Status VirtualBench::start(qemu_plugin_id_t plugin) {
  if (channel_ == nullptr)
    return fail(ErrorKind::infrastructure,
                "the shared memory " + settings_.channel.string() + " cannot be mapped");
  if (!settings_.samples.empty()) {
    auto writer = SampleWriter::create(settings_.samples, {.time_base = TimeBase::virtual_time,
                                                           .seed = settings_.pulses.seed,
                                                           .records_planned = counts().planned,
                                                           .deadline_ns = settings_.pulses.deadline_ns});
    if (!writer) return tl::unexpected(writer.error());
    writer_.emplace(std::move(*writer));
  }
  if (!settings_.trace.file.empty()) {
    auto trace =
        TraceHost::create(settings_.architecture, settings_.trace, qemu_, plugin, section_listener());
    if (!trace) return tl::unexpected(trace.error());
    trace_ = std::move(*trace);
  }
  // The machine does not exist yet, and arming a virtual timer while a CPU is being realised crashes QEMU. A
  // timer on the realtime clock fires in the main loop's first turn, when all is built; the machine is
  // started paused (-S).
  wire_timer_.emplace(qemu_, qemu_clock_realtime, &call_method<VirtualBench, &VirtualBench::wire>, this);
  wire_timer_->arm_at(0);
  return {};
}

// A pin of ours at the end of one of the controller's outputs.
QemuIrq* VirtualBench::hear(int line, void (*handler)(void* self, int, int level)) {
  QemuIrq* pin = qemu_.qemu_allocate_irq(handler, this, 0);
  controller_->connect_output(line, pin);
  return pin;
}

// The guest's memory is a file, which the boot writes and a restored machine maps: a saved state that held
// it, too, would cost more host time to read than most cells take. QEMU's own x-ignore-shared cannot be had:
// it leaves the channel out as well, and refuses it where the guest has given it an address since.
Status VirtualBench::keep_memory_out_of_the_state() const {
  QemuRamBlock* memory = qemu_.qemu_ram_block_by_name(guest_memory_name);
  if (memory == nullptr)
    return fail(ErrorKind::infrastructure,
                std::string("this QEMU has no guest memory of the name ") + guest_memory_name);
  qemu_.qemu_ram_unset_migratable(memory);
  return {};
}

void VirtualBench::wire() {
  if (const Status kept = keep_memory_out_of_the_state(); !kept) return give_up(kept.error().what);
  auto controller = choose_controller(settings_.controller, qemu_);
  if (!controller) return give_up(controller.error().what);
  controller_ = std::move(*controller);
  const PinLines& lines = settings_.lines;
  stimulus_pin_ = controller_->input(lines.stimulus);
  storm_pin_ = controller_->input(lines.storm);
  control_in_pin_ = controller_->input(lines.control_in);
  response_pin_ = hear(lines.response, [](void* self, int, int level) {
    static_cast<VirtualBench*>(self)->on_response_pin(level);
  });
  hear(lines.control_out, [](void* self, int, int level) {
    if (level != 0) static_cast<VirtualBench*>(self)->on_agent_signal();
  });
  if (const Status wired = wire_pins(); !wired) return give_up(wired.error().what);
  limit_timer_.emplace(qemu_, qemu_clock_virtual, &call_method<VirtualBench, &VirtualBench::on_limit>, this);
  tick_timer_.emplace(qemu_, qemu_clock_virtual, &call_method<VirtualBench, &VirtualBench::on_tick>, this);

  const bool restored = measures(settings_);
  phase_ = restored ? Phase::waiting_ready : Phase::booting;
  // The saved state has not been loaded yet, so the clock still reads 0: `saved_at_ns` says where it will
  // stand.
  limit_timer_->arm_at(restored ? settings_.saved_at_ns + settings_.ready_timeout_ns
                                : settings_.boot_timeout_ns);
  tick_timer_->arm_at(settings_.saved_at_ns + tick_ns);
  if (restored) before_restore();
  emit(InstrumentEvent::Kind::wired);
}

void VirtualBench::on_tick() {
  if (phase_ == Phase::over) return;
  tick_timer_->arm_at(now_ns() + tick_ns);
  if (!is_measuring() || !shows_progress()) emit(InstrumentEvent::Kind::progress);
}

// The agent wrote its state and raised the control-out pin.
void VirtualBench::on_agent_signal() {
  const AgentState state = agent_state();
  if (state == AgentState::failed && phase_ != Phase::over) {
    stop_measuring();
    finish(InstrumentEvent::Kind::failed);
  } else if (state == AgentState::booted && phase_ == Phase::booting) {
    on_booted();
  } else if (state == AgentState::ready && phase_ == Phase::waiting_ready) {
    phase_ = Phase::measuring;
    limit_timer_->disarm();
    begin_measuring();
    emit(InstrumentEvent::Kind::ready);
  } else if (state == AgentState::reported && is_measuring()) {
    reported_while_measuring();
    if (phase_ == Phase::waiting_report) finish(InstrumentEvent::Kind::reported);
  } else if (state == AgentState::reported &&
             (phase_ == Phase::waiting_report || phase_ == Phase::waiting_ready)) {
    // Without having been ready: it was asked for its symbols alone.
    finish(InstrumentEvent::Kind::reported);
  }
}

void VirtualBench::finish(InstrumentEvent::Kind event) {
  phase_ = Phase::over;
  limit_timer_->disarm();
  emit(event);
}

void VirtualBench::on_booted() {
  phase_ = Phase::over;
  limit_timer_->disarm();
  // Stop at this very instruction. The clock is switched off first, and stays so until QEMU's main loop has
  // carried the stop out: icount would else take the stopped CPU for an idle one and warp to the next
  // timer, or not, as the host's threads race.
  qemu_.qemu_clock_enable(qemu_clock_virtual, false);
  qemu_.vm_stop(qemu_run_state_paused);
  let_main_loop_go_first();
  emit(InstrumentEvent::Kind::booted);
}

void VirtualBench::trace_stimulus(std::uint64_t index) {
  if (!trace_) return;
  const bool counted = index >= settings_.pulses.self_checks + settings_.pulses.warm_up;
  trace_->on_pin({PinEvent::Edge::stimulus, static_cast<std::uint32_t>(index), counted, now_ns()});
}

void VirtualBench::trace_pin(PinEvent::Edge edge) {
  if (trace_) trace_->on_pin({edge, 0, false, now_ns()});
}

bool VirtualBench::trace_written() {
  if (!trace_ || trace_->flush()) return true;
  give_up("the trace could not be written to " + settings_.trace.file.string());
  return false;
}

void VirtualBench::save(const std::vector<Sample>& finished) {
  for (const Sample& sample : finished) {
    if (auto written = writer_->append(sample); !written) {
      give_up(written.error().what);
      return;
    }
  }
}

bool VirtualBench::close_samples() {
  auto closed = writer_->close();
  if (!closed) give_up(closed.error().what);
  return closed.has_value();
}

void VirtualBench::on_limit() {
  if (phase_ == Phase::over) return;  // given up, and said so
  AgentState awaited = AgentState::reported;
  if (phase_ == Phase::booting) awaited = AgentState::booted;
  if (phase_ == Phase::waiting_ready) awaited = AgentState::ready;
  phase_ = Phase::over;
  InstrumentEvent event;
  event.kind = InstrumentEvent::Kind::silent;
  event.virtual_ns = now_ns();
  event.awaited = awaited;
  events_.write(event);
}

void VirtualBench::give_up(const std::string& what) {
  phase_ = Phase::over;
  InstrumentEvent event;
  event.kind = InstrumentEvent::Kind::error;
  event.what = what;
  events_.write(event);
}

void VirtualBench::show_progress() {
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_ < progress_interval) return;
  shown_ = now;
  emit(InstrumentEvent::Kind::progress);
}

void VirtualBench::emit(InstrumentEvent::Kind kind) {
  if (main_loop_gate_timeouts() > 0 && phase_ != Phase::unwired) {
    give_up("this host is so busy that QEMU's threads waited 10 s for each other: the run might not repeat");
    return;
  }
  if (const std::string fault = fault_of_cpu_turns(); !fault.empty() && phase_ != Phase::unwired)
    return give_up(fault);
  InstrumentEvent event;
  event.kind = kind;
  event.virtual_ns = now_ns();
  event.counts = counts();
  event.storm_pulses = storm_pulses();
  event.longest_turn_ns = longest_cpu_turn_ns();
  events_.write(event);
}

}  // namespace loopgate
