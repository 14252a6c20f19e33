// A bundle's files, taken out and put in again as a forger would, for tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/json.h"
#include "bundle/manifest.h"
#include "bundle/ustar.h"
#include "record/run_record.h"
#include "record/seal.h"

namespace loopgate::testing {

using BundleFiles = std::vector<std::pair<std::string, std::string>>;  // path and text, the manifest first

// As write_bundle() lays files out, whatever they are.
inline std::string tar_of(const BundleFiles& files) {
  std::string tar;
  for (const auto& [path, text] : files)
    tar += *ustar_header(path, text.size()) + text + std::string(tar_padding(text.size()), '\0');
  return tar + std::string(tar_end, '\0');
}

inline BundleFiles files_of(const std::string& tar) {
  BundleFiles files;
  for (std::size_t at = 0; tar[at] != '\0';) {
    const std::string prefix = tar.c_str() + at + 345;
    const std::string name = tar.substr(at, 100).c_str();
    const std::size_t size = std::stoul(tar.substr(at + 124, 11), nullptr, 8);
    files.emplace_back(prefix.empty() ? name : prefix + "/" + name, tar.substr(at + tar_block, size));
    at += tar_block + size + tar_padding(size);
  }
  return files;
}

// The same files under a manifest that tells of them: what a forger can do who has no key to forge.
inline std::string resealed(BundleFiles files, const LoopgateVersion& packer = {"0", "abc"}) {
  Manifest manifest{packer.version, packer.commit, {}};
  for (std::size_t i = 1; i < files.size(); ++i)
    manifest.files[files[i].first] = {files[i].second.size(), sha256_of(files[i].second)};
  std::sort(files.begin() + 1, files.end());
  files[0].second = to_text(manifest);
  return tar_of(files);
}

// Of each verdict.json, sealed anew: what an older build left, or a forger.
inline void change_verdicts(BundleFiles* files, const std::function<void(nlohmann::ordered_json*)>& change) {
  for (auto& [path, text] : *files) {
    if (!path.ends_with("verdict.json")) continue;
    auto verdict = parse_json<nlohmann::ordered_json>(text);
    verdict.erase("sha256");
    change(&verdict);
    text = with_seal(verdict.dump(2));
  }
}

// A thousand times one byte, at a place that is drawn. `said` gives "verified", or why not.
inline void expect_no_byte_is_changeable(const std::string& bytes,
                                         const std::function<std::string(const std::string&)>& said) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    std::string changed = bytes;
    const std::size_t place = random() % changed.size();
    changed[place] = static_cast<char>(static_cast<unsigned char>(changed[place]) ^ (1 + random() % 255));
    EXPECT_NE(said(changed), "verified") << "byte " << place;
  }
}

// Each file taken out, one more put in before it, and each two exchanged, as a whole and in their texts.
// `said` gives "verified", or why not.
inline void expect_no_entry_is_movable(const std::string& bytes, const std::string& one_more,
                                       const std::function<std::string(const std::string&)>& said) {
  const BundleFiles files = files_of(bytes);
  ASSERT_EQ(tar_of(files), bytes);
  ASSERT_GT(files.size(), 6U);
  for (std::size_t i = 0; i < files.size(); ++i) {
    BundleFiles less = files;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    const std::string of_less = said(tar_of(less));
    EXPECT_NE(of_less, "verified") << files[i].first;
    if (i > 0) {  // the first is the manifest, without which it is no bundle
      EXPECT_NE(of_less.find(files[i].first + " is missing"), std::string::npos) << of_less;
    }
    BundleFiles more = files;
    more.insert(more.begin() + static_cast<std::ptrdiff_t>(i), {one_more, "text"});
    const std::string of_more = said(tar_of(more));
    EXPECT_NE(of_more, "verified") << files[i].first;
    if (i > 0) {
      EXPECT_NE(of_more.find(one_more + " is in it"), std::string::npos) << of_more;
    }
    for (std::size_t j = 0; j < i; ++j) {
      BundleFiles swapped = files;
      std::swap(swapped[i], swapped[j]);
      EXPECT_NE(said(tar_of(swapped)), "verified") << files[i].first;
      swapped = files;
      std::swap(swapped[i].second, swapped[j].second);
      if (swapped != files) {
        EXPECT_NE(said(tar_of(swapped)), "verified") << files[i].first;
      }
    }
  }
}

}  // namespace loopgate::testing
