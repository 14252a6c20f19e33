#include "inspection/program.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "inspection/model.h"
#include "inspection/pictures.h"
#include "inspection/preparing_thread.h"
#include "inspection/record_file.h"
#include "inspection/result.h"
#include "inspection/stop.h"
#include "inspection/thread_use.h"
#include "protocol/clock_pair.h"
#include "target/real_time.h"
#include "target/service.h"

namespace loopgate::inspection {

namespace {

// Enough for a mean; at 10 ms each they take 0.2 s.
constexpr std::uint64_t engine_calls = 20;

// The parts of the loop, in the order of their creation.
struct Equipment {
  GpioPins pins;
  std::unique_ptr<FrameSource> camera;
  std::unique_ptr<ModelExchange> models;
  std::optional<RecordFile> records;

  PreparationParts preparation_parts() const { return {pins.arrival.get(), camera.get(), models.get()}; }
  RecordFile* record_file() { return records ? &*records : nullptr; }
};

std::vector<std::uint64_t> wake_ups(const std::vector<SwapRequest>& swaps) {
  std::vector<std::uint64_t> frames;
  frames.reserve(swaps.size());
  for (const SwapRequest& swap : swaps) frames.push_back(swap.after_frames);
  return frames;
}

Status open_records(const RecordOptions& options, std::optional<RecordFile>* records) {
  if (options.file.empty()) return {};
  Result<RecordFile> opened = RecordFile::open(options.file, options.offset, options.size);
  if (!opened) return tl::unexpected(opened.error());
  *records = std::move(*opened);
  return {};
}

Result<Equipment> equip(const Options& options) {
  Equipment equipment;
  Result<GpioPins> pins = open_pins(options.pins);
  if (!pins) return tl::unexpected(pins.error());
  equipment.pins = std::move(*pins);
  Result<std::unique_ptr<Model>> model = load_model(options.model, options.how, DigestFile::if_there);
  if (!model) return tl::unexpected(model.error());
  CameraOptions of_camera = options.camera;
  of_camera.channels = (*model)->format.channels;
  Result<std::unique_ptr<FrameSource>> camera = open_camera(of_camera);
  if (!camera) return tl::unexpected(camera.error());
  equipment.camera = std::move(*camera);
  if (Status fits = look_at(model->get(), equipment.camera->size()); !fits)
    return tl::unexpected(fits.error());
  equipment.models = std::make_unique<ModelExchange>(std::move(*model), wake_ups(options.swaps));
  if (Status opened = open_records(options.records, &equipment.records); !opened)
    return tl::unexpected(opened.error());
  return equipment;
}

Status status_of(LoopEnd end, const FrameSource& camera) {
  const auto pins_failed = [](const char* which) {
    return fail(target::exit_broken, std::string(which) + " failed: " + std::strerror(errno));
  };
  switch (end) {
    case LoopEnd::stopped:
      return {};
    case LoopEnd::arrival_failed:
      return pins_failed("the arrival line");
    case LoopEnd::verdict_failed:
      return pins_failed("the verdict lines");
    case LoopEnd::camera_failed:
      return fail(exit_camera, camera.problem());
    case LoopEnd::engine_failed:
      return fail(target::exit_broken, "the engine failed");
  }
  return {};
}

Status warm_up(const Options& options, const Equipment& equipment, Loop* loop, RunResult* result) {
  if (Status warm = status_of(loop->warm_up(options.warm_up), *equipment.camera); !warm) return warm;
  result->warm_up = options.warm_up;
  result->engine_alone = loop->time_engine(engine_calls);
  return {};
}

// What a thread was refused is an error, unless that is allowed.
Status accept(const Options& options, const std::string& refused, RunResult* result) {
  if (refused.empty() || result->degraded.ends_with(refused)) return {};
  if (!options.allow_degraded)
    return fail(target::exit_no_right, refused + "; --allow-degraded runs without");
  result->degraded += (result->degraded.empty() ? "" : "; ") + refused;
  return {};
}

Status take_policy(const Options& options, RunResult* result) {
  return accept(options, become_real_time(options.real_time), result);
}

// Starts the thread that prepares the loop's parts, where one is asked for.
Status start_preparing(const Options& options, const Equipment& equipment, Loop* loop,
                       std::optional<PreparingThread>* thread, RunResult* result) {
  if (options.preprocess != own_thread) return {};
  RealTimeOptions real_time = options.real_time;
  real_time.cpu = options.preprocess_cpu;
  thread->emplace(loop->preparation(), equipment.preparation_parts(), real_time);
  const Result<std::string> refused = (*thread)->start(options.warm_up);
  if (!refused) return tl::unexpected(refused.error());
  loop->take_from(&**thread);
  return accept(options, *refused, result);
}

// Warms up, takes the scheduling policy and announces READY.
Status get_ready(const Options& options, Equipment* equipment, Loop* loop, RunResult* result) {
  // Under SCHED_DEADLINE the runtime covers one part, so several inferences in a row would be throttled.
  const bool policy_first = options.real_time.policy != "deadline";
  if (policy_first)
    if (Status taken = take_policy(options, result); !taken) return taken;
  if (Status warm = warm_up(options, *equipment, loop, result); !warm) return warm;
  if (!policy_first)
    if (Status taken = take_policy(options, result); !taken) return taken;
  if (equipment->records && !equipment->records->begin(read_clock_pair()))
    return fail(target::exit_broken,
                "records file " + options.records.file + ": data read back differs from data written");
  stop_on_signals();
  if (!target::notify_ready())
    return fail(target::exit_broken, "READY=1 could not be sent to $NOTIFY_SOCKET");
  return {};
}

LoopEnd run(Loop* loop, ThreadUse* use) {
  const UseMeter meter;
  const LoopEnd end = loop->run();
  const int error = errno;
  *use = meter.used();
  stop_has_come();
  errno = error;
  return end;
}

PreparingUse use_of(const PreparingThread& thread) {
  PreparingUse preparing{thread.use(), {}, share_a_cpu(thread.cpus(), allowed_cpus())};
  for (int cpu = 0; CPU_COUNT(&thread.cpus()) == 1 && cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &thread.cpus())) preparing.cpu = cpu;
  return preparing;
}

void complete(RunResult* result, const Loop& loop, Equipment* equipment, const ModelSwapper& swapper) {
  result->counts = loop.counts();
  result->incomplete_scenes = loop.incomplete_scenes();
  if (equipment->records) result->records_not_stored = equipment->records->not_stored();
  result->peak_memory_kib = peak_memory_kib();
  const Model& model = equipment->models->in_force();
  result->engine = model.engine->name();
  result->model = {model.file, model.name, model.version, model.sha256};
  result->bytes = {equipment->camera->bytes_moved(), model.preprocess->bytes_moved(),
                   2 * std::uint64_t{model.waiting.size()}, model.network_bytes};
  result->scheduling = read_back();
  result->swaps = swapper.results();
}

}  // namespace

std::unique_ptr<Loop> make_loop(const LoopParts& parts, const LoopOptions& options) {
  return std::make_unique<Loop>(parts, options);
}

Status inspect(const Options& options, std::string* line, const MakeLoop& make) {
  RunResult result;
  block_reload_signal();
  result.degraded = target::lock_memory();  // first, so that all later allocations are locked, too
  if (!result.degraded.empty() && !options.allow_degraded)
    return fail(target::exit_no_right, result.degraded + "; --allow-degraded runs without");
  Result<Equipment> equipment = equip(options);
  if (!equipment) return tl::unexpected(equipment.error());
  const std::unique_ptr<Loop> loop =
      make({equipment->pins.arrival.get(), equipment->camera.get(), equipment->models.get(),
            equipment->pins.verdict.get(), equipment->record_file()},
           options.loop);
  ModelSwapper swapper({options.model, options.how, equipment->camera->size(), options.swaps},
                       equipment->models.get());
  // Before this thread changes its policy: a thread under SCHED_DEADLINE must not create threads.
  if (Status started = swapper.start(); !started) return started;
  std::optional<PreparingThread> preparing;
  if (Status started = start_preparing(options, *equipment, loop.get(), &preparing, &result); !started)
    return started;
  if (Status ready = get_ready(options, &*equipment, loop.get(), &result); !ready) return ready;
  const Status ended = status_of(run(loop.get(), &result.use), *equipment->camera);
  swapper.stop();
  if (preparing) result.preparing = use_of(*preparing);
  complete(&result, *loop, &*equipment, swapper);
  *line = to_json(result);
  return ended;
}

int run_program(const Options& options, const MakeLoop& make) {
  std::string line;
  const Status ended =
      options.images.empty() ? inspect(options, &line, make) : inspect_pictures(options, std::cout);
  if (!line.empty()) std::printf("%s\n", line.c_str());
  if (ended) return target::exit_good;
  std::fprintf(stderr, "inspect: %s\n", ended.error().what.c_str());
  return ended.error().exit_status;
}

}  // namespace loopgate::inspection
