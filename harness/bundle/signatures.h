// Whose signatures of a bundle hold. A signature is a file beside it: what begins with the bundle's name and
// a dot, and ends in .minisig (minisign's) or .sig (`ssh-keygen -Y sign -n loopgate`): a.lgb.minisig,
// a.lgb.vendor.sig. minisign and ssh-keygen do the cryptography.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/keys.h"

namespace loopgate {

inline constexpr const char* signature_namespace = "loopgate";

struct HeldSignature {
  std::filesystem::path key;  // the trusted key's file
  std::filesystem::path signature;
};

struct CheckedSignatures {
  std::size_t wanted = 0;
  std::vector<HeldSignature> held;       // one for each trusted key that signed
  std::vector<std::string> not_counted;  // of the others, a sentence each
};

// At least `wanted` of the keys signed the file as it is. Else a data error that says of each key and each
// signature what is missing; it is one, too, where a trusted key's signature is not of these bytes, however
// many others hold. An infrastructure error where the program is not installed or does not end within a
// minute and what it needs to read the file at 10 MB/s. `scratch`: an empty folder for ssh-keygen's list of
// signers.
Result<CheckedSignatures> check_signatures(const std::filesystem::path& bundle,
                                           const std::vector<PublicKey>& keys, std::size_t wanted,
                                           const std::filesystem::path& scratch);

// The files beside a bundle that are signatures of it by their names, in the order of these.
Result<std::vector<std::filesystem::path>> signature_files(const std::filesystem::path& bundle);

// How long a program may take to read a file: a minute, and its size at 10 MB/s.
std::chrono::seconds time_to_read(const std::filesystem::path& file);

// An infrastructure error that says what to install.
Status check_signing_program(KeyKind kind);

}  // namespace loopgate
