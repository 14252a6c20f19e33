#include "board/board_link.h"

#include <fmt/format.h>

#include <thread>
#include <utility>

namespace loopgate {
namespace {

constexpr std::chrono::milliseconds between_tries{500};
constexpr std::chrono::seconds identify_limit{30};

}  // namespace

Error still_on_previous_boot(const std::string& board, std::string next_step) {
  return {ErrorKind::infrastructure,
          fmt::format("{}: asked to restart, but it is still on the previous boot", board),
          std::move(next_step)};
}

bool BoardLink::refused() const {
  return trouble_ == SshTrouble::host_key_changed || trouble_ == SshTrouble::host_key_unknown ||
         trouble_ == SshTrouble::permission_denied || trouble_ == SshTrouble::configuration;
}

Result<RunningKernel> BoardLink::identify() {
  trouble_ = SshTrouble::other;
  if (!connected()) {
    remote_.reset();
    auto remote = Remote::connect(lab_, limits_, &trouble_);
    if (!remote) return tl::unexpected(remote.error());
    remote_ = std::move(*remote);
  }
  auto kernel = remote_->run_script(running_kernel_script(), identify_limit).and_then(parse_running_kernel);
  if (!kernel) close();
  return kernel;
}

Result<RunningKernel> BoardLink::await_boot(const std::string& before, Clock::time_point deadline,
                                            const std::function<bool()>& give_up) {
  for (;;) {
    auto kernel = identify();
    last_wait_ = BootWait::answered;
    if (kernel && kernel->boot_id != before) return kernel;
    last_wait_ = refused() ? BootWait::refused : BootWait::no_answer;
    if (!kernel && refused()) return kernel;
    close();
    const bool late = Clock::now() + between_tries > deadline;
    if (late && kernel) {
      last_wait_ = BootWait::previous_boot;
      return tl::unexpected(still_on_previous_boot(lab_.ssh));
    }
    if (late || (give_up && give_up())) return kernel;
    std::this_thread::sleep_for(between_tries);
  }
}

}  // namespace loopgate
