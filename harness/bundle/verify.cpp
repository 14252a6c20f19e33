#include "bundle/verify.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/json.h"
#include "base/scratch_dir.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string at(const json& object, const std::string& place) {
  const json::json_pointer pointer(place);
  if (!object.contains(pointer)) return "nothing";
  return object.at(pointer).dump(-1, ' ', false, json::error_handler_t::replace);
}

tl::unexpected<Error> differs(const fs::path& bundle, const std::string& what) {
  return fail(ErrorKind::data, fmt::format("{}: {}", bundle.string(), what),
              "trust no figure of it; ask who made it for one that verifies");
}

// What a bundle must have to be judged at all: a person who seals one anew may leave anything out.
Status check_has_all(const fs::path& bundle, const Manifest& manifest) {
  for (const std::string& each : {std::string(policy_in_bundle), std::string(verdict_in_bundle),
                                  run_in_bundle + std::string("/run.json")})
    if (!manifest.files.contains(each)) return differs(bundle, fmt::format("has no {}", each));
  for (const auto& [path, file] : manifest.files)
    if (path != policy_in_bundle && path != verdict_in_bundle &&
        (!path.starts_with("run/") || is_derived(path.substr(4))))
      return differs(bundle, fmt::format("has {}, which is no part of a bundle", path));
  return {};
}

}  // namespace

std::string first_difference(const std::string& recorded, const std::string& recomputed) {
  if (recorded == recomputed) return {};
  const json theirs = parse_json(recorded);
  const json ours = parse_json(recomputed);
  if (theirs.is_discarded()) return "it is no JSON";
  const json steps = json::diff(theirs, ours);
  if (steps.empty()) return "its text is not in the form that loopgate writes";
  const std::string place = steps[0]["path"];
  return fmt::format("{}: {}, and the raw samples give {}", place, at(theirs, place), at(ours, place));
}

Result<VerifiedBundle> verify(const fs::path& bundle, const fs::path& scratch) {
  remove_abandoned(scratch, "verify");
  TRY(folder, ScratchDir::create(scratch, "verify"));
  TRY(unpacked, unpack(bundle, folder.path()));
  TRY_STATUS(check_has_all(bundle, unpacked.manifest));
  auto judged = judge_unpacked(folder.path() / run_in_bundle, folder.path() / policy_in_bundle);
  // The mistake is not the reader's: the policy or the run in the bundle cannot be judged.
  if (!judged && judged.error().kind == ErrorKind::infrastructure) return tl::unexpected(judged.error());
  if (!judged) return differs(bundle, "cannot be judged: " + judged.error().what);
  TRY(recorded, read_file(folder.path() / verdict_in_bundle));
  if (const std::string where = first_difference(recorded, to_json(judged->verdict)); !where.empty())
    return differs(bundle, "verdict.json differs at " + where);
  return VerifiedBundle{std::move(unpacked), std::move(*judged)};
}

}  // namespace loopgate
