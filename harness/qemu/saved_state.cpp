#include "qemu/saved_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A state takes about 100 MB; a comparison of a few kernels with a few builds of the target's programs fits.
constexpr std::size_t states_kept = 12;

// Whoever holds a state's lock boots it: that takes seconds, a few minutes where the kernel hangs, and the
// jobs of a run may wait for each other in a row. It is told where no usual boot takes that long.
constexpr std::chrono::minutes lock_limit{30};
constexpr std::chrono::seconds lock_quiet{30};

}  // namespace

std::string StateStore::key(const std::vector<std::string>& inputs) {
  std::string all;
  for (const std::string& input : inputs) all += fmt::format("{}:{}\n", input.size(), input);
  return sha256_of(all).substr(0, 16);
}

std::optional<SavedState> StateStore::find(const std::string& key) const {
  const fs::path about = place(key) / "state.json";
  const auto text = read_file(about);
  if (!text) return std::nullopt;
  const json meta = parse_json(*text);
  const auto is_number = [&](const char* field) {
    return meta.contains(field) && meta[field].is_number_integer();
  };
  if (!meta.is_object() || !is_number("saved_at_ns") || !is_number("size")) return std::nullopt;
  std::error_code error;
  SavedState state{place(key) / "state.bin", place(key) / "console.log",
                   meta["saved_at_ns"].get<std::int64_t>(),
                   fs::last_write_time(place(key) / "state.bin", error)};
  const auto size = fs::file_size(state.file, error);
  if (error || size != meta["size"].get<std::uintmax_t>()) return std::nullopt;
  fs::last_write_time(about, fs::file_time_type::clock::now(), error);  // used now: forgotten last
  return state;
}

Result<fs::path> StateStore::begin(const std::string& key) const {
  remove(key);
  if (auto made = make_directories(place(key)); !made) return tl::unexpected(made.error());
  return place(key);
}

Result<SavedState> StateStore::keep(const std::string& key, std::int64_t saved_at_ns) const {
  std::error_code error;
  const auto size = fs::file_size(place(key) / "state.bin", error);
  if (error)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: the saved state is missing: {}", place(key).string(), error.message()));
  const json meta = {{"format", 1}, {"saved_at_ns", saved_at_ns}, {"size", size}};
  // Written last: a state without it is not there.
  if (auto written = write_file_atomically(place(key) / "state.json", meta.dump() + "\n"); !written)
    return tl::unexpected(written.error());
  forget_old();
  return SavedState{place(key) / "state.bin", place(key) / "console.log", saved_at_ns,
                    fs::last_write_time(place(key) / "state.bin", error)};
}

void StateStore::remove(const std::string& key) const {
  std::error_code ignored;
  fs::remove_all(place(key), ignored);
}

Status StateStore::discard(const std::string& key, const SavedState& state) const {
  auto held = lock(key);
  if (!held) return tl::unexpected(held.error());
  std::error_code error;
  if (fs::last_write_time(place(key) / "state.bin", error) == state.written) remove(key);
  return {};
}

void StateStore::forget_old() const {
  std::vector<std::pair<fs::file_time_type, fs::path>> states;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    std::error_code missing;
    const auto used = fs::last_write_time(entry.path() / "state.json", missing);
    if (!missing) states.emplace_back(used, entry.path());
  }
  if (states.size() <= states_kept) return;
  std::sort(states.rbegin(), states.rend());
  for (std::size_t i = states_kept; i < states.size(); ++i) fs::remove_all(states[i].second, ignored);
}

Result<FileLock> StateStore::lock(const std::string& key) const {
  if (auto made = make_directories(folder_); !made) return tl::unexpected(made.error());
  return FileLock::wait_for(folder_ / (key + ".lock"), {lock_limit, lock_quiet, tell_});
}

}  // namespace loopgate
