// A trace.dat, version 6 (man 5 trace-cmd.dat.v6), which trace-cmd and KernelShark open, put together from
// its parts. Why it is written here: decisions/0014.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace loopgate {

struct TraceDatParts {
  std::size_t page_size = 4096;
  std::string header_page;   // the text of events/header_page
  std::string header_event;  // and of events/header_event
  // The text of each event's `format`, by its system; those of the system "ftrace" stand in a place of their
  // own.
  std::map<std::string, std::vector<std::string>> formats;
  std::string command_lines;       // a pid and its name a line
  std::string told_by;             // what wrote the file
  std::vector<std::string> pages;  // of each CPU, whole ones, in order; empty where nothing was recorded
};

std::string trace_dat_of(const TraceDatParts& parts);

}  // namespace loopgate
