// The sentence with which a reader refuses a file of the given text.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/testing/temp_folder.h"

namespace loopgate {

// "accepted" when it does not. The sentence must name the file, which is a usage error: all of these are the
// user's files.
template <class Read>
std::string refusal_of(Read read, const std::string& text) {
  const TempFolder folder;
  const auto value = read(folder.write("x/file.toml", text));
  if (value) return "accepted";
  EXPECT_EQ(value.error().kind, ErrorKind::usage);
  EXPECT_NE(value.error().what.find("file.toml:"), std::string::npos) << value.error().what;
  return value.error().what;
}

// `text` with `from`, which must be in it, replaced.
inline std::string altered(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " is not in the text";
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace loopgate
