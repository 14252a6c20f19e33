#include "bisect/kernel_changes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/file.h"
#include "base/overloaded.h"
#include "config/kernel_toml.h"
#include "run/kernel_arguments.h"
#include "run/thread_rules.h"

namespace loopgate {
namespace {

// What an item of a list is told by, and all that it says.
struct Told {
  std::string key;
  std::string text;
};
using ToldList = std::vector<Told>;

// Several of one key, such as console=, are told apart by their place among them.
ToldList with_places(ToldList list) {
  std::map<std::string, int> seen;
  for (Told& item : list) {
    const int place = ++seen[item.key];
    if (place > 1) item.key += fmt::format(" #{}", place);
  }
  return list;
}

// What follows "--" is init's, and stays together.
std::vector<std::string> words_and_rest(const Kernel& kernel) {
  std::vector<std::string> words = argument_words(kernel.arguments);
  const auto end = std::ranges::find(words, "--");
  if (end == words.end()) return words;
  const std::string rest = fmt::format("{}", fmt::join(end, words.end(), " "));
  words.erase(end, words.end());
  words.push_back(rest);
  return words;
}

ToldList told_arguments(const Kernel& kernel) {
  ToldList list;
  for (const std::string& word : words_and_rest(kernel)) {
    std::string key = word.starts_with("-- ") ? "--" : word.substr(0, word.find('='));
    std::ranges::replace(key, '-', '_');  // as the kernel compares it
    list.push_back({std::move(key), word});
  }
  return with_places(std::move(list));
}

ToldList told_files(const Kernel& kernel) {
  ToldList list;
  for (const FileTuning& file : kernel.files)
    list.push_back({file.path, fmt::format("{} = {}{}", file.path, file.value,
                                           file.reads.empty() ? "" : ", which reads " + file.reads)});
  return with_places(std::move(list));
}

ToldList told_threads(const Kernel& kernel) {
  ToldList list;
  for (const ThreadTuning& thread : kernel.threads)
    list.push_back({thread.name, fmt::format("{} {}{}{}", thread.name, wanted_by(thread),
                                             thread.required ? "" : ", not required",
                                             thread.of_payload ? ", of the payload" : "")});
  return with_places(std::move(list));
}

ToldList told_options(const std::vector<ConfigOption>& options) {
  ToldList list;
  for (const ConfigOption& option : options)
    list.push_back({option.name, fmt::format("{}={}", option.name, option.value)});
  return list;
}

std::optional<std::size_t> place_of(const ToldList& list, const std::string& key) {
  const auto found = std::ranges::find(list, key, &Told::key);
  if (found == list.end()) return std::nullopt;
  return static_cast<std::size_t>(found - list.begin());
}

// In the order of the bad end; what only the good one has follows what it follows there.
std::vector<ListedItem> both_lists(const ToldList& good, const ToldList& bad) {
  std::vector<ListedItem> items;
  for (std::size_t i = 0; i < bad.size(); ++i) items.push_back({place_of(good, bad[i].key), i, {}});
  std::size_t after = 0;  // where the next of the good end goes
  for (std::size_t i = 0; i < good.size(); ++i) {
    const auto known = std::ranges::find(items, std::optional(i), &ListedItem::in_good);
    if (known != items.end()) {
      after = static_cast<std::size_t>(known - items.begin()) + 1;
    } else {
      items.insert(items.begin() + static_cast<std::ptrdiff_t>(after++), {i, {}, {}});
    }
  }
  return items;
}

void add_changes(ChangeKind kind, const ToldList& good, const ToldList& bad, std::vector<ListedItem>* items,
                 std::vector<KernelChange>* changes) {
  *items = both_lists(good, bad);
  for (ListedItem& item : *items) {
    KernelChange change{kind, item.in_good ? good[*item.in_good].text : "",
                        item.in_bad ? bad[*item.in_bad].text : ""};
    if (change.was == change.becomes) continue;
    item.change = changes->size();
    changes->push_back(std::move(change));
  }
}

template <class T>
std::vector<T> picked(const std::vector<ListedItem>& items, const std::vector<T>& good,
                      const std::vector<T>& bad, const ChangeSet& changes) {
  std::vector<T> all;
  for (const ListedItem& item : items) {
    const bool changed = item.change && std::ranges::binary_search(changes, *item.change);
    if (const auto& place = changed ? item.in_bad : item.in_good)
      all.push_back(changed ? bad[*place] : good[*place]);
  }
  return all;
}

bool has_own_base(const BuildSource& build) {
  return build.base != "defconfig" && build.base != "tinyconfig";
}

// Whether the options of both can be told apart.
bool are_built_alike(const Kernel& good, const Kernel& bad) {
  const auto* one = std::get_if<BuildSource>(&good.source);
  const auto* other = std::get_if<BuildSource>(&bad.source);
  if (one == nullptr || other == nullptr) return false;
  return one->base == other->base || (has_own_base(*one) && has_own_base(*other));
}

// All that a file says of where its kernel comes from, but for commits and options that are told apart.
std::string source_text(const Kernel& kernel, bool options_apart, bool commits_apart) {
  Kernel alone;
  alone.source = kernel.source;
  alone.config = kernel.config;
  if (auto* build = std::get_if<BuildSource>(&alone.source); build != nullptr && options_apart) {
    build->fragments.clear();
    if (has_own_base(*build)) build->base = "/of-its-own";
  }
  if (auto* build = std::get_if<BuildSource>(&alone.source)) {
    if (commits_apart) build->commit.clear();
    build->unknown_options_allowed = false;  // changes no kernel that both allow
  }
  return to_toml(alone);
}

// Of its fragments, laid over its base where that is another than the other end's.
Result<std::vector<ConfigOption>> read_options(const BuildSource& build, bool with_base) {
  std::string text;
  if (with_base) {
    TRY(base, read_text_file(build.base, ErrorKind::usage));
    text = std::move(base) + "\n";
  }
  for (const auto& path : build.fragments) {
    TRY(fragment, read_text_file(path, ErrorKind::usage));
    text += std::move(fragment) + "\n";
  }
  return parse_config_options(text);
}

std::string source_name(const KernelSource& source) {
  return std::visit(Overloaded{[](const PackageSource& package) { return package.package; },
                               [](const DebSource& deb) { return deb.file.string(); },
                               [](const ImageSource& image) { return image.file.string(); },
                               [](const BuildSource& build) {
                                 return "what is built of " +
                                        (build.tree.empty() ? build.source_package : build.tree.string());
                               }},
                    source);
}

bool same_check(const KernelCheck& one, const KernelCheck& other) {
  return one.file == other.file && one.config == other.config && one.equals == other.equals &&
         one.contains == other.contains;
}

}  // namespace

const char* name_of(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::source:
      return "source";
    case ChangeKind::commits:
      return "commits";
    case ChangeKind::option:
      return "option";
    case ChangeKind::argument:
      return "argument";
    case ChangeKind::file:
      return "file";
    case ChangeKind::thread:
      return "thread";
  }
  return "source";
}

std::string KernelChange::text() const {
  if (was.empty()) return fmt::format("{} {}", name_of(kind), becomes);
  if (becomes.empty()) return fmt::format("no {} {}", name_of(kind), was);
  return fmt::format("{} {} -> {}", name_of(kind), was, becomes);
}

std::string KernelChange::undone_text() const { return KernelChange{kind, becomes, was}.text(); }

std::vector<KernelCheck> checks_of_both(const Kernel& good, const Kernel& bad) {
  std::vector<KernelCheck> checks = good.checks;
  std::erase_if(checks, [&](const KernelCheck& check) {
    return std::ranges::none_of(bad.checks,
                                [&](const KernelCheck& other) { return same_check(check, other); });
  });
  return checks;
}

bool have_commits_apart(const Kernel& good, const Kernel& bad) {
  const auto* one = std::get_if<BuildSource>(&good.source);
  const auto* other = std::get_if<BuildSource>(&bad.source);
  return one != nullptr && other != nullptr && !one->commit.empty() && !other->commit.empty() &&
         one->commit != other->commit && one->tree.lexically_normal() == other->tree.lexically_normal();
}

Result<std::pair<KernelEnd, KernelEnd>> read_ends(Kernel good, Kernel bad) {
  std::pair<KernelEnd, KernelEnd> ends{{std::move(good), {}}, {std::move(bad), {}}};
  if (!are_built_alike(ends.first.kernel, ends.second.kernel)) return ends;
  const bool with_base = std::get<BuildSource>(ends.first.kernel.source).base !=
                         std::get<BuildSource>(ends.second.kernel.source).base;
  for (KernelEnd* end : {&ends.first, &ends.second}) {
    TRY(options, read_options(std::get<BuildSource>(end->kernel.source), with_base));
    end->options = std::move(options);
  }
  return ends;
}

KernelDifference difference_between(KernelEnd good_end, KernelEnd bad_end) {
  KernelDifference difference;
  Kernel& good = good_end.kernel;
  Kernel& bad = bad_end.kernel;
  std::vector<KernelChange>* changes = &difference.changes;
  const bool options_apart = are_built_alike(good, bad);
  const bool commits_apart = have_commits_apart(good, bad);
  if (source_text(good, options_apart, commits_apart) != source_text(bad, options_apart, commits_apart)) {
    std::string was = source_name(good.source), becomes = source_name(bad.source);
    if (was == becomes) becomes += ", otherwise";
    changes->push_back({ChangeKind::source, std::move(was), std::move(becomes)});
  }
  if (commits_apart)
    changes->push_back({ChangeKind::commits, std::get<BuildSource>(good.source).commit,
                        std::get<BuildSource>(bad.source).commit});
  add_changes(ChangeKind::option, told_options(good_end.options), told_options(bad_end.options),
              &difference.options, changes);
  add_changes(ChangeKind::argument, told_arguments(good), told_arguments(bad), &difference.arguments,
              changes);
  add_changes(ChangeKind::file, told_files(good), told_files(bad), &difference.files, changes);
  add_changes(ChangeKind::thread, told_threads(good), told_threads(bad), &difference.threads, changes);
  difference.good_options = std::move(good_end.options);
  difference.bad_options = std::move(bad_end.options);
  difference.good = std::move(good);
  difference.bad = std::move(bad);
  return difference;
}

static bool allows_unknown_options(const Kernel& kernel) {
  const auto* build = std::get_if<BuildSource>(&kernel.source);
  return build != nullptr && build->unknown_options_allowed;
}

Kernel with_changes(const KernelDifference& difference, const ChangeSet& changes) {
  const Kernel& good = difference.good;
  const Kernel& bad = difference.bad;
  if (changes.empty()) return good;
  if (changes.size() == difference.changes.size()) return bad;
  Kernel kernel = good;
  const bool from_bad =
      difference.changes.front().kind == ChangeKind::source && std::ranges::binary_search(changes, 0U);
  if (from_bad) {
    kernel.source = bad.source;
    kernel.config = bad.config;
  }
  if (have_commits_apart(good, bad)) {
    const auto place = std::ranges::find(difference.changes, ChangeKind::commits, &KernelChange::kind);
    const auto number = static_cast<std::size_t>(place - difference.changes.begin());
    const Kernel& end = std::ranges::binary_search(changes, number) ? bad : good;
    std::get<BuildSource>(kernel.source).commit = std::get<BuildSource>(end.source).commit;
  }
  // What the bases differ in is among the options.
  if (auto* build = std::get_if<BuildSource>(&kernel.source);
      build != nullptr && are_built_alike(difference.good, difference.bad))
    build->base = std::get<BuildSource>(good.source).base;
  kernel.arguments = fmt::format(
      "{}", fmt::join(picked(difference.arguments, words_and_rest(good), words_and_rest(bad), changes), " "));
  kernel.unknown_arguments_allowed = good.unknown_arguments_allowed || bad.unknown_arguments_allowed;
  if (auto* build = std::get_if<BuildSource>(&kernel.source))
    build->unknown_options_allowed = allows_unknown_options(good) || allows_unknown_options(bad);
  kernel.files = picked(difference.files, good.files, bad.files, changes);
  kernel.threads = picked(difference.threads, good.threads, bad.threads, changes);
  kernel.checks = checks_of_both(good, bad);
  return kernel;
}

std::string fragment_with(const KernelDifference& difference, const ChangeSet& changes) {
  const bool differ =
      std::ranges::any_of(difference.options, [](const ListedItem& item) { return item.change.has_value(); });
  if (!differ || changes.empty() || changes.size() == difference.changes.size()) return {};
  std::vector<ConfigOption> options =
      picked(difference.options, difference.good_options, difference.bad_options, changes);
  // On the good end's base an option that it has, and that is left out, would stay.
  for (const ListedItem& item : difference.options)
    if (item.change && !item.in_bad && std::ranges::binary_search(changes, *item.change))
      options.push_back({difference.good_options[*item.in_good].name, "n"});
  return "# The options of this step.\n" + to_fragment(options);
}

}  // namespace loopgate
