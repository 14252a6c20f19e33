// An in-toto Statement v1 with a test-result predicate v0.1
// (https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace loopgate {

// Its subjects: the bundle, and each kernel image that was tested. Tests are RUN/KERNEL/LOAD. Nothing where
// the verdict is neither PASS nor FAIL: the predicate has no word for it, and WARNED would be a softer one.
std::optional<std::string> in_toto_statement(const nlohmann::json& acceptance, const std::string& bundle_name,
                                             const std::string& bundle_sha256);

}  // namespace loopgate
