#include "explain/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "explain/diagnosis.h"
#include "explain/kernel_layout.h"
#include "explain/symbols.h"
#include "explain/time_attributor.h"
#include "explain/trace_reader.h"
#include "explain/traced_run.h"
#include "kernel/cpio_archive.h"

namespace loopgate {
namespace {

struct Traced {
  Symbols symbols;
  KernelLayout kernel;
  std::string bytes;
};

// Where the plugin did not find the kernel's tables, it could not say who called what.
Status check_frames(const ExplainArch& arch, const Traced& traced) {
  if (arch.unwind_tables == nullptr) return {};
  TRY(reader, TraceReader::open(traced.bytes));
  TracedSample sample;
  TRY(more, reader.next(&sample));
  if (!more) return {};
  while (more) {
    if (has_callers(sample)) return {};
    TRY(another, reader.next(&sample));
    more = another;
  }
  return fail(
      ErrorKind::data,
      fmt::format("this kernel can't be explained: its unwind tables ({}) were not found in its memory",
                  arch.unwind_tables),
      "build it with CONFIG_UNWINDER_ORC=y, as Debian's are");
}

// preempt_schedule is compiled only with CONFIG_PREEMPTION (kernel/sched/core.c); preempt_schedule_irq always
// is. With CONFIG_PREEMPT_DYNAMIC it is there in any case, and a jump that leads to it or does not.
Result<Preemption> preemption_of(const ExplainArch& arch, Traced* traced) {
  const std::uint64_t jump = traced->kernel.preempt_jump;
  if (jump == 0) return Preemption{traced->symbols.address_of("preempt_schedule").has_value()};
  TRY(reader, TraceReader::open(traced->bytes));
  TracedSample first;
  TRY(any, reader.next(&first));
  const std::uint64_t led_to = any ? arch.jumps_to(jump, first.preempt_jump) : 0;
  if (led_to == 0) return Preemption{false};
  const std::string& function = traced->symbols.names()[traced->symbols.function_at(led_to)];
  return Preemption{function.starts_with("preempt_schedule")};
}

// Of the files that the payload had in its memory, the target image has all but the kernel's own.
Status add_libraries(const std::string& report, const std::filesystem::path& image, Symbols* symbols) {
  TRY(code, code_maps_in(report));
  TRY(bytes, read_file(image));
  TRY(members, read_cpio(bytes));
  for (const CodeMap& map : code) {
    const auto found = std::ranges::find_if(
        members, [&](const CpioMember& member) { return "/" + std::string(member.name) == map.file; });
    TRY_STATUS(symbols->add_library(map, found == members.end() ? std::string_view() : found->bytes));
  }
  return {};
}

Result<Traced> trace(const ExplainBench& bench, const std::vector<std::uint32_t>& samples, bool phases_only,
                     const HuntedStimulus* hunted = nullptr) {
  TRY(texts, fetch_symbols(bench.replay, bench.on_progress));
  TRY(symbols, Symbols::of_kernel(texts.functions));
  for (const auto& program : bench.programs) {
    TRY_STATUS(symbols.add_program(program.filename().string(), program));
  }
  TRY(kernel, kernel_layout(*bench.arch, symbols, texts.types));
  TRY(run, trace_again(bench.replay, samples, phases_only, kernel, bench.on_progress, hunted));
  TRY_STATUS(add_libraries(run.report, bench.replay->request().target.initrd, &symbols));
  TRY(bytes, read_file(run.file));
  Traced traced{std::move(symbols), kernel, std::move(bytes)};
  TRY_STATUS(check_frames(*bench.arch, traced));
  return traced;
}

// The sample as the explaining run saw it must be the one that was measured.
Status check_latency(const ExplainedSample& explained, const MeasuredCell& cell) {
  if (explained.sample < cell.samples.samples.size() &&
      cell.samples.samples[explained.sample].latency_ns() == explained.latency_ns)
    return {};
  return fail(ErrorKind::data, "the trace is of another sample than the one that was measured");
}

auto is_of(const MeasuredCell& cell) {
  return [&](const ExplainedSample& explained) { return check_latency(explained, cell); };
}

// `check` refuses a sample that is another than the one that is meant.
template <class Check, class Take>
Status for_each_sample(Traced* traced, const ExplainBench& bench, bool phases_only, const Check& check,
                       const Take& take) {
  auto reader = TraceReader::open(traced->bytes);
  if (!reader) return tl::unexpected(reader.error());
  TracedSample sample;
  for (;;) {
    auto more = reader->next(&sample);
    if (!more) return tl::unexpected(more.error());
    if (!*more) return {};
    if (phases_only && sample.given_up) continue;  // it has no latency; the statistics count it as unanswered
    auto explained = attribute_time(sample, reader->blocks(), &traced->symbols,
                                    {bench.arch, phases_only, bench.replay->board().cpus});
    if (!explained) return tl::unexpected(explained.error());
    TRY_STATUS(check(*explained));
    take(std::move(*explained));
  }
}

}  // namespace

Result<ExplainedSamples> explain_samples(const ExplainBench& bench,
                                         const std::vector<std::uint32_t>& samples) {
  const MeasuredCell& cell = bench.replay->measured();
  const std::uint32_t median = median_sample(cell.samples);
  std::vector<std::uint32_t> asked = samples;
  if (std::find(asked.begin(), asked.end(), median) == asked.end()) asked.push_back(median);
  auto traced = trace(bench, asked, false);
  if (!traced) return tl::unexpected(traced.error());
  TRY(preemption, preemption_of(*bench.arch, &*traced));
  std::map<std::uint32_t, ExplainedSample> explained;
  auto done = for_each_sample(&*traced, bench, false, is_of(cell), [&](ExplainedSample sample) {
    sample.cell = cell.name;
    const std::uint32_t number = sample.sample;
    explained[number] = std::move(sample);
  });
  if (!done) return tl::unexpected(done.error());
  ExplainedSamples all;
  for (const std::uint32_t sample : asked) {
    const auto found = explained.find(sample);
    if (found == explained.end())
      return fail(ErrorKind::data, fmt::format("sample {} was asked for and is not in the trace", sample));
    found->second.why = diagnose(*bench.arch, found->second, preemption, &explained[median]);
  }
  for (const std::uint32_t sample : samples) all.samples.push_back(explained[sample]);
  all.median = std::move(explained[median]);
  return all;
}

Result<ExplainedSamples> explain_hunted(const ExplainBench& bench, const HuntedStimulus& stimulus) {
  TRY(own, explain_samples(bench, {median_sample(bench.replay->measured().samples)}));
  const PulseSettings& pulses = pulses_of(bench.replay->request().work);
  const auto last =
      static_cast<std::uint32_t>(pulses.self_checks + pulses.warm_up + stimulus.shots_ns.size() - 1);
  TRY(traced, trace(bench, {last}, false, &stimulus));
  TRY(preemption, preemption_of(*bench.arch, &traced));
  ExplainedSamples all;
  all.median = std::move(own.median);
  const auto is_hunted = [&](const ExplainedSample& explained) -> Status {
    if (explained.latency_ns == stimulus.latency_ns) return {};
    return fail(ErrorKind::data, "the trace is of another stimulus than the one that was hunted");
  };
  TRY_STATUS(for_each_sample(&traced, bench, false, is_hunted, [&](ExplainedSample sample) {
    sample.cell = bench.replay->measured().name + ", hunted";
    sample.why = diagnose(*bench.arch, sample, preemption, &all.median);
    all.samples.push_back(std::move(sample));
  }));
  if (all.samples.empty()) return fail(ErrorKind::data, "the hunted stimulus is not in the trace");
  return all;
}

namespace {

// What `take` makes of every counted, answered sample. Of a hunt's run the trace alone has them all.
template <class Taken, class Take>
Result<std::vector<Taken>> of_all(const ExplainBench& bench, const HuntedStimulus* hunted, const Take& take) {
  TRY(traced, trace(bench, {}, true, hunted));
  const MeasuredCell& cell = bench.replay->measured();
  const auto check = [&](const ExplainedSample& explained) {
    return hunted == nullptr ? check_latency(explained, cell) : Status();
  };
  std::vector<Taken> all;
  TRY_STATUS(for_each_sample(&traced, bench, true, check,
                             [&](const ExplainedSample& sample) { all.push_back(take(sample)); }));
  return all;
}

}  // namespace

Result<std::vector<PhasesOfSample>> phases_of_all(const ExplainBench& bench) {
  return of_all<PhasesOfSample>(bench, nullptr, [](const ExplainedSample& sample) {
    return PhasesOfSample{sample.latency_ns, sample.phase_ns};
  });
}

Result<std::vector<SampleMoments>> moments_of_all(const ExplainBench& bench, const HuntedStimulus* hunted) {
  return of_all<SampleMoments>(bench, hunted, moments_of);
}

}  // namespace loopgate
