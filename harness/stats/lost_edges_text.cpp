#include "stats/lost_edges_text.h"

#include <fmt/format.h>

#include "base/text.h"

namespace loopgate {
namespace {

// Only a board's wire can lose one.
std::string of_the_wire(const LostEdges& edges) {
  const char* count_more = "check_edges in lab.toml counts more of its edges before each cell";
  if (edges.bare_wire_sent == 0) return fmt::format(". The bare wire was not counted: {}", count_more);
  return fmt::format(". The bare wire, before the payload ran, lost {} of {}: {}",
                     with_thousands(edges.bare_wire_lost), with_thousands(edges.bare_wire_sent), count_more);
}

}  // namespace

std::string lost_edges_text(const LostEdges& edges, TimeBase time_base) {
  const bool on_board = time_base == TimeBase::wall_clock;
  return fmt::format("{} of {} edges never came to the payload: {} lost them, and not the payload{}",
                     with_thousands(edges.lost()), with_thousands(edges.sent),
                     on_board ? "the chip, the wire or the kernel" : "the kernel",
                     on_board ? of_the_wire(edges) : "");
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
