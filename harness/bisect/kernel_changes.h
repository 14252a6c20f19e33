// What differs between two kernels' files, one by one, and the kernels in between. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bisect/set_search.h"
#include "config/kernel.h"

namespace loopgate {

enum class ChangeKind {
  source,    // the image as a whole: it cannot be taken apart
  argument,  // of the command line
  file,      // a [[tuning.file]]
  thread,    // a [[tuning.thread]]
};

const char* name_of(ChangeKind kind);

struct KernelChange {
  ChangeKind kind = ChangeKind::source;
  std::string was;      // at the good end; empty: it is not there
  std::string becomes;  // at the bad end; likewise

  // What it brings: "argument nohz=off", "no argument quiet", "argument audit=0 -> audit=1".
  std::string text() const;
  // What taking it back brings.
  std::string undone_text() const;
  bool operator==(const KernelChange&) const = default;
};

// An item of a list that both ends have, in an order that keeps that of the bad end.
struct ListedItem {
  std::optional<std::size_t> in_good;
  std::optional<std::size_t> in_bad;
  std::optional<std::size_t> change;  // its number; nothing: both ends have the same
};

struct KernelDifference {
  Kernel good;
  Kernel bad;
  std::vector<KernelChange> changes;
  // How the lists of both are put together.
  std::vector<ListedItem> arguments;
  std::vector<ListedItem> files;
  std::vector<ListedItem> threads;
};

// Arguments are told by their key, and by which of several it is; settings by their path, rules for threads
// by their name. What only stands in another order is no change.
KernelDifference difference_between(Kernel good, Kernel bad);

// The good end with some of the changes. Without any it is the good end itself, with all the bad one; in
// between only those checks are left that both ends make.
Kernel with_changes(const KernelDifference& difference, const ChangeSet& changes);

}  // namespace loopgate
