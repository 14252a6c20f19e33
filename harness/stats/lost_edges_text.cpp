#include "stats/lost_edges_text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace loopgate {
namespace {

// Only a board's wire can lose one.
std::string of_the_wire(const LostEdges& edges) {
  const char* count_more = "check_edges in lab.toml counts more of its edges before each cell";
  if (edges.bare_wire_sent == 0) return fmt::format(". The bare wire was not counted: {}", count_more);
  return fmt::format(". The bare wire, before the payload ran, lost {} of {} edges there and back: {}",
                     with_thousands(edges.bare_wire_lost), with_thousands(edges.bare_wire_sent), count_more);
}

}  // namespace

std::string lost_edges_text(const LostEdges& edges, TimeBase time_base) {
  const bool on_board = time_base == TimeBase::wall_clock;
  std::string text;
  if (const std::uint64_t on_the_way = edges.lost() - edges.unheard; on_the_way > 0)
    text = fmt::format("{} of {} edges never came to the payload: {} lost them, and not the payload",
                       with_thousands(on_the_way), with_thousands(edges.sent),
                       on_board ? "the chip, the wire or the kernel" : "the kernel");
  if (edges.unheard > 0)
    text += fmt::format("{}{} that the payload counts never came to the instrument", text.empty() ? "" : "; ",
                        counted_text(edges.unheard, answers_noun));
  return text + (on_board ? of_the_wire(edges) : "");
}

std::vector<std::string> lost_edges_sentences(const Comparison& comparison) {
  std::vector<std::string> sentences;
  for (const GroupEvidence& group : comparison.groups)
    if (group.lost_edges)
      sentences.push_back(fmt::format("kernel {}, load {}: {}.", group.kernel, group.load,
                                      lost_edges_text(*group.lost_edges, comparison.time_base)));
  return sentences;
}

}  // namespace loopgate
