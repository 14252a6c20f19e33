// [decisions] of a suite.toml: how many frames make a decision, and what is known of what they show.
#pragma once

#include "config/suite.h"
#include "config/toml_table.h"

namespace loopgate {

// Into a work whose schedule and payload are read already. The truth is
//   - the synthetic camera's, unless something else is said;
//   - with `pictures = "KEY"`, that of the pictures in the payload's file KEY (protocol/picture_archive.h),
//   by
//     name in [decisions.truth]: OK or NG. Of pictures that are not named there nobody knows it;
//   - with `unjudged = true`, known of no frame: a real camera's, or a model that is no classifier.
// A usage error names the file, the table and the key.
Status read_decisions(TomlTable table, DecisionWork* work);

}  // namespace loopgate
