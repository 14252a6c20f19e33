#include "kernel/images.h"

#include <fmt/format.h>

#include <chrono>

#include "base/digest.h"
#include "base/file.h"
#include "base/process.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A kernel package is 60 to 100 MB: half an hour is enough for a line of 0.5 Mbit/s.
constexpr std::chrono::seconds fetch_limit{1800};

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Makes the checks of config options, and notes each in the image, held or not. Checks that can't be made are
// the user's mistake.
Status check_config(const Kernel& kernel, KernelImage* image) {
  bool wanted = false;
  for (const KernelCheck& check : kernel.checks) wanted = wanted || !check.config.empty();
  if (!wanted) return {};
  if (image->config.empty())
    return fail(
        ErrorKind::usage,
        fmt::format("kernel {}: a check asks for a config option, but the image has no .config", kernel.name),
        "name it with config = \"…\" under [source]");
  auto config = read_file(image->config, ErrorKind::usage);
  if (!config) return tl::unexpected(config.error());
  for (const KernelCheck& check : kernel.checks) {
    if (check.config.empty()) continue;
    const std::string seen = config_option(*config, check.config);
    const std::string& wanted_value = check.contains.empty() ? check.equals : check.contains;
    const bool passed =
        check.contains.empty() ? seen == wanted_value : seen.find(wanted_value) != std::string::npos;
    image->config_checks.push_back(
        {{"name", check.name}, {"expected", wanted_value}, {"seen", seen}, {"passed", passed}});
    if (!passed && image->failed_check.empty())
      image->failed_check = fmt::format("kernel check \"{}\" failed: {} is {}, wanted {}", check.name,
                                        check.config, seen, wanted_value);
  }
  return {};
}

std::vector<std::string> fetch_command(const fs::path& root, const KernelSource& source,
                                       const std::string& architecture, bool modules) {
  std::vector<std::string> argv = {(root / "fixtures" / "kernels" / "fetch").string()};
  if (source.deb.empty()) {
    argv.insert(argv.end(), {"--package", package_for(source, architecture), "--suite", source.suite});
  } else {
    argv.insert(argv.end(), {"--deb", source.deb.string()});
  }
  if (architecture != "arm64") argv.insert(argv.end(), {"--arch", architecture});  // its own default
  if (modules) argv.emplace_back("--modules");
  return argv;
}

Status check_architecture(const Kernel& kernel, const Board& board, const fs::path& image,
                          std::string_view bytes) {
  const bool arm64 = looks_like_arm64_kernel(bytes), amd64 = looks_like_amd64_kernel(bytes);
  if (board.architecture == "arm64" ? arm64 : amd64) return {};
  if (arm64 || amd64)
    return fail(ErrorKind::usage,
                fmt::format("kernel {}: {} is for {}, and board {} is {}", kernel.name, image.string(),
                            arm64 ? "arm64" : "amd64", board.name, board.architecture));
  return fail(
      ErrorKind::usage,
      fmt::format("kernel {}: {} is no {} kernel image", kernel.name, image.string(), board.architecture),
      fmt::format("name an Image, Image.gz or vmlinuz file of an {} kernel", board.architecture));
}

// In the cache, by its content. The kernel unpacks archives one after the other, so `bytes` may be several.
Status keep_initrd(const std::string& bytes, TargetImage* target) {
  target->initrd_sha256 = sha256_of(bytes);
  const fs::path folder = cache_directory() / "initrd";
  target->initrd = folder / (target->initrd_sha256.substr(0, 16) + ".cpio");
  std::error_code error;
  if (fs::file_size(target->initrd, error) == bytes.size() && !error) return {};
  if (auto made = make_directories(folder); !made) return made;
  return write_file_atomically(target->initrd, bytes);
}

}  // namespace

bool looks_like_arm64_kernel(std::string_view begin) {
  if (begin.size() < 64) return false;
  return begin.substr(56, 4) == "ARM\x64" || begin.substr(4, 4) == "zimg" || begin.substr(0, 2) == "\x1f\x8b";
}

bool looks_like_amd64_kernel(std::string_view begin) {
  return begin.size() >= 0x206 && begin.substr(0x202, 4) == "HdrS";
}

std::string build_command_for(const std::string& architecture) {
  return architecture == "arm64" ? "cmake --build build"
                                 : "cmake --build build --target target-" + architecture;
}

std::string config_option(std::string_view config, const std::string& option) {
  const std::string prefix = option.starts_with("CONFIG_") ? option + "=" : "CONFIG_" + option + "=";
  std::size_t at = 0;
  while (at < config.size()) {
    std::size_t end = config.find('\n', at);
    if (end == std::string_view::npos) end = config.size();
    std::string_view line = config.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(prefix)) continue;
    line.remove_prefix(prefix.size());
    if (line.size() >= 2 && line.front() == '"') line = line.substr(1, line.size() - 2);
    return std::string(line);
  }
  return "n";
}

Images::Images(fs::path root, fs::path programs, Notify tell)
    : root_(std::move(root)), programs_(std::move(programs)), tell_(std::move(tell)) {}

Result<json> Images::run_script(const std::vector<std::string>& argv) const {
  auto finished = run_program(argv, fetch_limit, tell_);
  if (!finished) return tl::unexpected(finished.error());
  if (finished->exit_status != 0) {
    std::string last = finished->errors;
    while (!last.empty() && last.back() == '\n') last.pop_back();
    if (const auto line = last.rfind('\n'); line != std::string::npos) last.erase(0, line + 1);
    return fail(finished->exit_status == 2 ? ErrorKind::usage : ErrorKind::infrastructure, last,
                fmt::format("the command was: {}", quoted(argv)));
  }
  auto answer = json::parse(finished->output, nullptr, false);
  if (!answer.is_object())
    return fail(ErrorKind::infrastructure, fmt::format("{} gave no JSON object", argv[0]));
  return answer;
}

Result<KernelImage> Images::kernel(const Kernel& kernel, const Board& board) const {
  KernelImage image;
  const KernelSource& source = kernel.source;
  if (!source.image.empty()) {
    image.image = source.image;
    image.config = source.config;
  } else {
    auto fetched = run_script(fetch_command(root_, source, board.architecture, false));
    if (!fetched) return tl::unexpected(fetched.error());
    image.image = text_of(*fetched, "image");
    image.config = source.config.empty() ? fs::path(text_of(*fetched, "config")) : source.config;
    image.package = text_of(*fetched, "package");
    image.version = text_of(*fetched, "version");
    image.release = text_of(*fetched, "release");
  }
  auto bytes = read_file(image.image, ErrorKind::usage);
  if (!bytes) return tl::unexpected(bytes.error());
  if (auto fits = check_architecture(kernel, board, image.image, *bytes); !fits)
    return tl::unexpected(fits.error());
  image.image_sha256 = sha256_of(*bytes);
  if (!source.load.empty()) {
    std::vector<std::string> argv = {(root_ / "fixtures" / "kernels" / "modules").string(), "--from",
                                     source.modules.string()};
    for (const std::string& module : source.load) argv.insert(argv.end(), {"--load", module});
    auto packed = run_script(argv);
    if (!packed) return tl::unexpected(packed.error());
    image.modules = text_of(*packed, "archive");
    auto digest = sha256_of_file(image.modules);
    if (!digest || *digest != text_of(*packed, "sha256"))
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: the archive of modules is damaged", image.modules.string()),
                  "remove it: it is made again");
  }
  if (auto made = check_config(kernel, &image); !made) return tl::unexpected(made.error());
  return image;
}

Result<TargetImage> Images::target(const Board& board) const {
  auto made = run_script({(root_ / "fixtures" / "rootfs" / "make").string(), "--arch", board.architecture});
  if (!made) return tl::unexpected(made.error());
  TargetImage target;
  auto base = read_file(text_of(*made, "image"));
  if (!base) return tl::unexpected(base.error());
  auto programs = read_file(programs_);
  if (!programs)
    return fail(ErrorKind::infrastructure, programs.error().what,
                "build the target's programs: " + build_command_for(board.architecture));
  auto manifest_text = read_file(text_of(*made, "manifest"));
  if (!manifest_text) return tl::unexpected(manifest_text.error());
  const json manifest = json::parse(*manifest_text, nullptr, false);
  if (manifest.is_object() && manifest.contains("packages")) target.packages = manifest["packages"];
  target.base = text_of(*made, "image");
  target.programs = programs_;
  target.base_sha256 = sha256_of(*base);
  target.programs_sha256 = sha256_of(*programs);
  if (auto kept = keep_initrd(*base + *programs, &target); !kept) return tl::unexpected(kept.error());
  return target;
}

Result<TargetImage> Images::with_modules(const TargetImage& target, const fs::path& modules) const {
  auto base = read_file(target.initrd);
  if (!base) return tl::unexpected(base.error());
  auto archive = read_file(modules);
  if (!archive) return tl::unexpected(archive.error());
  TargetImage extended = target;
  if (auto kept = keep_initrd(*base + *archive, &extended); !kept) return tl::unexpected(kept.error());
  return extended;
}

Result<fs::path> Images::initramfs(const Kernel& kernel, const Board& board) const {
  const KernelSource& source = kernel.source;
  std::vector<std::string> load = board.boot ? board.boot->modules : std::vector<std::string>();
  load.insert(load.end(), source.load.begin(), source.load.end());
  std::vector<std::string> argv = {(root_ / "fixtures" / "disk" / "initramfs").string(), "--arch",
                                   board.architecture};
  if (!load.empty()) {
    fs::path modules = source.modules;
    if (source.image.empty()) {
      auto fetched = run_script(fetch_command(root_, source, board.architecture, true));
      if (!fetched) return tl::unexpected(fetched.error());
      modules = text_of(*fetched, "modules");
    }
    if (modules.empty())
      return fail(ErrorKind::usage,
                  fmt::format("kernel {}: board {} needs modules loaded ({}), and the image comes with none",
                              kernel.name, board.name, fmt::join(load, ", ")),
                  "name its lib/modules/RELEASE with modules = \"…\" under [source]");
    argv.insert(argv.end(), {"--modules", modules.string()});
    for (const std::string& module : load) argv.insert(argv.end(), {"--load", module});
  }
  const fs::path folder = cache_directory() / "initramfs";
  if (auto done = make_directories(folder); !done) return tl::unexpected(done.error());
  const fs::path file = folder / (sha256_of(quoted(argv)).substr(0, 16) + ".gz");
  argv.insert(argv.end(), {"--out", file.string()});
  auto made = run_script(argv);
  if (!made) return tl::unexpected(made.error());
  auto digest = sha256_of_file(file);
  if (!digest) return tl::unexpected(digest.error());
  if (*digest != text_of(*made, "sha256"))
    return fail(ErrorKind::infrastructure, fmt::format("{}: is not what was made there", file.string()),
                "does another program write into the cache? run it again");
  return file;
}

}  // namespace loopgate
