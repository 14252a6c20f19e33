// What `bundle`, `accept` and `verify` say of what was judged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/output.h"
#include "bundle/pack.h"
#include "bundle/released.h"
#include "bundle/signatures.h"
#include "bundle/unpack.h"

namespace loopgate {

// The table, and what passed and what did not.
void print_judged(const JudgedBundle& judged, Answer* answer);

// A line that nobody misses: a softened limit or load has the released one's name.
void print_release(const ReleaseCheck& check, Answer* answer);

// By which build, and what this one, where it is another, writes as well and did not compare (JudgedAgain).
void print_packed_by(const UnpackedBundle& unpacked, const std::vector<std::string>& added_since,
                     Answer* answer);

// Nothing: no key was trusted.
void print_signatures(const std::optional<CheckedSignatures>& checked, Answer* answer);

}  // namespace loopgate
