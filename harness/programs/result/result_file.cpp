#include "programs/result/result_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "programs/result/cyclictest_json.h"
#include "programs/result/cyclictest_text.h"
#include "programs/result/jitterdebugger.h"
#include "programs/result/osadl.h"
#include "programs/result/rteval_xml.h"
#include "programs/result/rtla_hist.h"

namespace loopgate {
namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool begins_with(std::string_view text, char first) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == first;
}

// A key of JSON, wherever it stands.
bool has_key(std::string_view text, std::string_view key) {
  for (std::size_t at = text.find(key); at != std::string_view::npos; at = text.find(key, at + 1)) {
    const std::size_t colon = text.find_first_not_of(" \t\r\n", at + key.size());
    if (colon != std::string_view::npos && text[colon] == ':') return true;
  }
  return false;
}

struct Format {
  const char* program;
  const char* what;
  bool (*is_it)(std::string_view beginning);
  std::unique_ptr<ResultReader> (*read)(ResultOptions options);
  bool has_unit;
};

// In this order: one that tells more of itself is before one that tells less.
constexpr std::array formats = {
    Format{"osadl", "OSADL's RT Dataset",
           [](std::string_view text) { return begins_with(text, '{') && has(text, "\"RT Dataset\""); },
           read_osadl, true},
    Format{"cyclictest", "cyclictest's JSON",
           [](std::string_view text) {
             return begins_with(text, '{') &&
                    (has_key(text, "\"thread\"") || has_key(text, "\"rt_test_version:\"") ||
                     has_key(text, "\"rt_test_version\""));
           },
           read_cyclictest_json, true},
    Format{"jitterdebugger", "jitterdebugger's JSON",
           [](std::string_view text) { return begins_with(text, '{') && has_key(text, "\"cpu\""); },
           read_jitterdebugger_json, false},
    Format{"rteval", "rteval's summary.xml",
           [](std::string_view text) { return begins_with(text, '<') && has(text, "<rteval"); },
           read_rteval_xml, true},
    Format{"rtla", "rtla's histogram", looks_like_rtla_hist, read_rtla_hist, true},
    Format{"cyclictest", "cyclictest's histogram", looks_like_cyclictest_text, read_cyclictest_text, false},
    Format{"jitterdebugger", "jitterdebugger's samples.csv", looks_like_jitterdebugger_csv,
           read_jitterdebugger_csv, false},
    Format{"jitterdebugger", "jitterdebugger's samples.raw", looks_like_jitterdebugger_raw,
           read_jitterdebugger_raw, false},
};

// What the program's own files are, for who has another one.
const char* files_of(std::string_view program) {
  if (program == "cyclictest") return "what cyclictest --json or --histfile wrote";
  if (program == "rtla") return "what `rtla timerlat hist` or `rtla osnoise hist` printed";
  if (program == "rteval") return "rteval's summary.xml";
  if (program == "jitterdebugger") return "jitterdebugger's results.json, samples.raw or samples.csv";
  return "OSADL's JSON (\"RT Dataset\")";
}

Status check_options(std::string_view program, const Format& format, const ResultOptions& options) {
  if (!options.column.empty() && program != "rtla")
    return fail(ErrorKind::usage, "--column is of rtla's histograms alone", "leave it out");
  if (options.in_ns && format.has_unit)
    return fail(ErrorKind::usage, fmt::format("is {}, which names its unit", format.what),
                "leave out --unit");
  return {};
}

const Format* format_of(std::string_view beginning) {
  const auto found = std::ranges::find_if(formats, [&](const Format& each) { return each.is_it(beginning); });
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace

std::string_view program_of_result(std::string_view beginning) {
  const Format* format = format_of(beginning);
  return format == nullptr ? "" : format->program;
}

Result<std::unique_ptr<ResultReader>> open_result(std::string_view program, std::string_view beginning,
                                                  const ResultOptions& options) {
  if (beginning.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return fail(ErrorKind::data, "is empty", fmt::format("name {}", files_of(program)));
  const Format* found = format_of(beginning);
  if (found == nullptr)
    return fail(ErrorKind::data,
                fmt::format("is no file of {}: it begins with \"{}\"", program,
                            shown(beginning.substr(0, beginning.find('\n')))),
                fmt::format("name {}", files_of(program)));
  if (found->program != program)
    return fail(ErrorKind::usage, fmt::format("looks like {}, and is no file of {}", found->what, program),
                fmt::format("loopgate import {}", found->program));
  TRY_STATUS(check_options(program, *found, options));
  return found->read(options);
}

}  // namespace loopgate
