#include "explain/export/trace_dat.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "explain/export/little_endian.h"
#include "explain/export/ring_buffer.h"
#include "explain/export/sched_events.h"

namespace loopgate {
namespace {

using namespace std::string_view_literals;

constexpr std::uint8_t little_endian = 0;
constexpr std::uint8_t long_size = 8;
constexpr std::uint16_t option_version = 9;  // what wrote the file
constexpr std::uint16_t option_end = 0;

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

template <class Size>
void append_sized(std::string* file, std::string_view data) {
  append_little_endian(file, static_cast<Size>(data.size()));
  *file += data;
}

void append_headers(std::string* file) {
  *file += "\x17\x08\x44tracing6\0"sv;
  append_little_endian(file, little_endian);
  append_little_endian(file, long_size);
  append_little_endian(file, static_cast<std::uint32_t>(ring_page_size));
  *file += "header_page\0"sv;
  append_sized<std::uint64_t>(file, header_page);
  *file += "header_event\0"sv;
  append_sized<std::uint64_t>(file, header_event);
}

// The formats of one system, with their number before them.
void append_formats(std::string* file, std::string_view system) {
  std::uint32_t count = 0;
  std::string formats;
  for (const EventFormat& format : trace_formats()) {
    if (format.system != system) continue;
    ++count;
    append_sized<std::uint64_t>(&formats, text_of(format));
  }
  append_little_endian(file, count);
  *file += formats;
}

void append_formats(std::string* file) {
  append_formats(file, "ftrace");
  std::set<std::string_view> systems;
  for (const EventFormat& format : trace_formats()) systems.insert(format.system);
  systems.erase("ftrace");
  append_little_endian(file, static_cast<std::uint32_t>(systems.size()));
  for (const std::string_view system : systems) {
    *file += system;
    *file += '\0';
    append_formats(file, system);
  }
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

void append_options(std::string* file, const ExplainedSample& sample) {
  *file += "options  \0"sv;
  append_little_endian(file, option_version);
  append_sized<std::uint32_t>(
      file, fmt::format("loopgate: {}, sample {}, virtual time", sample.cell, sample.sample) + '\0');
  append_little_endian(file, option_end);
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

// Each CPU's place and size, then the pages themselves, from a page's begin on.
void append_pages(std::string* file, const std::vector<std::string>& pages) {
  constexpr std::size_t place_and_size = 16;
  const std::size_t head = file->size() + pages.size() * place_and_size;
  const std::size_t begin = (head + ring_page_size - 1) / ring_page_size * ring_page_size;
  std::size_t place = begin;
  for (const std::string& of_cpu : pages) {
    append_little_endian(file, static_cast<std::uint64_t>(place));
    append_little_endian(file, static_cast<std::uint64_t>(of_cpu.size()));
    place += of_cpu.size();
  }
  file->resize(begin);
  for (const std::string& of_cpu : pages) *file += of_cpu;
}

}  // namespace

std::string to_trace_dat(const ExplainedSample& sample) {
  std::string file;
  append_headers(&file);
  append_formats(&file);
  append_sized<std::uint32_t>(&file, "");  // kallsyms: no event has an address
  append_sized<std::uint32_t>(&file, "");  // formats of trace_printk()
  append_sized<std::uint64_t>(&file, command_lines(sample));
  const std::vector<std::string> pages = ring_pages(sample);
  append_little_endian(&file, static_cast<std::uint32_t>(pages.size()));
  append_options(&file, sample);
  file += "flyrecord\0"sv;
  append_pages(&file, pages);
  return file;
}

}  // namespace loopgate
