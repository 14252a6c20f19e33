#include "capture/import_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <tuple>

#include "base/digest.h"
#include "base/file.h"
#include "base/time_base.h"
#include "capture/file_portions.h"
#include "programs/result/result_file.h"
#include "stats/histogram_tail.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Who names a file that is damaged, cut off or of another kind has named a wrong file, whatever is wrong.
tl::unexpected<Error> of_file(const fs::path& path, const Error& error) {
  const ErrorKind kind = error.kind == ErrorKind::data ? ErrorKind::usage : error.kind;
  return fail(kind, fmt::format("{}: {}", path.string(), error.what), error.next_step);
}

bool is_idle(std::string load) {
  std::ranges::transform(load, load.begin(), [](unsigned char c) { return std::tolower(c); });
  return load == "idle" || load == "none" || load == "no load";
}

// Loads are named freely, but for none at all. `asked` is empty where a file alone is read.
Status check_load(const std::string& told, const std::string& asked) {
  if (told.empty() || asked.empty() || is_idle(told) == is_idle(asked)) return {};
  return fail(
      ErrorKind::usage,
      fmt::format("says that it was measured under load {}, and --load says {}", shown(told), shown(asked)),
      is_idle(told) ? "give --load idle, or the file that was measured under that load"
                    : "give --load the name of that load, or the file that was measured idle");
}

Status check_kernel(const SelfMeasurement& measured, const std::string& asked) {
  if (measured.preempt_rt == PreemptRt::yes && claims_other_model(asked))
    return fail(ErrorKind::usage,
                fmt::format("says that its kernel{}{} has PREEMPT_RT, and --kernel says {}",
                            measured.system.empty() ? "" : " ", measured.system, shown(asked)),
                "give --kernel the name of the kernel that was measured, such as preempt-rt, or the file of "
                "that kernel");
  if (measured.preempt_rt != PreemptRt::no || !claims_preempt_rt(asked)) return {};
  return fail(
      ErrorKind::usage,
      fmt::format("says that its kernel{}{} has another preemption model than PREEMPT_RT (uname -v), and "
                  "--kernel says {}",
                  measured.system.empty() ? "" : " ", measured.system, shown(asked)),
      "give --kernel the name of the kernel that was measured, or the file of that kernel");
}

Status check_threads(const SelfMeasurement& measured, const ResultOptions& options) {
  for (const std::string& wanted : options.threads) {
    const auto is_it = [&](const ThreadLatencies& each) { return each.name == wanted; };
    if (std::ranges::none_of(measured.threads, is_it))
      return fail(ErrorKind::usage, fmt::format("has no thread or CPU {}", shown(wanted)),
                  "name one with --thread as the file does");
  }
  if (measured.threads.empty())
    return fail(ErrorKind::data, "holds nothing that was measured", "measure again");
  return {};
}

Result<ImportedSource> import_file(const fs::path& path, const ImportRequest& request) {
  std::unique_ptr<ResultReader> reader;
  ImportedSource source;
  source.name = path.filename().string();
  Sha256 digest;
  TRY_STATUS(read_in_portions(path, [&](std::string_view portion) -> Status {
    if (!reader) {
      TRY(opened, open_result(request.program, portion.substr(0, result_beginning), request.options));
      reader = std::move(opened);
    }
    source.bytes += portion.size();
    source.is_kept = source.bytes <= kept_source_max;
    if (source.is_kept) source.text += portion;
    digest.add(portion.data(), portion.size());
    return reader->take(portion);
  }));
  if (!reader) TRY_STATUS(open_result(request.program, "", request.options));  // says that it is empty
  if (!source.is_kept) std::string().swap(source.text);
  TRY(measured, reader->finish());
  TRY_STATUS(check_threads(measured, request.options));
  TRY_STATUS(check_load(measured.load, request.board.load));
  TRY_STATUS(check_kernel(measured, request.board.kernel));
  if (measured.exported_from == name_of(TimeBase::virtual_time))
    return fail(ErrorKind::usage,
                "was exported from a run in virtual time, and what is imported is of wall-clock time",
                "gate the run itself");
  if (!measured.exported_from.empty())
    measured.remarks.emplace_back(
        "exported by Loopgate: what measured, its instrument or a program, the run says that it is of");
  TRY_STATUS(HistogramTail::make(measured.latencies));
  source.measurement = std::move(measured);
  source.sha256 = digest.hex();
  return source;
}

// What is pooled must be of one quantity, clock and kernel. A file that does not tell contradicts none.
Status check_alike(const fs::path& path, const SelfMeasurement& ours, const ImportedSource& first) {
  const SelfMeasurement& theirs = first.measurement;
  const auto refused = [&](const std::string& own, const std::string& other) {
    return fail(ErrorKind::usage,
                fmt::format("{}: is of {}, and {} is of {}", path.string(), own, first.name, other),
                "import into one folder what is of one quantity, clock and kernel");
  };
  const auto what = [](const SelfMeasurement& each) {
    return fmt::format("{} ({})", each.program, each.quantity);
  };
  if (what(ours) != what(theirs)) return refused(what(ours), what(theirs));
  // "CLOCK_MONOTONIC, unless it was told otherwise" is no clock that is known.
  const auto is_known = [](const std::string& clock) { return clock.find(' ') == std::string::npos; };
  if (ours.clock != theirs.clock && is_known(ours.clock) && is_known(theirs.clock))
    return refused("the clock " + ours.clock, theirs.clock);
  if (ours.system != theirs.system && !ours.system.empty() && !theirs.system.empty())
    return refused("the kernel " + ours.system, theirs.system);
  return {};
}

// Of fewer than a hundred latencies two measurements may fall into the same bins by chance.
constexpr std::uint64_t alike_by_chance = 100;

// cyclictest writes its histogram as text and as JSON in one run; the one has all bins, the other those that
// hold any.
bool same_latencies(const LatencyHistogram& one, const LatencyHistogram& other) {
  const auto held = [](const LatencyHistogram& of, std::size_t from) {
    while (from < of.count.size() && of.count[from] == 0) ++from;
    return from;
  };
  const auto begin_of = [](const LatencyHistogram& of, std::size_t bin) {
    return of.first_ns + static_cast<std::int64_t>(bin) * of.bin_width_ns;
  };
  std::uint64_t all = one.overflow;
  std::size_t i = held(one, 0);
  std::size_t j = held(other, 0);
  for (; i < one.count.size() && j < other.count.size(); i = held(one, i + 1), j = held(other, j + 1)) {
    if (begin_of(one, i) != begin_of(other, j) || one.count[i] != other.count[j]) return false;
    all += one.count[i];
  }
  return i >= one.count.size() && j >= other.count.size() && one.overflow == other.overflow &&
         all >= alike_by_chance;
}

}  // namespace

Result<ImportedRun> import_files(const ImportRequest& request) {
  ImportedRun run;
  run.board = request.board;
  run.read_as = request.program;
  run.options = request.options;
  for (const fs::path& path : request.files) {
    auto source = import_file(path, request);
    if (!source) return of_file(path, source.error());
    for (const ImportedSource& other : run.sources) {
      if (other.sha256 == source->sha256)
        return fail(
            ErrorKind::usage,
            fmt::format("{}: is {} once more: its latencies would count twice", path.string(), other.name),
            "name each measurement once");
    }
    if (!run.sources.empty()) TRY_STATUS(check_alike(path, source->measurement, run.sources.front()));
    for (const ImportedSource& other : run.sources)
      if (same_latencies(other.measurement.latencies, source->measurement.latencies))
        return fail(ErrorKind::usage,
                    fmt::format("{}: has the very latencies of {}, as another form of it has: they would "
                                "count twice",
                                path.string(), other.name),
                    "name each measurement once");
    run.sources.push_back(*std::move(source));
  }
  return run;
}

Status write_imported(const fs::path& folder, const ImportedRun& run) {
  for (std::size_t i = 0; i < run.sources.size(); ++i)
    if (run.sources[i].is_kept) TRY_STATUS(write_file_atomically(folder / kept_name(i), run.sources[i].text));
  return write_file_atomically(folder / "imported.json", to_json(run));
}

namespace {

// Of what a verdict rests on, and of what is shown with it; the remarks are this program's own words.
bool says_the_same(const SelfMeasurement& one, const SelfMeasurement& other) {
  const auto of = [](const SelfMeasurement& each) {
    return std::tie(each.latencies, each.threads, each.missed, each.why_invalid, each.preempt_rt,
                    each.quantity, each.program, each.version, each.command, each.clock, each.system,
                    each.load);
  };
  return of(one) == of(other);
}

}  // namespace

Status check_sources(const fs::path& folder, const ImportedRun& run) {
  const ImportRequest request{run.read_as, {}, run.options, run.board};
  for (std::size_t i = 0; i < run.sources.size(); ++i) {
    const ImportedSource& told = run.sources[i];
    const bool was_kept = told.bytes <= kept_source_max;
    if (!run.read_as.empty() && told.is_kept != was_kept)
      return fail(ErrorKind::data,
                  fmt::format("{}: says of {}, of {} bytes, that its copy {}",
                              (folder / "imported.json").string(), shown(told.name), told.bytes,
                              was_kept ? "is not kept, which it was" : "is kept, which it was not"),
                  "import again");
    if (!told.is_kept) continue;
    const fs::path path = folder / kept_name(i);
    const auto refuse = [&](const std::string& why) {
      return fail(ErrorKind::data, fmt::format("{}: {}", path.string(), why), "import again");
    };
    const auto sha256 = sha256_of_file(path);
    if (!sha256) return refuse("can't be read, and imported.json has its digest");
    if (*sha256 != told.sha256) return refuse("was altered: its sha256 is not the one in imported.json");
    const auto read = import_file(path, request);
    if (!read) return refuse(read.error().what);
    if (!says_the_same(read->measurement, told.measurement))
      return refuse("is the copy of " + shown(told.name) + ", and imported.json says another thing of it");
  }
  return {};
}

}  // namespace loopgate
