#include "config/kernel.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "base/file.h"
#include "config/toml_table.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Whatever else brings a kernel brings its modules.
ImageSource read_image(TomlReader* reader, const fs::path& folder, const std::string& image) {
  ImageSource source{folder / image, {}, {}};
  std::string modules;
  reader->optional("modules", &modules);
  reader->optional("load", &source.load);
  if (!image.empty() && modules.empty() != source.load.empty())
    reader->refuse("load", "and modules go together: which modules, and the folder lib/modules/RELEASE");
  if (!modules.empty()) source.modules = folder / modules;
  return source;
}

std::vector<fs::path> paths_in(TomlReader* reader, const char* key, const fs::path& folder) {
  std::vector<std::string> names;
  reader->optional(key, &names);
  std::vector<fs::path> paths;
  for (const std::string& name : names) {
    if (name.empty()) reader->refuse(key, "has an empty name");
    paths.push_back(folder / name);
  }
  return paths;
}

bool is_toolchain(const std::string& name) {
  constexpr std::string_view clang = "clang-";
  if (name == "gcc") return true;
  return name.size() > clang.size() && name.starts_with(clang) &&
         name.find_first_not_of("0123456789", clang.size()) == std::string::npos;
}

constexpr std::array build_keys = {"commit",  "reverted",  "base",         "fragments",
                                   "patches", "toolchain", "architecture", "unknown_options"};

BuildSource read_build(TomlReader* reader, const fs::path& folder) {
  BuildSource source;
  std::string tree;
  if (reader->optional("tree", &tree)) source.tree = folder / tree;
  if (reader->optional("commit", &source.commit) && source.commit.empty())
    reader->refuse("commit", "is empty");
  reader->optional("reverted", &source.reverted);
  if (!source.reverted.empty() && source.commit.empty()) reader->refuse("reverted", "goes with commit");
  reader->optional("source_package", &source.source_package);
  reader->optional("suite", &source.suite);
  const bool based = reader->optional("base", &source.base);
  if (based && source.base.empty()) reader->refuse("base", "is empty");
  if (source.base != "defconfig" && source.base != "tinyconfig")
    source.base = (folder / source.base).string();
  source.fragments = paths_in(reader, "fragments", folder);
  source.patches = paths_in(reader, "patches", folder);
  if (std::string name; reader->optional("architecture", &name)) {
    source.architecture = architecture_named(name);
    if (!source.architecture || *source.architecture == Architecture::armhf)  // run/fits.cpp says so too
      reader->refuse("architecture", "must be arm64 or amd64");
  }
  std::string unknown_options = "refused";
  reader->optional("unknown_options", &unknown_options);
  if (unknown_options != "refused" && unknown_options != "allowed")
    reader->refuse("unknown_options", "must be refused or allowed");
  source.unknown_options_allowed = unknown_options == "allowed";
  reader->optional("toolchain", &source.toolchain);
  if (!is_toolchain(source.toolchain))
    reader->refuse("toolchain", "must be gcc or clang-N, such as clang-19");
  return source;
}

Status read_source(TomlTable table, const fs::path& folder, Kernel* kernel) {
  TomlReader reader(std::move(table));
  PackageSource package;
  std::string deb, image, config, tree, source_package;
  const bool from_archive = reader.optional("package", &package.package);
  const bool from_deb = reader.optional("deb", &deb);
  const bool from_image = reader.optional("image", &image);
  const bool from_tree = reader.optional("tree", &tree);
  const bool built = reader.optional("source_package", &source_package) || from_tree;
  for (const auto& [key, value] : {std::pair<const char*, const std::string&>{"package", package.package},
                                   {"deb", deb},
                                   {"image", image},
                                   {"tree", tree},
                                   {"source_package", source_package}}) {
    if (reader.has(key) && value.empty()) reader.refuse(key, "is empty");
  }
  const int given = int{from_archive} + int{from_deb} + int{from_image} + int{from_tree} +
                    int{reader.has("source_package")};
  if (given != 1) reader.refuse("package", "deb, image, tree, source_package: give exactly one of the five");
  reader.optional("suite", &package.suite);
  BuildSource build = read_build(&reader, folder);
  for (const char* key : build_keys) {
    if (reader.has(key) && !built) reader.refuse(key, "goes with tree and source_package");
  }
  if (!from_tree && built && reader.has("commit")) reader.refuse("commit", "goes with tree");
  if (built && reader.has("config")) reader.refuse("config", "is what the build makes: name yours with base");
  if (reader.optional("config", &config) && !config.empty()) kernel->config = folder / config;
  const ImageSource own = read_image(&reader, folder, image);
  build.load = package.load = own.load;
  if (!own.modules.empty() && !from_image) reader.refuse("modules", "goes with image alone");
  if (from_archive) kernel->source = std::move(package);
  if (from_deb) kernel->source = DebSource{folder / deb, own.load};
  if (from_image) kernel->source = own;
  if (built) kernel->source = std::move(build);
  return reader.finish();
}

// Whether the board has them is known when the two meet (run/fits.cpp).
void read_cpus_of_threads(TomlReader* item, std::vector<int>* cpus) {
  constexpr std::int64_t most = 1'023;  // of a cpu_set_t
  std::vector<std::int64_t> numbers;
  if (!item->optional("cpus", &numbers)) return;
  std::ranges::sort(numbers);
  const bool twice = std::ranges::adjacent_find(numbers) != numbers.end();
  if (numbers.empty() || twice || numbers.front() < 0 || numbers.back() > most)
    return item->refuse("cpus", "must be CPUs' numbers from 0 to 1023, each once, such as [0, 2]");
  for (const std::int64_t number : numbers) cpus->push_back(static_cast<int>(number));
}

Status read_tuning(TomlTable table, Kernel* kernel) {
  TomlReader reader(std::move(table));
  const auto files = reader.tables("file");
  const auto threads = reader.tables("thread");
  if (auto done = reader.finish(); !done) return done;
  for (const TomlTable& entry : files) {
    TomlReader item(entry);
    FileTuning tuning;
    item.required("path", &tuning.path);
    item.required("value", &tuning.value);
    item.optional("reads", &tuning.reads);
    if (auto done = item.finish(); !done) return done;
    kernel->files.push_back(tuning);
  }
  for (const TomlTable& entry : threads) {
    TomlReader item(entry);
    ThreadTuning tuning;
    std::int64_t priority = 0;
    item.required("name", &tuning.name);
    item.required("policy", &tuning.policy);
    item.optional("priority", &priority);
    item.optional("required", &tuning.required);
    if (item.optional("of_payload", &tuning.of_payload) && tuning.of_payload && !tuning.required)
      item.refuse("of_payload", "says when a thread is required, and required = false says never");
    read_cpus_of_threads(&item, &tuning.cpus);
    const bool real_time = tuning.policy == "fifo" || tuning.policy == "rr";
    if (!real_time && tuning.policy != "other") item.refuse("policy", "must be fifo, rr or other");
    if (real_time && (priority < 1 || priority > 99)) item.refuse("priority", "must be from 1 to 99");
    if (!real_time && priority != 0) item.refuse("priority", "goes with fifo and rr only");
    tuning.priority = static_cast<int>(priority);
    if (auto done = item.finish(); !done) return done;
    kernel->threads.push_back(tuning);
  }
  return {};
}

Status read_check(const TomlTable& entry, Kernel* kernel) {
  TomlReader reader(entry);
  KernelCheck check;
  reader.required("name", &check.name);
  const bool file = reader.optional("file", &check.file);
  const bool config = reader.optional("config", &check.config);
  const bool equals = reader.optional("equals", &check.equals);
  const bool contains = reader.optional("contains", &check.contains);
  if (file == config) reader.refuse("name", "needs one of file and config");
  if (file && check.file.empty()) reader.refuse("file", "is empty");
  if (config && check.config.empty()) reader.refuse("config", "is empty");
  if (equals == contains) reader.refuse("name", "needs one of equals and contains");
  if (auto done = reader.finish(); !done) return done;
  kernel->checks.push_back(check);
  return {};
}

Error with_way_out(Error error, const TomlTable& source) {
  if (!source.exists() && error.next_step.empty() && error.what.ends_with("source is missing"))
    error.next_step =
        "add a [source] with one of package, deb, image, tree or source_package: fixtures/kernels/README.md "
        "shows each";
  return error;
}

}  // namespace

std::string package_for(const PackageSource& source, Architecture architecture) {
  constexpr std::string_view place = "{architecture}";
  std::string package = source.package;
  if (const auto at = package.find(place); at != std::string::npos)
    package.replace(at, place.size(), facts_of(architecture).kernel_flavour);
  return package;
}

std::vector<std::string> modules_to_load(const KernelSource& source) {
  return std::visit([](const auto& each) { return each.load; }, source);
}

Result<Kernel> read_kernel(const fs::path& path) {
  TRY(text, read_file(path, ErrorKind::usage));
  return parse_kernel(std::move(text), path);
}

Result<Kernel> parse_kernel(std::string text, const fs::path& path) {
  auto file = TomlTable::parse_text(text, path.string());
  if (!file) return tl::unexpected(file.error());

  Kernel kernel;
  kernel.name = path.stem().string();
  kernel.sha256 = sha256_of(text);
  kernel.toml = std::move(text);
  TomlReader reader(*file);
  bool tuned = false;
  reader.required("title", &kernel.title);
  reader.optional("arguments", &kernel.arguments);
  std::string unknown_arguments = "refused";
  reader.optional("unknown_arguments", &unknown_arguments);
  if (unknown_arguments != "refused" && unknown_arguments != "allowed")
    reader.refuse("unknown_arguments", "must be refused or allowed");
  kernel.unknown_arguments_allowed = unknown_arguments == "allowed";
  const TomlTable source = reader.required_table("source");
  const TomlTable tuning = reader.table("tuning", &tuned);
  const auto checks = reader.tables("check");
  if (auto done = reader.finish(); !done) return tl::unexpected(with_way_out(done.error(), source));
  if (auto done = read_source(source, path.parent_path(), &kernel); !done)
    return tl::unexpected(done.error());
  if (tuned) {
    if (auto done = read_tuning(tuning, &kernel); !done) return tl::unexpected(done.error());
  }
  for (const TomlTable& check : checks) {
    if (auto done = read_check(check, &kernel); !done) return tl::unexpected(done.error());
  }
  return kernel;
}

}  // namespace loopgate
