// Whether a bundle says what its raw samples say: everything is computed again, and compared.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/scratch_dir.h"
#include "bundle/pack.h"
#include "bundle/released.h"
#include "bundle/signatures.h"
#include "bundle/unpack.h"

namespace loopgate {

// Whose signatures a bundle must have. No keys: none is looked at.
struct Trust {
  std::vector<std::filesystem::path> keys;
  std::size_t signatures = 0;  // how many of them must have signed; 0: each
};

struct VerifiedBundle {
  UnpackedBundle unpacked;
  JudgedBundle judged;  // from the raw samples
  std::vector<std::string> added_since;
  ReleaseCheck release;
  std::optional<CheckedSignatures> signatures;
};

// A bundle whose every byte is as its manifest has it, unpacked; gone with the object.
struct OpenedBundle {
  std::filesystem::path bundle;
  LoopgateVersion own;  // that judges it again
  ScratchDir folder;
  std::filesystem::path root;  // in the folder: what was unpacked
  UnpackedBundle unpacked;
  std::optional<CheckedSignatures> signatures;  // nothing where no key is trusted
};

// Checks the signatures before anything in the bundle is read, then unpacks into a scratch folder in
// `scratch`. A data error that names the first byte or file that differs, or says what signature is missing
// (check_signatures). A usage error where more signatures are wanted than keys are trusted.
Result<OpenedBundle> open_bundle(const std::filesystem::path& bundle, const std::filesystem::path& scratch,
                                 const LoopgateVersion& own, const Trust& trust);

LoopgateVersion packer_of(const Manifest& manifest);

struct JudgedAgain {
  JudgedBundle judged;
  // "verdict.json/checks/counted": keys that this build writes and its packer's did not. They are not
  // compared. Empty where both are one build.
  std::vector<std::string> added_since;
};

// The verdict of the run, policy.toml and verdict.json in `inside` ("" or a folder with a slash at its end),
// from the raw samples. A data error where verdict.json says another.
Result<JudgedAgain> judge_again(const OpenedBundle& opened, const std::string& inside);

// Of a bundle of one run. A data error that names the first thing that differs: a file, or a key of the
// verdict.
Result<VerifiedBundle> verify_run(const OpenedBundle& opened);

// Both in one.
Result<VerifiedBundle> verify(const std::filesystem::path& bundle, const std::filesystem::path& scratch,
                              const LoopgateVersion& own, const Trust& trust = {});

// Whether the path is that of a file of the run that stands in `as`, and not of one that is derived.
bool is_run_file(std::string_view path, std::string_view as);

// A data error of a bundle that is whole and does not say what its raw samples say. Where another build
// packed it, it names both and accuses nobody: builds differ in what they write.
tl::unexpected<Error> bundle_differs(const OpenedBundle& opened, const std::string& what);

// Whether a file in the bundle says what `recomputed` says (hold_against): a data error at the first place
// where it does not. Gives the keys that were added since.
Result<std::vector<std::string>> check_as_recorded(const OpenedBundle& opened, const std::string& file,
                                                   const std::string& recomputed);

}  // namespace loopgate
