#include "explain/export/trace_dat.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "base/trace_dat.h"
#include "explain/export/ring_buffer.h"
#include "explain/export/sched_events.h"

namespace loopgate {
namespace {

// events/header_page and events/header_event of an arm64 kernel with pages of 4 KiB.
constexpr std::string_view header_page =
    "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
    "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
    "\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
    "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:0;\n";
constexpr std::string_view header_event =
    "# compressed entry header\n"
    "\ttype_len    :    5 bits\n"
    "\ttime_delta  :   27 bits\n"
    "\tarray       :   32 bits\n"
    "\n"
    "\tpadding     : type == 29\n"
    "\ttime_extend : type == 30\n"
    "\ttime_stamp : type == 31\n"
    "\tdata max type_len  == 28\n";

std::map<std::string, std::vector<std::string>> formats_by_system() {
  std::map<std::string, std::vector<std::string>> formats;
  for (const EventFormat& format : trace_formats())
    formats[std::string(format.system)].push_back(text_of(format));
  return formats;
}

// A pid and its name a line. A name may have any character, and only what ends the line is replaced.
std::string command_lines(const ExplainedSample& sample) {
  std::string lines;
  std::set<std::int32_t> said = {0};  // the readers have a name of their own for the idle task
  for (const ExplainedTask& task : sample.tasks) {
    std::string name = task.name.substr(0, task.name.find('\0'));
    std::replace(name.begin(), name.end(), '\n', '?');
    if (!name.empty() && said.insert(task.pid).second) lines += fmt::format("{} {}\n", task.pid, name);
  }
  return lines;
}

// One text a CPU, from 0 to the highest that has a record; empty where nothing was recorded.
std::vector<std::string> ring_pages(const ExplainedSample& sample) {
  std::vector<RingBuffer> buffers;
  for (const FtraceRecord& record : trace_records(sample)) {
    if (buffers.size() <= record.cpu) buffers.resize(record.cpu + std::size_t{1});
    buffers[record.cpu].add(static_cast<std::uint64_t>(sample.stimulus_ns + record.at_ns), record.bytes);
  }
  std::vector<std::string> pages;
  for (RingBuffer& buffer : buffers) pages.push_back(buffer.take_pages());
  return pages;
}

}  // namespace

std::string to_trace_dat(const ExplainedSample& sample) {
  return trace_dat_of(
      {.page_size = ring_page_size,
       .header_page = std::string(header_page),
       .header_event = std::string(header_event),
       .formats = formats_by_system(),
       .command_lines = command_lines(sample),
       .told_by = fmt::format("loopgate: {}, sample {}, virtual time", sample.cell, sample.sample),
       .pages = ring_pages(sample)});
}

}  // namespace loopgate
