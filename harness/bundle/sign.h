// Signs a bundle with a key of the user's: minisign or ssh-keygen asks for its passphrase, which loopgate
// never sees.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "bundle/keys.h"

namespace loopgate {

struct Signing {
  KeyKind kind = KeyKind::minisign;
  std::filesystem::path key;
  std::filesystem::path signature;  // the file beside the bundle
};

// What would sign `bundle`, before it is there. A data error where the file is no key to sign with, a usage
// error where the signature's file is there already, an infrastructure error where the program is not
// installed.
Result<Signing> plan_signing(const std::filesystem::path& bundle, const std::filesystem::path& key);

// Writes the signature beside and names it when it is whole. An infrastructure error where the program did
// not sign, as with a wrong passphrase: then no file of that name is there. It has ten minutes for the
// passphrase.
Status sign(const std::filesystem::path& bundle, const Signing& signing);

// The same of a bundle whose bytes have this digest: a data error where they are others before or after, and
// then no signature stays.
Status sign_these_bytes(const std::filesystem::path& bundle, const std::string& sha256,
                        const Signing& signing);

// What plan_signing() would make, where it is there already and holds. A data error where it is there and
// does not hold; a usage error where nobody can tell, since the public key is not beside the secret one
// (KEY.pub).
Result<std::optional<std::filesystem::path>> signature_that_holds(const std::filesystem::path& bundle,
                                                                  const std::filesystem::path& key);

}  // namespace loopgate
