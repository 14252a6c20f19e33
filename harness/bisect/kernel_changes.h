// What differs between two kernels' files, one by one, and the kernels in between. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bisect/config_options.h"
#include "bisect/set_search.h"
#include "config/kernel.h"

namespace loopgate {

enum class ChangeKind {
  source,    // the image, or what it is built of, as far as it cannot be taken apart
  commits,   // of the tree, all of them at once
  option,    // of the .config that it is built with
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

struct KernelEnd {
  Kernel kernel;
  std::vector<ConfigOption> options;  // of its fragments; none where these are not told apart
};

struct KernelDifference {
  Kernel good;
  Kernel bad;
  std::vector<ConfigOption> good_options;
  std::vector<ConfigOption> bad_options;
  std::vector<KernelChange> changes;
  // How the lists of both are put together.
  std::vector<ListedItem> options;
  std::vector<ListedItem> arguments;
  std::vector<ListedItem> files;
  std::vector<ListedItem> threads;
};

// Reads the fragments of both, where both are built from source and on one base, or each on a .config of its
// own, whose options count then, too. A usage error names what cannot be read.
Result<std::pair<KernelEnd, KernelEnd>> read_ends(Kernel good, Kernel bad);

// Arguments are told by their key, and by which of several it is; settings by their path, rules for threads
// by their name. What only stands in another order is no change.
KernelDifference difference_between(KernelEnd good, KernelEnd bad);

// The good end with some of the changes. Without any it is the good end itself, with all the bad one; in
// between only those checks are left that both ends make.
Kernel with_changes(const KernelDifference& difference, const ChangeSet& changes);

// That both make.
std::vector<KernelCheck> checks_of_both(const Kernel& good, const Kernel& bad);

// Both are built from commits of one tree, which differ.
bool have_commits_apart(const Kernel& good, const Kernel& bad);

// The one fragment of such a kernel, which takes the place of all: empty where no option differs, and for the
// ends, which have their own.
std::string fragment_with(const KernelDifference& difference, const ChangeSet& changes);

}  // namespace loopgate
