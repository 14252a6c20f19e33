// libFuzzer: whatever ftrace's pages and formats hold, what is read of them lies within them, and each record
// is of a stimulus. The input: the length of a format's text in 2 bytes, the text, and a page.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "target/probe/trace_follower.h"

namespace {

using namespace loopgate;

constexpr std::string_view common =
    "format:\n\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n";

std::string field(const std::string& name, int offset, int size = 4) {
  return "\tfield:int " + name + ";\toffset:" + std::to_string(offset) + ";\tsize:" + std::to_string(size) +
         ";\tsigned:1;\n";
}

std::string format_of(int id, const std::string& fields) {
  return "name: e\nID: " + std::to_string(id) + "\n" + std::string(common) + fields;
}

TraceTexts formats() {
  return {format_of(1, field("irq", 8)), format_of(2, field("pid", 8)),
          format_of(3, field("prev_comm[8]", 8, 8) + field("prev_pid", 16) + field("prev_state", 20) +
                           field("next_comm[8]", 24, 8) + field("next_pid", 32)),
          format_of(4, field("gpio", 8) + field("get", 12) + field("value", 16))};
}

void follow(const TraceEvents& events, const TracePage& page) {
  TraceFollower follower({1, 2, {3}});
  std::map<std::int32_t, std::string> names;
  std::uint64_t records = 0;
  for (const PageEvent& each : page.events) {
    events.add_names(each, &names);
    const auto event = events.read(each);
    if (event && follower.take(*event)) ++records;
  }
  if (records > follower.stimuli() || follower.unfinished() > follower.stimuli()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::size_t cut = (data[0] + std::size_t{256} * data[1]) % (all.size() + 1);
  const std::string_view bytes = all.substr(cut);
  const auto page = parse_page(bytes);
  for (const PageEvent& each : page ? page->events : std::vector<PageEvent>())
    if (each.bytes.data() < bytes.data() ||
        each.bytes.data() + each.bytes.size() > bytes.data() + bytes.size())
      std::abort();
  if (const auto format = TraceFormat::parse(all.substr(0, cut)))
    if (const TraceField* type = format->find("common_type")) static_cast<void>(type->number_in(bytes));
  TraceTexts texts = formats();
  static const auto known = TraceEvents::of(texts);
  if (!known) std::abort();  // then nothing would be tried
  if (page) follow(*known, *page);
  texts.switched = all.substr(0, cut);
  if (const auto odd = TraceEvents::of(texts); odd && page) follow(*odd, *page);
  return 0;
}
