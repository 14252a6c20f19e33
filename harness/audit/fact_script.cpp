#include "audit/fact_script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/process.h"

namespace loopgate {
namespace {

// Takes half a second and the pause here, some seconds on an emulated board.
constexpr std::chrono::seconds collect_limit{60};

// The shell itself lists the files (descriptor 3 is the output), and one grep prints all contents, each line
// with its path, so that a thousand threads do not start a thousand programs. Only regular files are opened,
// since a device or a pipe could block.
constexpr const char* functions = R"sh(absent() {
  folder=${1%/*}
  while [ ! -d "$folder" ] && [ "$folder" != . ]; do folder=${folder%/*}; done
  if [ -r "$folder" ] && [ -x "$folder" ]; then echo '! missing'; else printf '! locked %s\n' "$folder"; fi
}
list() {
  for pattern do
    printf '= %s\n' "$pattern" >&3
    none=1
    for file in .$pattern; do
      [ -f "$file" ] || continue
      none=
      if [ -r "$file" ]; then
        printf '+ %s\n' "$file" >&3
        printf '%s\n' "$file"
      else
        printf '%s %s\n' - "$file" >&3
      fi
    done
    [ -z "$none" ] || absent ".$pattern" >&3
  done
}
files() {
  found=$(list "$@")
  [ -z "$found" ] || printf '%s\n' "$found" | tr '\n' '\0' | xargs -0 grep -aHs ''
}
number() {
  printf '= %s, %s bytes at %s\n' "$1" "$2" "$3"
  none=1
  for file in .$1; do
    [ -e "$file" ] || continue
    none=
    if [ ! -r "$file" ]; then printf '%s %s\n' - "$file"; continue; fi
    printf '+ %s\n' "$file"
    value=$(dd if="$file" bs="$2" count=1 skip="$3" iflag=skip_bytes 2>/dev/null | od -An -t "d$2")
    [ -z "$value" ] || printf '>%s\n' "$value"
  done
  [ -z "$none" ] || absent ".$1"
}
config() {
  echo '= kernel configuration'
  for file in ./proc/config.gz "./boot/config-$release" "./lib/modules/$release/config"; do
    [ -f "$file" ] || continue
    printf '+ %s\n' "$file"
    case $file in
      *.gz) gzip -dc "$file" ;;
      *) cat "$file" ;;
    esac 2>/dev/null | grep -aE "$1" | sed 's/^/>/'
    return
  done
  echo '! missing'
}
log() {
  echo '= kernel log'
  echo '+ dmesg'
  dmesg 2>/dev/null | grep -aF "$@" | sed 's/^/>/'
}
moment() {
  read -r uptime rest < ./proc/uptime
  echo "@ $uptime"
}
)sh";

std::string quoted_word(const std::string& word) { return quoted({"", word}).substr(3); }

// The function calls that read the files and numbers: those that are read twice, or the others.
std::string reading(const FactRequest& request, bool twice) {
  std::string script;
  std::string globs;
  for (const auto& [glob, both] : request.files) {
    if (both == twice) globs += " '" + glob + "'";  // is_plain_glob: contains no quote
  }
  if (!globs.empty()) script += "files" + globs + "\n";
  for (const auto& [number, both] : request.numbers) {
    if (both == twice) script += fmt::format("number '{}' {} {}\n", number.path, number.bytes, number.offset);
  }
  return script;
}

}  // namespace

bool is_plain_glob(std::string_view glob) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:,@*?[]";
  return glob.size() > 1 && glob[0] == '/' && glob.find_first_not_of(plain) == std::string_view::npos &&
         glob.find("..") == std::string_view::npos;
}

std::string script_for(const FactRequest& request, const std::filesystem::path& root) {
  std::string script = "LC_ALL=C\nexport LC_ALL\n";
  script += fmt::format("cd {} || exit 1\n", quoted_word(root.string()));
  script += "exec 3>&1\n";
  script += functions;
  script += "release=\nread -r release < ./proc/sys/kernel/osrelease\necho 'loopgate facts 1'\n";
  script += reading(request, false);
  if (!request.options.empty())
    script +=
        fmt::format("config '^(# .* Kernel Configuration|({})=.*)$'\n", fmt::join(request.options, "|"));
  if (!request.log_words.empty()) {
    script += "log";
    for (const std::string& word : request.log_words) script += " -e " + quoted_word(word);
    script += "\n";
  }
  const std::string again = reading(request, true);
  if (!again.empty()) script += "moment\n" + again + "sleep 1\nmoment\n" + again;
  return script + "echo '. end'\n";
}

Result<Facts> collect_facts(const FactRequest& request) {
  auto done = run_program({"sh", "-c", script_for(request)}, collect_limit);
  if (!done) return tl::unexpected(done.error());
  return parse_facts(done->output, "the facts of this machine");
}

}  // namespace loopgate
