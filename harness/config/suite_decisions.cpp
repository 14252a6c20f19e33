#include "config/suite_decisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/file.h"
#include "programs/options.h"
#include "protocol/part_truth.h"
#include "protocol/picture_archive.h"

namespace loopgate {
namespace {

void read_frames(TomlReader* reader, DecisionWork* work) {
  std::int64_t frames = 1;
  reader->optional("frames", &frames);
  if (frames < 1 || frames > 100) reader->refuse("frames", "must be from 1 to 100");
  work->frames = static_cast<int>(frames);
  if (frames > 1) {
    double interval_us = 0;
    reader->required("frame_interval_us", &interval_us);
    if (!(interval_us > 0 && interval_us <= 1e9))
      reader->refuse("frame_interval_us", "must be above 0, up to 1e9");
    else
      work->frame_interval_ns = std::llround(interval_us * 1e3);
  }
  const std::int64_t scene_ns = (frames - 1) * work->frame_interval_ns;
  if (scene_ns >= work->schedule.deadline_ns || scene_ns >= work->schedule.interval_min_ns)
    reader->refuse("frames", "make a scene that is longer than the schedule's deadline or shortest interval");
  if (frames > 1 && work->schedule.back_to_back)
    reader->refuse("frames", "above 1 and back_to_back do not go together");
}

// Where the payload's frames come from; "synthetic" is the inspection application's own default, and what a
// payload without such an option is taken to have.
std::string camera_of(const Payload& payload) {
  const auto options = options_in(payload.command);
  const auto camera = std::ranges::find(options, "--camera", &ProgramOption::name);
  return camera == options.end() || camera->value.empty() ? "synthetic" : camera->value;
}

// The truth of each picture of the archive, in its order.
Status read_truth(TomlTable table, const std::vector<ArchivedFile>& pictures, std::string* truth) {
  truth->assign(pictures.size(), truth_unknown);
  std::map<std::string, std::size_t, std::less<>> place;
  for (std::size_t i = 0; i < pictures.size(); ++i) place.emplace(pictures[i].name, i);
  TomlReader reader(std::move(table));
  for (const std::string& name : reader.keys()) {
    std::string says;
    reader.required(name, &says);
    const auto at = place.find(name);
    if (at == place.end())
      reader.refuse(name, "is no picture of the file that [decisions] names as pictures");
    else if (says != "OK" && says != "NG")
      reader.refuse(name, "must be OK or NG");
    else
      (*truth)[at->second] = says == "OK" ? truth_ok : truth_ng;
  }
  return reader.finish();
}

Status read_pictures(const std::string& key, TomlTable truth, TomlReader* reader, DecisionWork* work) {
  const auto& files = work->payload.files;
  const auto file = std::ranges::find(files, key, &PayloadFile::key);
  const auto refuse = [&](const std::string& why) {
    reader->refuse("pictures", why);
    return reader->finish();
  };
  if (file == files.end()) return refuse("is no key of [payload.files]: " + key);
  if (camera_of(work->payload) != "{" + key + "}")
    return refuse(fmt::format("is {0}, and payload.command has no --camera {{{0}}}", key));
  const auto bytes = read_file(file->file, ErrorKind::usage);
  if (!bytes) return refuse("names " + bytes.error().what);
  const auto pictures = read_picture_archive(*bytes);
  if (!pictures) return refuse(fmt::format("names {}, which {}", file->file.string(), pictures.error()));
  if (pictures->empty()) return refuse(fmt::format("names {}, which has no pictures", file->file.string()));
  work->pictures = true;
  return read_truth(std::move(truth), *pictures, &work->truth);
}

}  // namespace

Status read_decisions(TomlTable table, DecisionWork* work) {
  TomlReader reader(std::move(table));
  read_frames(&reader, work);
  std::string pictures;
  bool unjudged = false, has_truth = false;
  const bool has_pictures = reader.optional("pictures", &pictures);
  reader.optional("unjudged", &unjudged);
  const TomlTable truth = reader.table("truth", &has_truth);
  if (unjudged && has_truth) reader.refuse("unjudged", "and [decisions.truth] do not go together");
  if (has_truth && !has_pictures) reader.refuse("truth", "is of pictures: `pictures` must name their file");
  if (has_pictures) {
    TRY_STATUS(read_pictures(pictures, truth, &reader, work));
  } else if (unjudged) {
    work->truth = truth_unknown;
  } else if (const std::string camera = camera_of(work->payload); camera != "synthetic") {
    // Of other frames the instrument would count decisions as wrong that are right.
    reader.refuse("pictures", fmt::format("is missing: payload.command has --camera {}, and the instrument "
                                          "knows the synthetic camera's parts alone. Where nobody knows what "
                                          "its frames show, `unjudged = true` says so",
                                          camera));
  }
  return reader.finish();
}

}  // namespace loopgate
