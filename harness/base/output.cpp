#include "base/output.h"

#include <poll.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"

namespace loopgate {

void tell(std::FILE* stream, std::string_view text) {
  (void)std::fwrite(text.data(), 1, text.size(), stream);
  (void)std::fflush(stream);
  std::clearerr(stream);
}

void tell_progress(std::FILE* stream, std::string_view text) {
  pollfd watched{::fileno(stream), POLLOUT, 0};
  if (watched.fd >= 0 && ::poll(&watched, 1, 0) == 0) return;
  tell(stream, text);
}

Status Answer::write() {
  const std::string text = std::exchange(text_, {});
  if (write_all(descriptor_, text)) return {};
  const char* why = errno == EBADF ? "it is closed" : std::strerror(errno);
  return fail(ErrorKind::infrastructure, fmt::format("standard output cannot be written: {}", why),
              "what this command had to say is lost: call it again with an output that takes it");
}

}  // namespace loopgate
