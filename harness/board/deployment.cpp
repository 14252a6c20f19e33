#include "board/deployment.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/process.h"
#include "machine/console.h"

namespace loopgate {
namespace {

using Clock = BoardLink::Clock;

// A boot partition may be on a slow card, and sync waits for it.
constexpr std::chrono::seconds script_limit{120};
constexpr std::chrono::seconds first_met_within{60};
constexpr std::uintmax_t spare_bytes = 1 << 20;

std::string short_digest(const std::string& digest) { return digest.substr(0, 12); }

Error not_back(const Error& why) {
  return {ErrorKind::infrastructure, "THE BOARD IS NOT BACK on its known-good kernel: " + why.what,
          "switch its power off and on by hand: its default was never changed"};
}

}  // namespace

// The candidate's two files. On the board each is NAME while it is to be booted, and NAME.DIGEST while
// another one is: interleaved boots copy nothing.
struct Deployment::Files {
  struct One {
    std::string name;
    std::filesystem::path file;
    std::string digest;
  };
  One kernel{"kernel", {}, {}};
  One initrd{"initrd", {}, {}};
};

Deployment::Deployment(const Board& board, const LabBoard& lab, BoardLink* link, Notify tell)
    : name_(board.name),
      boot_(board.ssh()),
      power_(lab),
      link_(link),
      tell_(std::move(tell)),
      once_(BootOnce::make(boot_)) {}

bool Deployment::panicked() const {
  return console_ != nullptr && read_console(console_->text()).kernel_failed;
}

namespace {

// What an Image.gz holds; empty for an image that is none.
Result<std::string> unpacked_image(const std::filesystem::path& file, std::string_view bytes) {
  if (!bytes.starts_with("\x1f\x8b")) return std::string();
  constexpr std::chrono::seconds unpack_limit{60};
  auto unpacked = run_program({"gzip", "-dc", file.string()}, unpack_limit);
  if (!unpacked) return tl::unexpected(unpacked.error());
  if (unpacked->exit_status != 0)
    return fail(ErrorKind::usage, fmt::format("{} cannot be unpacked: {}", file.string(), unpacked->errors));
  return std::move(unpacked->output);
}

}  // namespace

Result<Candidate> Deployment::candidate_of(const KernelFiles& kernel, const std::string& arguments,
                                           Files* files) const {
  if (kernel.initramfs.empty())
    return fail(ErrorKind::infrastructure, "the candidate has no initramfs: KernelProvider makes it");
  auto initrd = sha256_of_file(kernel.initramfs);
  if (!initrd) return tl::unexpected(initrd.error());
  auto image = read_file(kernel.image);
  if (!image) return tl::unexpected(image.error());
  if (sha256_of(*image) != kernel.image_sha256)
    return fail(ErrorKind::infrastructure,
                fmt::format("{} was changed while the run went on", kernel.image.string()));
  files->kernel.file = kernel.image;
  files->kernel.digest = kernel.image_sha256;
  files->initrd.file = kernel.initramfs;
  files->initrd.digest = *initrd;
  Candidate candidate;
  candidate.mark = short_digest(sha256_of(kernel.image_sha256 + *initrd + arguments));
  candidate.command_line = candidate_command_line(boot_, arguments, candidate.mark);
  candidate.release = kernel.release;
  auto unpacked = unpacked_image(kernel.image, *image);
  if (!unpacked) return tl::unexpected(unpacked.error());
  candidate.banners = banners_in(unpacked->empty() ? *image : *unpacked);
  candidate.build = build_in(*image);
  if (candidate.build.empty()) candidate.build = kernel.provenance.version;
  if (candidate.release.empty() && candidate.banners.empty() && candidate.build.empty())
    tell(
        fmt::format("{}: {} does not say which kernel it is: that it is the one that runs is known by its "
                    "digest and its mark "
                    "alone",
                    name_, kernel.image.string()));
  return candidate;
}

namespace {

// Puts what is there in its place, and says of each file whether it is there, whole.
std::string choose_script(const std::string& place, const std::string& name, const std::string& digest) {
  return fmt::format(
      "cd {0} 2> /dev/null || {{ echo absent; exit 0; }}\n"
      "if [ -e {1} ] && [ \"$(cat {1}.is 2> /dev/null)\" != {2} ]; then\n"
      "  if [ -s {1}.is ]; then mv -f {1} {1}.\"$(cat {1}.is)\"; else rm -f {1}; fi\n"
      "fi\n"
      "if [ ! -e {1} ] && [ -e {1}.{2} ]; then echo {2} > {1}.is && mv -f {1}.{2} {1}; fi\n"
      "seen=$(sha256sum {1} 2> /dev/null)\n"
      "if [ \"${{seen%% *}}\" = {3} ]; then echo present; else rm -f {1} {1}.is; echo absent; fi\n",
      quoted({place}), name, short_digest(digest), digest);
}

}  // namespace

Status Deployment::make_room(const Files& files, std::uintmax_t bytes) {
  const std::uintmax_t needed = bytes + spare_bytes;
  auto free = link_->remote()->free_bytes(once_->folder());
  if (!free) return tl::unexpected(free.error());
  if (*free >= needed) return {};
  // Candidates whose turn is over, or comes again.
  auto removed =
      link_->remote()->ask(fmt::format("cd {} 2> /dev/null && rm -f {}.* {}.*\nsync",
                                       quoted({once_->place()}), files.kernel.name, files.initrd.name),
                           script_limit);
  if (!removed) return tl::unexpected(removed.error());
  free = link_->remote()->free_bytes(once_->folder());
  if (!free) return tl::unexpected(free.error());
  if (*free >= needed) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: no room for the candidate in {}: {} MiB are free, {} MiB are needed", name_,
                          once_->folder(), *free >> 20U, (needed >> 20U) + 1),
              "make room on the board's boot partition");
}

Status Deployment::install(const Files& files) {
  Remote* remote = link_->remote();
  for (const Files::One* one : {&files.kernel, &files.initrd}) {
    const std::string choose = choose_script(once_->place(), one->name, one->digest);
    auto there = remote->ask(choose, script_limit);
    if (!there) return tl::unexpected(there.error());
    if (*there == "present\n") continue;
    std::error_code ignored;
    if (auto room = make_room(files, std::filesystem::file_size(one->file, ignored)); !room) return room;
    tell(fmt::format("{}: copying {}", name_, one->file.filename().string()));
    const std::string stored = fmt::format("{}/{}.{}", once_->place(), one->name, short_digest(one->digest));
    if (auto copied = remote->copy_in(one->file, stored); !copied) return copied;
    there = remote->ask(choose, script_limit);
    if (!there) return tl::unexpected(there.error());
    if (*there != "present\n")
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: {} is not what was written there", name_, stored),
                  "is the board's disk sound?");
  }
  return {};
}

Result<RunningKernel> Deployment::boot(const KernelFiles& kernel, const std::string& arguments) {
  Files files;
  auto candidate = candidate_of(kernel, arguments, &files);
  if (!candidate) return tl::unexpected(candidate.error());
  auto home = go_home();
  if (!home) return home;
  const auto prepare = [&]() -> Status {
    if (auto fit = link_->remote()->ask(once_->check()); !fit) return tl::unexpected(fit.error());
    if (auto done = install(files); !done) return done;
    auto armed = link_->remote()->ask(once_->arm(candidate->command_line), script_limit);
    if (!armed) return tl::unexpected(armed.error());
    return {};
  };
  if (auto done = prepare(); !done) {
    (void)leave();  // not armed any more, if the board still hears it
    return tl::unexpected(done.error());
  }
  tell(fmt::format("{}: booting {}", name_,
                   candidate->release.empty() ? kernel.image.string() : candidate->release));
  return start(*candidate, *home);
}

Result<RunningKernel> Deployment::start(const Candidate& candidate, const RunningKernel& home) {
  if (auto told = link_->remote()->ask(once_->restart(), script_limit); !told && link_->connected()) {
    (void)leave();
    return tl::unexpected(told.error());
  }
  link_->close();
  if (console_ != nullptr) console_->mark();
  const auto deadline = Clock::now() + std::chrono::seconds(boot_.boot_timeout_s);
  auto seen = link_->await_boot(home.boot_id, deadline, [&] { return power_.can_switch() && panicked(); });
  if (seen && difference(candidate, *seen).empty()) return seen;
  const Error why = why_not(candidate, seen);
  auto back = go_home();
  if (!back)
    return fail(ErrorKind::infrastructure, why.what + "; and " + back.error().what, back.error().next_step);
  return tl::unexpected(why);
}

// Whose fault was it that another kernel runs, or none?
Error Deployment::why_not(const Candidate& candidate, const Result<RunningKernel>& seen) const {
  const std::string log = console_ == nullptr ? "" : console_->text();
  const ConsoleFinding finding = read_console(log);
  if (finding.kernel_failed)
    return {ErrorKind::kernel, "the kernel did not boot: " + finding.what, "see console.log"};
  constexpr std::string_view word = "loopgate-initramfs: ";
  const std::size_t at = log.rfind("; restarting");
  const std::size_t begin = at == std::string::npos ? at : log.rfind(word, at);
  if (begin != std::string::npos)
    return {ErrorKind::infrastructure,
            "the candidate did not find the board's own system: " +
                log.substr(begin + word.size(), at - begin - word.size()),
            "see root and modules in the board's file, and console.log"};
  if (!seen && (link_->refused() || seen.error().what.find(still_before) != std::string::npos))
    return seen.error();
  if (!seen)
    return {ErrorKind::kernel,
            fmt::format("the kernel did not boot: it was not reached within {} s ({})", boot_.boot_timeout_s,
                        seen.error().what),
            console_ == nullptr ? "a serial console would say more: console in lab.toml" : "see console.log"};
  if (seen->mark == candidate.mark)
    return {ErrorKind::infrastructure,
            "the kernel that boots is not the one that was deployed: " + difference(candidate, *seen),
            "does the image belong to its package?"};
  const std::string what = fmt::format("the kernel did not boot: {}", difference(candidate, *seen));
  // The kernel prints its command line first: with it on the console, the boot loader did its part.
  if (log.find(candidate.mark) != std::string::npos) return {ErrorKind::kernel, what, "see console.log"};
  return {ErrorKind::infrastructure, what + ", and nothing shows that it was started",
          console_ == nullptr
              ? "a serial console tells a boot loader's failure from the kernel's: console in "
                "lab.toml"
              : "what does the boot loader say? see console.log"};
}

Result<RunningKernel> Deployment::is_home(const RunningKernel& kernel) {
  if (known_good_.empty()) known_good_ = kernel.version;
  if (kernel.version == known_good_) return kernel;
  return tl::unexpected(not_back(
      {ErrorKind::infrastructure,
       fmt::format("it was found with \"{}\", and runs \"{}\" now", known_good_, kernel.version), ""}));
}

Result<RunningKernel> Deployment::go_home(bool anew) {
  auto now = link_->look();
  if (!now && !link_->refused()) {
    // What was connected may be gone without a word; and a board that is met for the first time may be
    // booting.
    const auto patience = known_good_.empty() ? first_met_within : std::chrono::seconds(0);
    now = link_->await_boot("", Clock::now() + patience);
  }
  if (now && now->mark.empty() && !anew) return is_home(*now);
  tell(fmt::format("{}: back to the known-good kernel", name_));
  auto back = now ? restart_home(*now) : switch_home();
  if (!back) back = switch_home();
  if (!back) return tl::unexpected(not_back(back.error()));
  if (anew && now && back->boot_id == now->boot_id)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: was told to restart, and {}", name_, still_before),
                "restart it by hand: something of a cell may still run there");
  return is_home(*back);
}

Result<RunningKernel> Deployment::restart_home(const RunningKernel& now) {
  (void)link_->remote()->ask(restart_script(), script_limit);  // it may be gone before it answers
  link_->close();
  auto back = link_->await_boot(now.boot_id, Clock::now() + std::chrono::seconds(boot_.boot_timeout_s));
  if (back && !back->mark.empty())
    return fail(ErrorKind::infrastructure, "it restarted, and a candidate runs again");
  return back;
}

// Without a switch, a kernel that panics restarts by itself: then it is only waited for.
Result<RunningKernel> Deployment::switch_home() {
  if (power_.can_switch()) {
    tell(fmt::format("{}: switching its power off and on", name_));
    link_->close();
    if (auto cycled = power_.cycle(); !cycled) return tl::unexpected(cycled.error());
  }
  auto back = link_->await_boot("", Clock::now() + std::chrono::seconds(boot_.boot_timeout_s));
  if (back && !back->mark.empty()) return restart_home(*back);
  return back;
}

Status Deployment::leave() {
  auto home = go_home();
  if (!home) return tl::unexpected(home.error());
  if (auto removed = link_->remote()->ask(once_->remove(), script_limit); !removed)
    return fail(ErrorKind::infrastructure,
                fmt::format("the board is back on its known-good kernel, but {} could not be removed: {}",
                            once_->place(), removed.error().what),
                "remove it by hand: it is not armed any more once the board has booted");
  return {};
}

}  // namespace loopgate
