#include "target/loopback/own_stamps.h"

#include <cerrno>
#include <cstring>

#include "protocol/clock_pair.h"

namespace loopgate {

Result<OwnStamps> OwnStamps::create(const std::string& path, std::uint64_t capacity) {
  OwnStamps stamps(path, std::fopen(path.c_str(), "wbe"));
  if (stamps.file_ == nullptr) return tl::unexpected(stamps.failed(errno).error());
  const ClockPair clocks = read_clock_pair();
  stamps.header_.version = stamps_version;
  stamps.header_.record_size = sizeof(Stamp);
  stamps.header_.capacity = capacity;
  stamps.header_.kind = static_cast<std::uint32_t>(StampsOf::loopback);
  stamps.header_.monotonic_ns = clocks.monotonic_ns;
  stamps.header_.counter = clocks.counter;
  stamps.header_.counter_hz = clocks.counter_hz;
  if (auto done = stamps.write_header(); !done) return tl::unexpected(done.error());
  return stamps;
}

Status OwnStamps::failed(int error_number) const {
  return fail(ErrorKind::infrastructure, path_ + ": cannot be written: " + std::strerror(error_number),
              error_number == ENOSPC ? "free some space there and run again" : "");
}

Status OwnStamps::write_header() {
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0 ||
      std::fwrite(&header_, sizeof(header_), 1, file_.get()) != 1)
    return failed(errno);
  return {};
}

Status OwnStamps::append(const Stamp& stamp) {
  if (std::fwrite(&stamp, sizeof(stamp), 1, file_.get()) != 1) return failed(errno);
  ++header_.written;
  return {};
}

Status OwnStamps::close() {
  if (std::fflush(file_.get()) != 0) return failed(errno);
  header_.magic = stamps_magic;
  if (auto done = write_header(); !done) return done;
  if (std::fclose(file_.release()) != 0) return failed(errno);
  return {};
}

}  // namespace loopgate
