#include "board/deployment.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/process.h"
#include "record/console.h"

namespace loopgate {
namespace {

using Clock = BoardLink::Clock;

// A boot partition may be on a slow SD card, and sync waits for it.
constexpr std::chrono::seconds script_limit{120};
constexpr std::chrono::seconds first_met_within{60};
constexpr std::uintmax_t spare_bytes = 1 << 20;

std::string short_digest(const std::string& digest) { return digest.substr(0, 12); }

Error not_back(const Error& why) {
  return {ErrorKind::infrastructure, "THE BOARD IS NOT BACK on its known-good kernel: " + why.what,
          "cycle its power by hand: its default boot entry was never changed"};
}

}  // namespace

// The candidate's two files. On the board each is NAME while it is the one to boot, and NAME.DIGEST
// otherwise, so that switching between candidates copies nothing.
struct Deployment::Files {
  struct One {
    std::string name;
    std::filesystem::path file;
    std::string digest;
  };
  One kernel{"kernel", {}, {}};
  One initrd{"initrd", {}, {}};
};

Deployment::Deployment(const Board& board, const LabBoard& lab, BoardLink* link, Notify notify)
    : name_(board.name),
      boot_(board.ssh()),
      power_(lab),
      link_(link),
      notify_(std::move(notify)),
      once_(BootOnce::make(boot_)) {}

bool Deployment::panicked() const {
  return console_ != nullptr && read_console(console_->text()).kernel_failed;
}

Result<Candidate> Deployment::make_candidate(const KernelFiles& kernel, const std::string& arguments,
                                             Files* files) const {
  if (kernel.initramfs.empty())
    return fail(ErrorKind::infrastructure, "the candidate has no initramfs; KernelProvider makes one");
  auto initrd = sha256_of_file(kernel.initramfs);
  if (!initrd) return tl::unexpected(initrd.error());
  auto image = read_file(kernel.image);
  if (!image) return tl::unexpected(image.error());
  if (sha256_of(*image) != kernel.image_sha256)
    return fail(ErrorKind::infrastructure,
                fmt::format("{} was changed during the run", kernel.image.string()));
  files->kernel.file = kernel.image;
  files->kernel.digest = kernel.image_sha256;
  files->initrd.file = kernel.initramfs;
  files->initrd.digest = *initrd;
  Candidate candidate;
  candidate.mark = short_digest(sha256_of(kernel.image_sha256 + *initrd + arguments));
  candidate.command_line = candidate_command_line(boot_, arguments, candidate.mark);
  candidate.release = kernel.release;
  candidate.banners = banners_in(*image);  // KernelProvider has unpacked it
  candidate.build = build_in(*image);
  if (candidate.build.empty()) candidate.build = kernel.provenance.version;
  if (candidate.release.empty() && candidate.banners.empty() && candidate.build.empty())
    notify(
        fmt::format("{}: {} carries no version string; the running kernel is identified by digest and boot "
                    "marker only",
                    name_, kernel.image.string()));
  return candidate;
}

namespace {

// Moves a stored file into place, and prints whether the file is present and intact.
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
  // Remove the other candidates; those that are needed again are copied again.
  auto removed =
      link_->remote()->run_script(fmt::format("cd {} 2> /dev/null && rm -f {}.* {}.*\nsync",
                                              quoted({once_->place()}), files.kernel.name, files.initrd.name),
                                  script_limit);
  if (!removed) return tl::unexpected(removed.error());
  free = link_->remote()->free_bytes(once_->folder());
  if (!free) return tl::unexpected(free.error());
  if (*free >= needed) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: {} MiB are free in {}, but the candidate needs {} MiB", name_, *free >> 20U,
                          once_->folder(), (needed >> 20U) + 1),
              "free space on the board's boot partition");
}

Status Deployment::install(const Files& files) {
  Remote* remote = link_->remote();
  for (const Files::One* one : {&files.kernel, &files.initrd}) {
    const std::string choose = choose_script(once_->place(), one->name, one->digest);
    auto there = remote->run_script(choose, script_limit);
    if (!there) return tl::unexpected(there.error());
    if (*there == "present\n") continue;
    std::error_code ignored;
    if (auto room = make_room(files, std::filesystem::file_size(one->file, ignored)); !room) return room;
    notify(fmt::format("{}: copying {}", name_, one->file.filename().string()));
    const std::string stored = fmt::format("{}/{}.{}", once_->place(), one->name, short_digest(one->digest));
    if (auto copied = remote->copy_in(one->file, stored); !copied) return copied;
    there = remote->run_script(choose, script_limit);
    if (!there) return tl::unexpected(there.error());
    if (*there != "present\n")
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: {} differs from what was written to it", name_, stored),
                  "check the board's disk");
  }
  return {};
}

Status Deployment::check_method() {
  auto fit = link_->remote()->run_script(once_->check());
  if (fit) return {};
  const BootRefusal refusal = split_refusal(fit.error().what);
  return fail(fit.error().kind, refusal.what,
              refusal.next_step.empty() ? fit.error().next_step : refusal.next_step);
}

Result<RunningKernel> Deployment::boot(const KernelFiles& kernel, const std::string& arguments) {
  Files files;
  auto candidate = make_candidate(kernel, arguments, &files);
  if (!candidate) return tl::unexpected(candidate.error());
  auto known_good = return_to_known_good();
  if (!known_good) return known_good;
  const auto prepare = [&]() -> Status {
    TRY_STATUS(check_method());
    if (auto done = install(files); !done) return done;
    auto armed = link_->remote()->run_script(once_->arm(candidate->command_line), script_limit);
    if (!armed) return tl::unexpected(armed.error());
    return {};
  };
  if (auto done = prepare(); !done) {
    (void)leave();  // disarms, if the board is still reachable
    return tl::unexpected(done.error());
  }
  notify(fmt::format("{}: booting {}", name_,
                     candidate->release.empty() ? kernel.image.string() : candidate->release));
  return start(*candidate, *known_good);
}

Result<RunningKernel> Deployment::start(const Candidate& candidate, const RunningKernel& known_good) {
  if (auto asked = link_->remote()->run_script(once_->restart(), script_limit);
      !asked && link_->connected()) {
    (void)leave();
    return tl::unexpected(asked.error());
  }
  link_->close();
  if (console_ != nullptr) console_->mark();
  const auto deadline = Clock::now() + std::chrono::seconds(boot_.boot_timeout_s);
  auto seen =
      link_->await_boot(known_good.boot_id, deadline, [&] { return power_.can_switch() && panicked(); });
  if (seen && difference(candidate, *seen).empty()) return seen;
  const Error why = boot_failure(candidate, seen);
  auto back = return_to_known_good();
  if (!back)
    return fail(ErrorKind::infrastructure, why.what + "; and " + back.error().what, back.error().next_step);
  return tl::unexpected(why);
}

// Why another kernel runs, or none, and whether the bench or the kernel caused it.
Error Deployment::boot_failure(const Candidate& candidate, const Result<RunningKernel>& seen) const {
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
  const BootWait wait = link_->last_wait();
  if (!seen && (wait == BootWait::refused || wait == BootWait::previous_boot)) return seen.error();
  if (!seen)
    return {ErrorKind::kernel,
            fmt::format("the kernel did not boot: no connection within {} s ({})", boot_.boot_timeout_s,
                        seen.error().what),
            console_ == nullptr ? "add a serial console to see why: console in lab.toml" : "see console.log"};
  if (seen->mark == candidate.mark)
    return {ErrorKind::infrastructure,
            "the booted kernel is not the deployed one: " + difference(candidate, *seen),
            "check that the image belongs to its package"};
  const std::string what = fmt::format("the kernel did not boot: {}", difference(candidate, *seen));
  // The kernel prints its command line first: with it on the console, the boot loader did its part.
  if (log.find(candidate.mark) != std::string::npos) return {ErrorKind::kernel, what, "see console.log"};
  return {ErrorKind::infrastructure, what + ", and nothing shows that it was started",
          console_ == nullptr
              ? "add a serial console to tell a boot loader's failure from the kernel's: console "
                "in lab.toml"
              : "see the boot loader's messages in console.log"};
}

Result<RunningKernel> Deployment::verify_known_good(const RunningKernel& kernel) {
  if (known_good_.empty()) known_good_ = kernel.version;
  if (kernel.version == known_good_) return kernel;
  return tl::unexpected(
      not_back({ErrorKind::infrastructure,
                fmt::format("it ran \"{}\" at first and runs \"{}\" now", known_good_, kernel.version), ""}));
}

Result<RunningKernel> Deployment::return_to_known_good(bool anew) {
  auto now = link_->identify();
  if (!now && !link_->refused()) {
    // A connection may have broken silently, and a board that was not reached yet may be booting.
    const auto patience = known_good_.empty() ? first_met_within : std::chrono::seconds(0);
    now = link_->await_boot("", Clock::now() + patience);
  }
  if (now && now->mark.empty() && !anew) return verify_known_good(*now);
  // It answers and does not let us in, and was never ours: its power would not change that, and may be
  // another board's.
  if (!now && link_->refused() && known_good_.empty()) return now;
  notify(fmt::format("{}: returning to the known-good kernel", name_));
  auto back = now ? reboot_to_known_good(*now) : power_cycle_to_known_good();
  if (!back) back = power_cycle_to_known_good();
  if (!back) return tl::unexpected(not_back(back.error()));
  if (anew && now && back->boot_id == now->boot_id)
    return tl::unexpected(
        still_on_previous_boot(name_, "restart it by hand: a cell's processes may still run there"));
  return verify_known_good(*back);
}

Result<RunningKernel> Deployment::reboot_to_known_good(const RunningKernel& now) {
  (void)link_->remote()->run_script(restart_script(),
                                    script_limit);  // the connection may end before the answer
  link_->close();
  auto back = link_->await_boot(now.boot_id, Clock::now() + std::chrono::seconds(boot_.boot_timeout_s));
  if (back && !back->mark.empty())
    return fail(ErrorKind::infrastructure, "it restarted, but a candidate runs again");
  return back;
}

// Without a power switch, waits for the board to restart by itself, as it does after a panic.
Result<RunningKernel> Deployment::power_cycle_to_known_good() {
  if (power_.can_switch()) {
    notify(fmt::format("{}: cycling its power", name_));
    link_->close();
    if (auto cycled = power_.cycle(); !cycled) return tl::unexpected(cycled.error());
  }
  auto back = link_->await_boot("", Clock::now() + std::chrono::seconds(boot_.boot_timeout_s));
  if (back && !back->mark.empty()) return reboot_to_known_good(*back);
  return back;
}

Status Deployment::leave() {
  auto known_good = return_to_known_good();
  if (!known_good) return tl::unexpected(known_good.error());
  if (auto removed = link_->remote()->run_script(once_->remove(), script_limit); !removed)
    return fail(ErrorKind::infrastructure,
                fmt::format("the board is back on its known-good kernel, but {} could not be removed: {}",
                            once_->place(), removed.error().what),
                "remove it by hand; it is disarmed since the board has booted");
  return {};
}

}  // namespace loopgate
