#include "board/place_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/file.h"
#include "base/process.h"
#include "board/ssh_trouble.h"

namespace loopgate {
namespace {

namespace process = boost::process;
using Clock = std::chrono::steady_clock;

// Its standard input and output are one socket. A request is a line; the answer is labgrid-client's output
// and exit status. It releases the place when its input ends, for whatever reason. It runs the acquire
// itself, so that a held place always has a process that will release it; an acquire that was killed may have
// succeeded all the same. A reservation that is not cancelled expires by itself within a minute.
constexpr const char* guard_script = R"sh(
trap '' HUP INT TERM PIPE
limit=$1; shift
place= token= asked=no
answer() { printf '%s\n= %s\n' "$said" "$status"; }
cancel() { timeout -s KILL "$limit" "$@" cancel-reservation "$token" >/dev/null 2>&1 </dev/null; }
while read -r verb word; do
  case $verb in
    reserved) token=$word ;;
    acquire)
      said=$(timeout -s KILL "$limit" "$@" -p "$word" acquire 2>&1 </dev/null); status=$?
      case $status in 0 | 124 | 137) place=$word ;; esac
      if [ "$status" = 0 ] && [ -n "$token" ]; then
        cancel "$@" && token=
      fi
      answer ;;
    give_back) asked=yes; break ;;
  esac
done
said= status=0
[ -z "$token" ] || cancel "$@"
if [ -n "$place" ]; then
  said=$(timeout -s KILL "$limit" "$@" -p "$place" release 2>&1 </dev/null); status=$?
fi
if [ "$asked" = yes ]; then
  answer
elif [ "$status" != 0 ]; then
  printf 'loopgate: %s: labgrid place not released: %s\n  by hand: %s -p %s release\n' "$(date)" "$said" "$*" "$place" >&2
elif [ -n "$place" ]; then
  printf 'loopgate: %s: released labgrid place %s\n' "$(date)" "$place" >&2
fi
)sh";

// Of what it says when its owner was killed, which nobody else could. A reader of the run's messages waits
// until every process has closed that pipe: it must not wait for this one. -1: what this process has, which
// nobody waits for.
int errors_of_its_own() {
  struct stat ours{};
  if (::fstat(STDERR_FILENO, &ours) == 0 && !S_ISFIFO(ours.st_mode) && !S_ISSOCK(ours.st_mode)) return -1;
  const std::filesystem::path log = PlaceGuard::log_file();
  (void)make_directories(log.parent_path());
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  return file >= 0 ? file : ::open("/dev/null", O_WRONLY | O_CLOEXEC);
}

tl::unexpected<Error> gone() {
  return fail(ErrorKind::infrastructure, "the process that holds the labgrid place has exited",
              "run labgrid-client who, and release the place by hand");
}

}  // namespace

std::filesystem::path PlaceGuard::log_file() { return cache_directory() / "labgrid.log"; }

Result<std::unique_ptr<PlaceGuard>> PlaceGuard::start(const std::vector<std::string>& client,
                                                      std::chrono::seconds limit) {
  std::array<int, 2> ends{};
  // Close-on-exec in every other child, so that its input ends when this process closes the socket.
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail(ErrorKind::infrastructure, fmt::format("cannot create a socket: {}", std::strerror(errno)));
  std::unique_ptr<PlaceGuard> guard(new PlaceGuard());
  guard->client_ = client;
  guard->limit_ = limit;
  guard->socket_ = ends[0];
  std::vector<std::string> words = {"-c", guard_script, "loopgate", std::to_string(limit.count())};
  words.insert(words.end(), client.begin(), client.end());
  const int errors = errors_of_its_own();
  std::error_code failed;
  process::child child(
      process::exe = "/bin/sh", process::args = words,
      process::extend::on_exec_setup =
          [end = ends[1], errors](auto&) {
            ::setsid();  // signals to the terminal or its foreground group must not reach it
            ::dup2(end, STDIN_FILENO);
            ::dup2(end, STDOUT_FILENO);
            if (errors >= 0) ::dup2(errors, STDERR_FILENO);
          },
      failed);
  ::close(ends[1]);
  if (errors >= 0) ::close(errors);
  if (failed)
    return fail(ErrorKind::infrastructure, fmt::format("/bin/sh: cannot be started: {}", failed.message()));
  guard->pid_ = child.id();
  child.detach();  // it may outlive this process; reap() waits for it otherwise
  return guard;
}

PlaceGuard::~PlaceGuard() {
  if (socket_ >= 0) ::shutdown(socket_, SHUT_WR);
  if (pid_ > 0 && !ended_) (void)answer();  // waits for its exit; there is no answer
  reap();
  if (socket_ >= 0) ::close(socket_);
}

// A guard that has not exited goes on alone; init adopts it when this process exits.
void PlaceGuard::reap() {
  if (pid_ > 0) ::waitpid(pid_, nullptr, ended_ ? 0 : WNOHANG);
  pid_ = -1;
}

Status PlaceGuard::send(const std::string& line) {
  const std::string text = line + "\n";
  const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
  return sent == static_cast<ssize_t>(text.size()) ? Status() : gone();
}

Result<PlaceGuard::Answer> PlaceGuard::answer() {
  // A request takes at most two calls.
  const auto end = Clock::now() + 2 * limit_ + std::chrono::seconds(10);
  std::array<char, 4096> chunk{};
  while (true) {
    if (const std::size_t mark = heard_.rfind("\n= "); mark != std::string::npos && heard_.back() == '\n') {
      Answer answer{0, heard_.substr(0, mark)};
      std::from_chars(heard_.data() + mark + 3, heard_.data() + heard_.size() - 1, answer.status);
      heard_.clear();
      return answer;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    pollfd watched{socket_, POLLIN, 0};
    if (left.count() <= 0 || (::poll(&watched, 1, static_cast<int>(left.count())) < 0 && errno != EINTR))
      return gone();
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), MSG_DONTWAIT);
    ended_ = got == 0;
    if (ended_ || (got < 0 && errno != EAGAIN && errno != EINTR)) return gone();
    if (got > 0) heard_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

std::string PlaceGuard::reason_in(const Answer& answer) const {
  const std::string word = last_printable_line(answer.said);
  return word.empty() ? fmt::format("labgrid-client took longer than {} s", limit_.count()) : word;
}

Status PlaceGuard::reserved(const std::string& token) { return send("reserved " + token); }

Status PlaceGuard::acquire(const std::string& place) {
  if (auto sent = send("acquire " + place); !sent) return sent;
  auto answered = answer();
  if (!answered) return tl::unexpected(answered.error());
  place_ = place;
  if (answered->status == 0) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("labgrid's place {} cannot be acquired: {}", place, reason_in(*answered)));
}

Status PlaceGuard::give_back() {
  auto answered = send("give_back").and_then([&] { return answer(); });
  ended_ = ended_ || answered.has_value();  // it exits after this answer
  reap();
  std::vector<std::string> by_hand = client_;
  by_hand.insert(by_hand.end(), {"-p", place_, "release"});
  if (answered && answered->status == 0) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("labgrid place {} not released: {}", place_,
                          answered ? reason_in(*answered) : answered.error().what),
              "by hand: " + quoted(by_hand));
}

}  // namespace loopgate
