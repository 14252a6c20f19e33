// The readers of model files, on whatever bytes: they end, in a network or in one sentence, within memory
// that the file's size bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "formats/model_file.h"
#include "formats/picture_of.h"
#include "task/task.h"

// libFuzzer's own driver leaves 32 bytes at its end (allocated by FuzzerDriver() itself). What an input leaks
// is still found: libFuzzer looks after each one that allocated more than it freed.
extern "C" const char* __asan_default_options() { return "leak_check_at_exit=0"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate::inspection;
  // At an address that is a multiple of 8, as a file that was read has.
  const std::vector<char> bytes(data, data + size);
  const Result<ModelFile> file = read_model_file({bytes.data(), bytes.size()}, "fuzzed");
  if (!file) {
    if (!file.error().what.starts_with("fuzzed: ")) std::abort();
    return 0;
  }
  const Activation& output = file->network.activations.at(file->network.output);
  static_cast<void>(picture_format_of(*file, {}, "fuzzed"));
  static_cast<void>(Task::of({}, output, file->metadata, "fuzzed"));
  return 0;
}
