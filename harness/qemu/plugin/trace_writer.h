// Writes a trace file (protocol/trace_file.h).
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "protocol/trace_file.h"

namespace loopgate {

class TraceWriter {
 public:
  static Result<TraceWriter> create(const std::filesystem::path& path);

  // `count` words of 8 bytes follow the record; without words `count` is the record's value.
  void write(TraceKind kind, unsigned cpu, std::int64_t at_ns, const void* words, std::size_t count);

  // Writes out what is still in memory. Whether everything could be written.
  bool flush() { return std::fflush(file_.get()) == 0 && std::ferror(file_.get()) == 0; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit TraceWriter(std::FILE* file) : file_(file) {}

  std::unique_ptr<std::FILE, CloseFile> file_;
};

}  // namespace loopgate
