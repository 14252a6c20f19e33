#include "config/own_model.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <cmath>
#include <sstream>

#include "base/digest.h"
#include "base/file.h"
#include "config/own_images.h"
#include "protocol/channel.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view model_key = "model";
constexpr std::string_view images_key = "images";

// Files of the suite stay where they are: their names become absolute.
void anchor_files(toml::table* files, const fs::path& folder) {
  for (auto&& [key, value] : *files)
    if (const auto name = value.value<std::string>())
      files->insert_or_assign(key, (folder / *name).lexically_normal().string());
}

// A copy in the suite's folder, whose name it gives.
Result<std::string> copy_into(const fs::path& folder, const fs::path& file) {
  TRY(bytes, read_regular_file(file, payload_files_size_max));
  TRY_STATUS(write_file_atomically(folder / file.filename(), bytes));
  return file.filename().string();
}

Status put_model(const OwnModel& own, const fs::path& folder, toml::table* files) {
  TRY(name, copy_into(folder, own.model));
  TRY(digest, sha256_of_file(folder / name));
  TRY_STATUS(write_file_atomically(folder / (name + ".sha256"), digest + "  " + name + "\n"));
  files->insert_or_assign(model_key, name);
  files->insert_or_assign(std::string(model_key) + "_sha256", name + ".sha256");
  return {};
}

void append(toml::array* command, std::initializer_list<std::string> words) {
  for (const std::string& word : words) command->push_back(word);
}

Status put_meaning(const OwnModel& own, const fs::path& folder, toml::table* files, toml::array* command) {
  if (!own.labels.empty()) {
    TRY(name, copy_into(folder, own.labels));
    files->insert_or_assign("labels", name);
    append(command, {"--labels", "{labels}"});
  }
  std::string classes;
  for (const std::string& one : own.ok_classes) classes += (classes.empty() ? "" : ",") + one;
  if (!classes.empty()) append(command, {"--ok-classes", classes});
  if (own.ok_above) append(command, {"--ok-above", fmt::format("{}", *own.ok_above)});
  if (own.ok_below) append(command, {"--ok-below", fmt::format("{}", *own.ok_below)});
  if (own.raw) append(command, {"--raw"});
  if (!own.mean.empty()) append(command, {"--mean", own.mean});
  if (!own.deviation.empty()) append(command, {"--std", own.deviation});
  if (!own.engine.empty()) append(command, {"--engine", own.engine});
  return {};
}

Result<LabelMeaning> meaning_of(const OwnModel& own) {
  LabelMeaning meaning{{}, own.ok_classes};
  if (own.labels.empty()) return meaning;
  TRY(text, read_regular_file(own.labels, payload_files_size_max));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    meaning.labels.push_back(std::move(line));
  }
  return meaning;
}

// In place of what stands behind --camera, or at the end.
void put_camera(toml::array* command) {
  const std::string camera = "{" + std::string(images_key) + "}";
  for (std::size_t i = 0; i < command->size(); ++i) {
    const std::string word = (*command)[i].value_or(std::string());
    const auto at = command->cbegin() + static_cast<std::ptrdiff_t>(i);
    if (word.starts_with("--camera=")) {
      command->replace(at, "--camera=" + camera);
      return;
    }
    if (word == "--camera" && i + 1 < command->size()) {
      command->replace(at + 1, camera);
      return;
    }
  }
  append(command, {"--camera", camera});
}

// Before anything is written. Of a model that is no classifier no label means anything.
Result<std::optional<OwnImages>> images_of(const OwnModel& own) {
  if (own.images.empty()) return std::nullopt;
  std::optional<LabelMeaning> meaning;
  if (!own.raw) {
    TRY(said, meaning_of(own));
    meaning = std::move(said);
  }
  TRY(images, gather_images(own.images, own.image_labels, meaning));
  return images;
}

Status put_images(const OwnImages& images, const fs::path& folder, toml::table* root) {
  toml::table* decisions = (*root)["decisions"].as_table();
  if (decisions == nullptr)
    return fail(ErrorKind::usage, "this suite has no decisions, so nothing would be made of the pictures");
  const std::string file = std::string(images_key) + ".tar";
  TRY_STATUS(write_file_atomically(folder / file, images.archive));
  (*root)["payload"]["files"].as_table()->insert_or_assign(images_key, file);
  put_camera((*root)["payload"]["command"].as_array());
  decisions->insert_or_assign("pictures", images_key);
  toml::table truth;
  for (const auto& [name, ok] : images.is_ok) truth.insert_or_assign(name, ok ? "OK" : "NG");
  // What the suite says was said of other pictures.
  decisions->erase("truth");
  decisions->erase("unjudged");
  if (!truth.empty()) decisions->insert_or_assign("truth", std::move(truth));
  return {};
}

// The beat and the time limit, times `factor` and whole.
void stretch(toml::table* schedule, double factor) {
  if (toml::array* interval = (*schedule)["interval_us"].as_array())
    for (toml::node& one : *interval)
      if (auto* us = one.as_integer()) *us = std::llround(static_cast<double>(us->get()) * factor);
  const double timeout_ms = (*schedule)["response_timeout_ms"].value_or(0.0);
  schedule->insert_or_assign("response_timeout_ms", timeout_ms * factor);
}

// Back to back there is no beat: what follows a decision stays, and the time limit where the deadline is
// within.
void make_room(toml::table* schedule, double deadline_us) {
  const double needed_ms = 1.5 * deadline_us / 1000;
  if ((*schedule)["response_timeout_ms"].value_or(0.0) < needed_ms)
    schedule->insert_or_assign("response_timeout_ms", needed_ms);
}

Status put_deadline(const OwnModel& own, const Suite& suite, toml::table* schedule) {
  if (own.deadline_us == 0) return {};
  if (schedule == nullptr)
    return fail(ErrorKind::usage,
                "suite " + suite.name + " has no schedule, so no deadline: leave --deadline-us out");
  const double was = (*schedule)["deadline_us"].value_or(0.0);
  const auto deadline_us = static_cast<double>(own.deadline_us);
  if ((*schedule)["back_to_back"].value_or(false)) {
    make_room(schedule, deadline_us);
  } else if (was > 0 && deadline_us > was) {
    stretch(schedule, deadline_us / was);
  }
  schedule->insert_or_assign("deadline_us", own.deadline_us);
  return {};
}

// Before anything is written.
Status check(const OwnModel& own, const Suite& suite, const toml::table& root) {
  if (!root["payload"]["files"][model_key])
    return fail(ErrorKind::usage, "suite " + suite.name +
                                      " runs no model, so none can be put in its place: "
                                      "take inspection, inspection-rate or another of that family");
  for (const fs::path& file : {own.model, own.labels})
    if (!file.empty()) TRY_STATUS(read_regular_file(file, payload_files_size_max));
  return {};
}

// The payload's own words for it.
void put_preprocess(const OwnModel& own, toml::array* command) {
  if (!own.preprocess.empty()) append(command, {"--preprocess", own.preprocess});
  if (own.preprocess_cpu) append(command, {"--preprocess-cpu", std::to_string(*own.preprocess_cpu)});
}

// Before it is ready the inspection application infers 26 times, of which none may take longer than an
// answer.
void leave_time_to_begin(toml::table* root) {
  constexpr double inferences = 30;
  const std::int64_t default_ms = Payload().ready_timeout_ms;
  constexpr std::int64_t longest_ms = 600'000;
  toml::table* payload = (*root)["payload"].as_table();
  const double answer_ms = (*root)["schedule"]["response_timeout_ms"].value_or(0.0);
  const std::int64_t was_ms = (*payload)["ready_timeout_ms"].value_or(default_ms);
  const auto needed_ms = static_cast<std::int64_t>(std::ceil(inferences * answer_ms));
  payload->insert_or_assign("ready_timeout_ms", std::max(was_ms, std::min(needed_ms, longest_ms)));
}

Status put_own(const OwnModel& own, const std::optional<OwnImages>& images, const Suite& suite,
               const fs::path& folder, toml::table* root) {
  toml::table* files = (*root)["payload"]["files"].as_table();
  toml::array* command = (*root)["payload"]["command"].as_array();
  if (files == nullptr || command == nullptr)
    return fail(ErrorKind::usage, "suite " + suite.name + " has no payload with files");
  anchor_files(files, suite.folder);
  if (!own.model.empty()) {
    TRY_STATUS(put_model(own, folder, files));
    TRY_STATUS(put_meaning(own, folder, files, command));
  }
  put_preprocess(own, command);
  if (images) {
    TRY_STATUS(put_images(*images, folder, root));
  }
  // Every part is OK, whatever it shows: such a decision is neither right nor wrong.
  if (toml::table* decisions = (*root)["decisions"].as_table(); own.raw && decisions != nullptr)
    decisions->insert_or_assign("unjudged", true);
  TRY_STATUS(put_deadline(own, suite, (*root)["schedule"].as_table()));
  leave_time_to_begin(root);
  return {};
}

}  // namespace

Result<fs::path> write_suite_with(const OwnModel& own, const Suite& suite, const fs::path& folder) {
  fs::path place = folder / suite.name;
  toml::table root;
  try {
    root = toml::parse(suite.toml);
  } catch (const toml::parse_error& error) {  // it was read before
    return fail(ErrorKind::usage, suite.name + ": " + std::string(error.description()));
  }
  TRY_STATUS(check(own, suite, root));
  TRY(images, images_of(own));
  TRY_STATUS(make_directories(place));
  TRY_STATUS(put_own(own, images, suite, place, &root));
  std::ostringstream text;
  text << root << '\n';
  TRY_STATUS(write_file_atomically(place / "suite.toml", text.str()));
  return place;
}

}  // namespace loopgate
