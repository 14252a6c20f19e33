// What is read of any bytes is written and read again alike.
#include <cstdlib>

#include "protocol/picture_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto files = loopgate::read_picture_archive({reinterpret_cast<const char*>(data), size});
  if (!files) return 0;
  const std::string bytes = loopgate::write_picture_archive(*files);
  const auto again = loopgate::read_picture_archive(bytes);
  if (!again || again->size() != files->size()) std::abort();
  for (std::size_t i = 0; i < files->size(); ++i)
    if ((*again)[i].name != (*files)[i].name || (*again)[i].bytes != (*files)[i].bytes) std::abort();
  return 0;
}
