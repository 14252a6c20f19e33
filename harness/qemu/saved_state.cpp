#include "qemu/saved_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/digest_cache.h"
#include "base/file.h"
#include "base/json.h"
#include "base/kept_file.h"
#include "base/sealed_json.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A state takes about 170 MB; a comparison of a few kernels with a few builds of the target's programs fits.
constexpr std::size_t states_kept = 12;

// Whoever holds a state's lock boots it: that takes seconds, a few minutes where the kernel hangs, and the
// jobs of a run may wait for each other in a row. It is told where no usual boot takes that long.
constexpr std::chrono::minutes lock_limit{30};
constexpr std::chrono::seconds lock_quiet{30};

constexpr const char* state_record_file = "state.json";
constexpr std::int64_t state_record_format = 3;

struct StateRecord {
  std::int64_t saved_at_ns = 0;
  std::string state_sha256;
  std::string memory_sha256;
  std::string console_sha256;
};

std::string to_text(const StateRecord& record) {
  return sealed({{"format", state_record_format},
                 {"saved_at_ns", record.saved_at_ns},
                 {"state_sha256", record.state_sha256},
                 {"memory_sha256", record.memory_sha256},
                 {"console_sha256", record.console_sha256}});
}

bool is_whole(const SavedState& state, const StateRecord& record) {
  return check_kept(state.file, record.state_sha256) == KeptFile::whole &&
         check_kept(state.memory, record.memory_sha256) == KeptFile::whole &&
         check_kept(state.console, record.console_sha256) == KeptFile::whole;
}

// Nothing where it is damaged, or of another format.
std::optional<StateRecord> read_record(const fs::path& file) {
  const auto object = read_sealed(file);
  if (!object) return std::nullopt;
  try {
    if (object->at("format") != state_record_format) return std::nullopt;
    return StateRecord{object->at("saved_at_ns"), object->at("state_sha256"), object->at("memory_sha256"),
                       object->at("console_sha256")};
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string StateStore::key(const std::vector<std::string>& inputs) {
  std::string all;
  for (const std::string& input : inputs) all += fmt::format("{}:{}\n", input.size(), input);
  return sha256_of(all).substr(0, 16);
}

std::optional<SavedState> StateStore::find(const std::string& key) const {
  const fs::path about = place(key) / state_record_file;
  std::error_code error;
  if (!fs::exists(about, error)) return std::nullopt;  // never finished
  const auto record = read_record(about);
  if (!record) {
    give_up(key, "its record is damaged, or of another version");
    return std::nullopt;
  }
  SavedState state = state_in(key, record->saved_at_ns);
  if (!is_whole(state, *record)) {
    give_up(key, "its files are not what was saved");
    return std::nullopt;
  }
  state.written = fs::last_write_time(state.file, error);
  fs::last_write_time(about, fs::file_time_type::clock::now(), error);  // used now: forgotten last
  return state;
}

void StateStore::tell(const std::string& line) const {
  if (tell_) tell_(line);
}

void StateStore::give_up(const std::string& key, const std::string& why) const {
  tell(fmt::format("the saved state {} is removed, and its kernel boots afresh: {}", place(key).string(),
                   why));
  remove(key);
}

Result<fs::path> StateStore::begin(const std::string& key) const {
  remove(key);
  if (auto made = make_directories(place(key)); !made) return tl::unexpected(made.error());
  return place(key);
}

SavedState StateStore::state_in(const std::string& key, std::int64_t saved_at_ns) const {
  const fs::path folder = place(key);
  return {folder / state_file, folder / memory_file, folder / console_file, saved_at_ns, {}};
}

Result<SavedState> StateStore::keep(const std::string& key, std::int64_t saved_at_ns) const {
  SavedState state = state_in(key, saved_at_ns);
  StateRecord record{saved_at_ns, {}, {}, {}};
  for (const auto& [file, digest] :
       {std::pair(&state.file, &record.state_sha256), std::pair(&state.memory, &record.memory_sha256),
        std::pair(&state.console, &record.console_sha256)}) {
    auto found = cached_sha256_of_file(*file);
    if (!found)
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: the saved state is missing: {}", place(key).string(), found.error().what));
    *digest = std::move(*found);
  }
  std::error_code error;
  state.written = fs::last_write_time(state.file, error);
  // Written last: a state without it is not there.
  TRY_STATUS(write_file_atomically(place(key) / state_record_file, to_text(record)));
  forget_old();
  return state;
}

void StateStore::remove(const std::string& key) const {
  std::error_code ignored;
  fs::remove_all(place(key), ignored);
}

Status StateStore::discard(const std::string& key, const SavedState& state, const std::string& why) const {
  auto held = lock(key);
  if (!held) return tl::unexpected(held.error());
  std::error_code error;
  if (fs::last_write_time(place(key) / state_file, error) == state.written) give_up(key, why);
  return {};
}

bool StateStore::is_still(const SavedState& state) {
  std::error_code error;
  return fs::last_write_time(state.file, error) == state.written && !error;
}

// When a state was last used; min() where it was never finished.
fs::file_time_type StateStore::used(const std::string& key) const {
  std::error_code missing;
  const auto time = fs::last_write_time(place(key) / state_record_file, missing);
  return missing ? fs::file_time_type::min() : time;
}

// Those that were never finished go, too: whoever was to finish them was killed.
void StateStore::forget_old() const {
  std::vector<std::pair<fs::file_time_type, std::string>> states;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string key = entry.path().filename().string();
    if (entry.is_directory(ignored)) states.emplace_back(used(key), key);
  }
  std::sort(states.rbegin(), states.rend());
  for (std::size_t i = 0; i < states.size(); ++i)
    if (i >= states_kept || states[i].first == fs::file_time_type::min())
      forget(states[i].second, states[i].first);
}

// Unless another job holds it, or has used it since.
void StateStore::forget(const std::string& key, fs::file_time_type used_then) const {
  const auto held = FileLock::wait_for(folder_ / (key + ".lock"), {});
  if (held && used(key) == used_then) remove(key);
}

Result<FileLock> StateStore::lock(const std::string& key) const {
  if (auto made = make_directories(folder_); !made) return tl::unexpected(made.error());
  return FileLock::wait_for(folder_ / (key + ".lock"), {lock_limit, lock_quiet, tell_});
}

}  // namespace loopgate
