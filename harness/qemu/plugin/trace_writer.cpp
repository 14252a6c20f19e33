#include "qemu/plugin/trace_writer.h"

#include <cerrno>
#include <cstring>

namespace loopgate {

Result<TraceWriter> TraceWriter::create(const std::filesystem::path& path) {
  std::FILE* file = std::fopen(path.c_str(), "wbe");
  if (file == nullptr) return fail(ErrorKind::infrastructure, path.string() + ": " + std::strerror(errno));
  std::setvbuf(file, nullptr, _IOFBF, 1U << 20U);
  TraceWriter writer(file);
  writer.write(TraceKind::header, 0, static_cast<std::int64_t>(trace_magic), nullptr, 0);
  return writer;
}

void TraceWriter::write(TraceKind kind, unsigned cpu, std::int64_t at_ns, const void* words,
                        std::size_t count) {
  const TraceRecord record{at_ns, static_cast<std::uint16_t>(kind), static_cast<std::uint16_t>(cpu),
                           static_cast<std::uint32_t>(count)};
  std::fwrite(&record, sizeof(record), 1, file_.get());
  if (words != nullptr) std::fwrite(words, 8, count, file_.get());
}

}  // namespace loopgate
