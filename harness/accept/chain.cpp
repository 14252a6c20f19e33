#include "accept/chain.h"

#include <fmt/format.h>

#include "base/utc_time.h"

namespace loopgate {
namespace {

using Links = std::vector<ChainLink>;

tl::unexpected<Error> broken(const std::string& what, const char* next_step) {
  return fail(ErrorKind::data, what, next_step);
}

std::optional<std::size_t> find(const Links& links, const std::string& sha256) {
  for (std::size_t i = 0; i < links.size(); ++i)
    if (links[i].sha256 == sha256) return i;
  return std::nullopt;
}

// What the later one says of the earlier one is no evidence of it.
Status check_told(const ChainLink& earlier, const ChainLink& later) {
  const auto differs = [&](const char* what, const std::string& told, const std::string& is) {
    return broken(fmt::format("{}: says that the {} of its predecessor {} is {}, and that one says {}",
                              later.bundle, what, earlier.bundle, told, is),
                  "one of the two was altered: ask for both as they were made");
  };
  if (later.predecessor->id != earlier.id) return differs("id", later.predecessor->id, earlier.id);
  if (later.predecessor->ended != earlier.ended)
    return differs("end", later.predecessor->ended, earlier.ended);
  return {};
}

Status check_times(const ChainLink& earlier, const ChainLink& later) {
  const auto ended = unix_seconds(earlier.ended);
  const auto begun = unix_seconds(later.begun);
  if (ended && begun && *begun >= *ended) return {};
  return broken(fmt::format("{}: began {}, before its predecessor {} ended ({})", later.bundle, later.begun,
                            earlier.bundle, earlier.ended),
                "a clock stood wrong: ask who made them which is the later one");
}

// Of each link which one comes after it; nothing for the latest.
using Successors = std::vector<std::optional<std::size_t>>;

Status add_successor(const Links& links, std::size_t later, Successors* after) {
  const ChainLink& link = links[later];
  const auto earlier = find(links, link.predecessor->sha256);
  if (!earlier)
    return broken(fmt::format("{}: comes after a bundle that is not given: acceptance {}, sha256 {}",
                              link.bundle, link.predecessor->id, link.predecessor->sha256),
                  "ask for that bundle: whatever its verdict is, it belongs to the chain");
  if ((*after)[*earlier])
    return broken(fmt::format("{} and {} both come after {}: the chain has a fork",
                              links[*(*after)[*earlier]].bundle, link.bundle, links[*earlier].bundle),
                  "ask who made them which one is withdrawn, and why");
  (*after)[*earlier] = later;
  TRY_STATUS(check_told(links[*earlier], link));
  return check_times(links[*earlier], link);
}

}  // namespace

Result<std::vector<std::size_t>> order_of_chain(const Links& links) {
  Successors after(links.size());
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (const auto same = find(links, links[i].sha256); *same != i)
      return broken(fmt::format("{} and {} are the same bundle", links[*same].bundle, links[i].bundle),
                    "give each bundle once");
    if (links[i].predecessor) {
      TRY_STATUS(add_successor(links, i, &after));
    } else if (first) {
      return broken(fmt::format("{} and {} both name no predecessor: they are no one chain",
                                links[*first].bundle, links[i].bundle),
                    "an acceptance that comes after another one is made with --after");
    } else {
      first = i;
    }
  }
  std::vector<std::size_t> order;
  for (auto next = first; next && order.size() < links.size(); next = after[*next]) order.push_back(*next);
  if (order.size() != links.size())
    return broken("the bundles come after each other in a circle", "ask for them as they were made");
  return order;
}

}  // namespace loopgate
