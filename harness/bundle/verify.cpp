#include "bundle/verify.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/units.h"
#include "bundle/archive.h"
#include "bundle/judged_again.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

bool is_same_build(const LoopgateVersion& one, const LoopgateVersion& other) {
  return one.version == other.version && one.commit == other.commit;
}

std::string text_of(const LoopgateVersion& build) {
  return fmt::format("loopgate {} {}", build.version,
                     build.commit.empty() ? "of an unknown commit" : build.commit);
}

tl::unexpected<Error> refuse(const fs::path& bundle, const std::string& what) {
  return fail(ErrorKind::data, fmt::format("{}: {}", bundle.string(), what),
              "trust no figure of it; ask who made it for one that verifies");
}

// What a bundle must have to be judged at all: a person who seals one anew may leave anything out.
Status check_has_all(const OpenedBundle& opened) {
  const Manifest& manifest = opened.unpacked.manifest;
  for (const std::string& each : {std::string(policy_in_bundle), std::string(verdict_in_bundle),
                                  run_in_bundle + std::string("/run.json")})
    if (!manifest.files.contains(each)) return bundle_differs(opened, fmt::format("has no {}", each));
  for (const auto& [path, file] : manifest.files)
    if (path != policy_in_bundle && path != verdict_in_bundle && !is_run_file(path, run_in_bundle))
      return bundle_differs(opened, fmt::format("has {}, which is no part of a bundle", path));
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
                fmt::format("--signatures {}: --trust names {}", trust.signatures,
                            counted_text(trust.keys.size(), {"key", "keys"})),
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

LoopgateVersion packer_of(const Manifest& manifest) { return {manifest.loopgate, manifest.commit}; }

tl::unexpected<Error> bundle_differs(const OpenedBundle& opened, const std::string& what) {
  const LoopgateVersion packer = packer_of(opened.unpacked.manifest);
  if (is_same_build(packer, opened.own)) return refuse(opened.bundle, what);
  return fail(ErrorKind::data,
              fmt::format("{}: {} (it was packed by {}, and this is {})", opened.bundle.string(), what,
                          text_of(packer), text_of(opened.own)),
              fmt::format("verify it with {}: builds differ in what they write, and this one can't tell that "
                          "from a change",
                          text_of(packer)));
}

Result<std::vector<std::string>> check_as_recorded(const OpenedBundle& opened, const std::string& file,
                                                   const std::string& recomputed) {
  TRY(recorded, read_file(opened.root / file, ErrorKind::data));
  const bool same_build = is_same_build(packer_of(opened.unpacked.manifest), opened.own);
  HeldAgainst held =
      hold_against(recorded, recomputed, same_build ? Packer::this_build : Packer::another_build);
  if (!held.difference.empty())
    return bundle_differs(opened, fmt::format("{} differs at {}", file, held.difference));
  for (std::string& key : held.added_since) key.insert(0, file);
  return std::move(held.added_since);
}

bool is_run_file(std::string_view path, std::string_view as) {
  return path.starts_with(as) && path.size() > as.size() && path[as.size()] == '/' &&
         !is_derived(path.substr(as.size() + 1));
}

Result<OpenedBundle> open_bundle(const fs::path& bundle, const fs::path& scratch, const LoopgateVersion& own,
                                 const Trust& trust) {
  remove_abandoned(scratch, "verify");
  TRY(folder, ScratchDir::create(scratch, "verify"));
  TRY(signed_bytes, check_trust(bundle, trust, folder.path()));
  const fs::path root = folder.path() / "bundle";
  TRY_STATUS(make_directories(root));
  TRY(unpacked, unpack(bundle, root));
  // Exchanged in between, one form of it would be signed and another judged.
  if (!trust.keys.empty() && (!signed_bytes || signed_bytes->sha256 != unpacked.sha256))
    return refuse(bundle, "changed while it was verified");
  OpenedBundle opened{bundle, own, std::move(folder), root, std::move(unpacked), std::nullopt};
  if (signed_bytes) opened.signatures = std::move(signed_bytes->checked);
  return opened;
}

Result<JudgedAgain> judge_again(const OpenedBundle& opened, const std::string& inside) {
  const fs::path root = opened.root / inside;
  auto judged = judge_unpacked(root / run_in_bundle, root / policy_in_bundle);
  // The mistake is not the reader's: the policy or the run in the bundle cannot be judged.
  if (!judged && judged.error().kind == ErrorKind::infrastructure) return tl::unexpected(judged.error());
  if (!judged) return bundle_differs(opened, inside + "cannot be judged: " + judged.error().what);
  TRY(added_since, check_as_recorded(opened, inside + verdict_in_bundle, to_json(judged->verdict)));
  return JudgedAgain{std::move(*judged), std::move(added_since)};
}

Result<VerifiedBundle> verify_run(const OpenedBundle& opened) {
  TRY_STATUS(check_has_all(opened));
  TRY(judged, judge_again(opened, ""));
  TRY(run, read_run_record(opened.root / run_in_bundle));
  ReleaseCheck release =
      check_released(run, opened.unpacked.manifest.files.at(policy_in_bundle).sha256, shipped_files());
  return VerifiedBundle{opened.unpacked, std::move(judged.judged), std::move(judged.added_since),
                        std::move(release), opened.signatures};
}

Result<VerifiedBundle> verify(const fs::path& bundle, const fs::path& scratch, const LoopgateVersion& own,
                              const Trust& trust) {
  TRY(opened, open_bundle(bundle, scratch, own, trust));
  return verify_run(opened);
}

}  // namespace loopgate
