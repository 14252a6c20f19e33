#include "analysis/section_files.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analysis/section_text.h"
#include "base/file.h"
#include "record/derived_files.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

constexpr int sections_format = 1;

Json json_of(const PlaceName& place) { return {{"function", place.function}, {"through", place.through}}; }

Json json_of(const LongSection& section) {
  return {{"begin_ns", section.begin_ns},
          {"length_ns", section.length_ns},
          {"task", section.task},
          {"pid", section.pid},
          {"opened", json_of(section.opened)},
          {"closed", json_of(section.closed)},
          {"chain", section.chain}};
}

// With the holder that is waited for.
Json json_of_longest(const KindOfSection& kind) {
  Json array = Json::array();
  for (const LongSection& each : kind.longest) {
    array.push_back(json_of(each));
    if (kind.kind != SectionKind::lock_wait) continue;
    array.back()["holder"] = each.holder;
    array.back()["holder_pid"] = each.holder_pid;
  }
  return array;
}

Json json_of(const SectionHolder& holder) {
  return {{"opened", json_of(holder.opened)},
          {"closed", json_of(holder.closed)},
          {"count", holder.count},
          {"total_ns", holder.total_ns},
          {"max_ns", holder.max_ns}};
}

Json json_of(const KindOfSection& kind);
Json json_of(const CellSections& cell);

template <class Each>
Json array_of(const std::vector<Each>& all) {
  Json array = Json::array();
  for (const Each& each : all) array.push_back(json_of(each));
  return array;
}

Json json_of(const KindOfSection& kind) {
  Json exceedance = Json::array();
  for (const auto& [ns, count] : kind.exceedance) exceedance.push_back({ns, count});
  Json document = {{"kind", name_of(kind.kind)}};
  if (kind.cpu) document["cpu"] = *kind.cpu;
  document.update({{"count", kind.count},
                   {"total_ns", kind.total_ns},
                   {"p50_ns", kind.p50_ns},
                   {"p99_ns", kind.p99_ns},
                   {"p99_9_ns", kind.p99_9_ns},
                   {"max_ns", kind.max_ns},
                   {"longest", json_of_longest(kind)},
                   {"holders", array_of(kind.holders)},
                   {"exceedance", std::move(exceedance)}});
  return document;
}

Json json_of(const CellSections& cell) {
  return {{"cell", cell.cell},
          {"kernel", cell.kernel},
          {"load", cell.load},
          {"samples_sha256", cell.samples_sha256},
          {"preemptible", cell.preemptible},
          {"recorded_ns", cell.summary.recorded_ns},
          {"unclosed", cell.summary.unclosed},
          {"kinds", array_of(cell.summary.kinds)}};
}

template <class Take>
std::string lines_of(const std::vector<CellSections>& cells, const Take& take) {
  std::string text;
  for (const CellSections& cell : cells)
    for (const KindOfSection& kind : cell.summary.kinds)
      for (const SectionHolder& holder : kind.holders) text += take(cell, kind, holder);
  return text;
}

}  // namespace

Json to_json(const std::vector<CellSections>& cells) {
  return {{"format", sections_format}, {"time_base", "virtual"}, {"cells", array_of(cells)}};
}

std::string to_csv(const std::vector<CellSections>& cells) {
  return "cell,kernel,load,kind,cpu,opened,opened_through,closed,closed_through,count,total_ns,max_ns\n" +
         lines_of(cells,
                  [](const CellSections& cell, const KindOfSection& kind, const SectionHolder& holder) {
                    return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", cell.cell, cell.kernel,
                                       cell.load, name_of(kind.kind), kind.cpu.value_or(0),
                                       holder.opened.function, holder.opened.through, holder.closed.function,
                                       holder.closed.through, holder.count, holder.total_ns, holder.max_ns);
                  });
}

std::string to_folded(const std::vector<CellSections>& cells) {
  return lines_of(
      cells, [](const CellSections& cell, const KindOfSection& kind, const SectionHolder& holder) {
        return fmt::format("{};{};{};{} {}\n", cell.cell, name_of(kind), place_text(holder.opened),
                           holder.closed.function.empty() ? "not seen" : place_text(holder.closed),
                           holder.total_ns);
      });
}

Result<std::vector<std::filesystem::path>> write_sections(const std::filesystem::path& run_folder,
                                                          const std::vector<CellSections>& cells) {
  std::vector<std::filesystem::path> paths;
  const auto put = [&](const char* name, const std::string& text) {
    paths.push_back(run_folder / name);
    return write_file_atomically(paths.back(), text);
  };
  TRY_STATUS(put(sections_json_file, to_json(cells).dump() + "\n"));
  TRY_STATUS(put(sections_csv_file, to_csv(cells)));
  TRY_STATUS(put(sections_folded_file, to_folded(cells)));
  return paths;
}

}  // namespace loopgate
