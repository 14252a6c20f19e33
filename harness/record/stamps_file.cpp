#include "record/stamps_file.h"

#include <cstring>

#include "base/file.h"
#include "record/damaged_file.h"

namespace loopgate {
namespace {

// A payload's file has room for `capacity` records from the beginning; the loopback program's grows.
std::string check_header(const StampsHeader& header, std::size_t body) {
  if (header.magic == 0) return "was not finished by the program that left it";
  if (header.magic != stamps_magic) return "is no file of stamps (wrong magic)";
  if (header.version != stamps_version)
    return "has format version " + std::to_string(header.version) + ", and only 1 is known";
  if (header.record_size != sizeof(Stamp))
    return "has records of " + std::to_string(header.record_size) + " bytes, and version 1 has 32";
  if (header.kind != static_cast<std::uint32_t>(StampsOf::payload) &&
      header.kind != static_cast<std::uint32_t>(StampsOf::loopback))
    return "is of the unknown kind " + std::to_string(header.kind);
  if (header.written > header.capacity || header.zero != 0) return "has a damaged header";
  const std::size_t records = body / sizeof(Stamp);
  if (body % sizeof(Stamp) != 0 || (records != header.written && records != header.capacity))
    return "holds " + std::to_string(body) + " bytes of records, and its header speaks of " +
           std::to_string(header.written) + " records";
  return {};
}

std::string check_stamp(const Stamp& stamp, StampsOf kind, const Stamp* before) {
  if (before != nullptr && stamp.number <= before->number) return "is out of order";
  if (kind == StampsOf::payload && stamp.number == 0) return "is of no stimulus";
  const bool unanswered = kind == StampsOf::loopback && stamp.third_ns == -1;
  // A response is stamped where it comes in, which may be while the stimulus is still being set.
  const std::int64_t least_ns = kind == StampsOf::payload ? stamp.second_ns : stamp.first_ns;
  const bool in_order = stamp.first_ns >= 0 && stamp.second_ns >= stamp.first_ns &&
                        stamp.second_ns <= time_max_ns && stamp.third_ns <= time_max_ns &&
                        (unanswered || stamp.third_ns >= least_ns);
  return in_order ? "" : "has times that do not follow each other";
}

}  // namespace

Result<StampsFile> parse_stamps(std::string_view bytes, const std::string& name) {
  StampsFile file;
  if (bytes.size() < sizeof(file.header)) return damaged(name, "is too short for a file of stamps");
  std::memcpy(&file.header, bytes.data(), sizeof(file.header));
  const std::string_view body = bytes.substr(sizeof(file.header));
  if (const std::string problem = check_header(file.header, body.size()); !problem.empty())
    return damaged(name, problem);
  file.stamps.resize(file.header.written);
  if (!file.stamps.empty()) std::memcpy(file.stamps.data(), body.data(), file.stamps.size() * sizeof(Stamp));
  const Stamp* before = nullptr;
  for (const Stamp& stamp : file.stamps) {
    if (const std::string problem = check_stamp(stamp, file.kind(), before); !problem.empty())
      return damaged(name, "record " + std::to_string(&stamp - file.stamps.data()) + " " + problem);
    before = &stamp;
  }
  return file;
}

Result<StampsFile> read_stamps(const std::filesystem::path& path) {
  auto bytes = read_file(path, ErrorKind::data);
  if (!bytes) return tl::unexpected(bytes.error());
  return parse_stamps(*bytes, path.string());
}

}  // namespace loopgate
