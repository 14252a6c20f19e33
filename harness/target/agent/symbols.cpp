#include "target/agent/symbols.h"

#include "protocol/channel.h"
#include "target/agent/text_file.h"

namespace loopgate {

bool asks_for_symbols(std::string_view job) { return job == symbols_job; }

std::string functions_in(std::string_view kallsyms) {
  std::string functions;
  while (!kallsyms.empty()) {
    const std::size_t end = kallsyms.find('\n');
    const std::string_view line = kallsyms.substr(0, end);
    kallsyms.remove_prefix(end == std::string_view::npos ? kallsyms.size() : end + 1);
    const std::size_t type = line.find(' ');  // "ffff800080010000 T _stext\t[module]"
    if (type == std::string_view::npos || type + 1 >= line.size()) continue;
    if (std::string_view("tTwW").find(line[type + 1]) == std::string_view::npos) continue;
    functions.append(line).push_back('\n');
  }
  return functions;
}

Status hand_in_symbols(ChannelMap* channel) {
  const auto kallsyms = read_text("/proc/kallsyms");
  if (!kallsyms) return tl::unexpected(kallsyms.error());
  const auto types = read_text("/sys/kernel/btf/vmlinux");
  if (!types) return tl::unexpected(types.error());
  return channel->write_symbols(functions_in(*kallsyms), *types);
}

}  // namespace loopgate
