#include "bundle/verify.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "bundle/archive.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string at(const json& object, const std::string& place) {
  const json::json_pointer pointer(place);
  if (!object.contains(pointer)) return "nothing";
  return object.at(pointer).dump(-1, ' ', false, json::error_handler_t::replace);
}

// What a bundle must have to be judged at all: a person who seals one anew may leave anything out.
Status check_has_all(const fs::path& bundle, const Manifest& manifest) {
  for (const std::string& each : {std::string(policy_in_bundle), std::string(verdict_in_bundle),
                                  run_in_bundle + std::string("/run.json")})
    if (!manifest.files.contains(each)) return bundle_differs(bundle, fmt::format("has no {}", each));
  for (const auto& [path, file] : manifest.files)
    if (path != policy_in_bundle && path != verdict_in_bundle && !is_run_file(path, run_in_bundle))
      return bundle_differs(bundle, fmt::format("has {}, which is no part of a bundle", path));
  return {};
}

struct SignedBytes {
  std::string sha256;
  CheckedSignatures checked;
};

// Nothing where no key is trusted.
Result<std::optional<SignedBytes>> check_trust(const fs::path& bundle, const Trust& trust,
                                               const fs::path& folder) {
  if (trust.keys.empty() && trust.signatures == 0) return std::nullopt;
  if (trust.signatures > trust.keys.size())
    return fail(ErrorKind::usage,
                fmt::format("--signatures {}: --trust names {} keys", trust.signatures, trust.keys.size()),
                "name each signer's public key by --trust, or want fewer signatures");
  std::error_code error;
  if (!fs::is_regular_file(bundle, error)) return std::nullopt;  // unpack() says so
  TRY(keys, read_public_keys(trust.keys));
  TRY(sha256, sha256_of_file(bundle));
  const std::size_t wanted = trust.signatures > 0 ? trust.signatures : keys.size();
  TRY(checked, check_signatures(bundle, keys, wanted, folder));
  return SignedBytes{std::move(sha256), std::move(checked)};
}

}  // namespace

std::string first_difference(const std::string& recorded, const std::string& recomputed) {
  if (recorded == recomputed) return {};
  json theirs = parse_json(recorded);
  json ours = parse_json(recomputed);
  if (theirs.is_discarded()) return "it is no JSON";
  // Where more differs than the seal, that is what is told.
  for (json* each : {&theirs, &ours})
    if (each->is_object()) each->erase("sha256");
  if (theirs == ours) return "/sha256: its text is not as loopgate writes it";
  const json steps = json::diff(theirs, ours);
  const std::string place = steps[0]["path"];
  return fmt::format("{}: {}, and the raw samples give {}", place, at(theirs, place), at(ours, place));
}

tl::unexpected<Error> bundle_differs(const fs::path& bundle, const std::string& what) {
  return fail(ErrorKind::data, fmt::format("{}: {}", bundle.string(), what),
              "trust no figure of it; ask who made it for one that verifies");
}

bool is_run_file(std::string_view path, std::string_view as) {
  return path.starts_with(as) && path.size() > as.size() && path[as.size()] == '/' &&
         !is_derived(path.substr(as.size() + 1));
}

Result<OpenedBundle> open_bundle(const fs::path& bundle, const fs::path& scratch, const Trust& trust) {
  remove_abandoned(scratch, "verify");
  TRY(folder, ScratchDir::create(scratch, "verify"));
  TRY(signed_bytes, check_trust(bundle, trust, folder.path()));
  const fs::path root = folder.path() / "bundle";
  TRY_STATUS(make_directories(root));
  TRY(unpacked, unpack(bundle, root));
  // Exchanged in between, one form of it would be signed and another judged.
  if (!trust.keys.empty() && (!signed_bytes || signed_bytes->sha256 != unpacked.sha256))
    return bundle_differs(bundle, "changed while it was verified");
  OpenedBundle opened{bundle, std::move(folder), root, std::move(unpacked), std::nullopt};
  if (signed_bytes) opened.signatures = std::move(signed_bytes->checked);
  return opened;
}

Result<JudgedBundle> judge_again(const OpenedBundle& opened, const std::string& inside) {
  const fs::path root = opened.root / inside;
  auto judged = judge_unpacked(root / run_in_bundle, root / policy_in_bundle);
  // The mistake is not the reader's: the policy or the run in the bundle cannot be judged.
  if (!judged && judged.error().kind == ErrorKind::infrastructure) return tl::unexpected(judged.error());
  if (!judged) return bundle_differs(opened.bundle, inside + "cannot be judged: " + judged.error().what);
  TRY(recorded, read_file(root / verdict_in_bundle));
  if (const std::string where = first_difference(recorded, to_json(judged->verdict)); !where.empty())
    return bundle_differs(opened.bundle, fmt::format("{}{} differs at {}", inside, verdict_in_bundle, where));
  return judged;
}

Result<VerifiedBundle> verify_run(const OpenedBundle& opened) {
  TRY_STATUS(check_has_all(opened.bundle, opened.unpacked.manifest));
  TRY(judged, judge_again(opened, ""));
  TRY(run, read_run_record(opened.root / run_in_bundle));
  ReleaseCheck release =
      check_released(run, opened.unpacked.manifest.files.at(policy_in_bundle).sha256, shipped_files());
  return VerifiedBundle{opened.unpacked, std::move(judged), std::move(release), opened.signatures};
}

Result<VerifiedBundle> verify(const fs::path& bundle, const fs::path& scratch, const Trust& trust) {
  TRY(opened, open_bundle(bundle, scratch, trust));
  return verify_run(opened);
}

}  // namespace loopgate
