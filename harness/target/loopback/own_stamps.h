// The program's own stamps: of each stimulus that was sent, the clock before and after it was set, and the
// stamp of its response. Written by the plain thread; the format is the payload's (target/stamps.h).
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "base/result.h"
#include "protocol/stamps.h"

namespace loopgate {

class OwnStamps {
 public:
  static Result<OwnStamps> create(const std::string& path, std::uint64_t capacity);
  Status append(const Stamp& stamp);
  // Until then the file has no magic, so that one that was cut off shows.
  Status close();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  OwnStamps(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  Status write_header();
  Status failed(int error_number) const;

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  StampsHeader header_{};
};

}  // namespace loopgate
