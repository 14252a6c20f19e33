// Pictures of the user's own as frames: a folder of them as one file, and what is known of each.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

// Which labels are good: those of classes in `ok_classes`, by name or by number; `OK` and `NG` speak for
// themselves.
struct LabelMeaning {
  std::vector<std::string> labels;      // the model's classes in order; empty: not known
  std::vector<std::string> ok_classes;  // empty: no label but OK and NG means anything
};

// Nothing where the label means nothing: it is misspelt, or no class of the model.
std::optional<bool> is_ok(const std::string& label, const LabelMeaning& meaning);

struct OwnImages {
  std::string archive;                // protocol/picture_archive.h, ordered by name
  std::map<std::string, bool> is_ok;  // by name; of the others nobody knows
};

// The .png and .pgm files of `folder` and of the folders in it. The label of one is the folder that it lies
// in, below `folder`, or what `labels_file` says ("NAME,LABEL" a line; all its names must be there). A usage
// error names what cannot be used: a picture of another kind, a label without meaning, too many bytes.
// Without `meaning` no label is asked for.
Result<OwnImages> gather_images(const std::filesystem::path& folder, const std::filesystem::path& labels_file,
                                const std::optional<LabelMeaning>& meaning);

}  // namespace loopgate
