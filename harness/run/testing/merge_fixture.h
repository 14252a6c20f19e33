// A plan of eight cells that is measured in three shards, by a machine that measures nothing, and merged.
#pragma once

#include <gmock/gmock.h>

#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include "base/testing/temp_folder.h"
#include "record/seal.h"
#include "run/measure_plan.h"
#include "run/merge.h"
#include "run/shard.h"
#include "run/testing/fake_machine.h"

namespace loopgate {

inline void replace_in(const std::filesystem::path& file, const std::string& old, const std::string& with) {
  std::string text = text_of_file(file);
  for (std::size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + with.size()))
    text.replace(at, old.size(), with);
  std::ofstream(file, std::ios::trunc) << text;
}

// As who alters a file with care does.
inline void seal_again(const std::filesystem::path& file) {
  std::string text = text_of_file(file);
  text.resize(text.rfind(",\n  \"sha256\": "));
  std::ofstream(file, std::ios::trunc) << with_seal(text + "\n}\n");
}

// Latencies follow from the cell, as they do in a machine that repeats.
inline Result<MachineRun> repeatable(const CellRequest& request) {
  std::int64_t sum = 0;
  for (const char letter : request.cell) sum += letter;
  return measured(request, {5'000 + sum, 0, 0});
}

class MergeTest : public ::testing::Test {
 protected:
  // A run of the plan, or of a shard of it ("2/3"), into a folder.
  std::string measure(const std::string& shard, const std::string& name, bool resume = false) {
    Session session{plan_, {}, {}, {}};
    session.kernels.resize(2);
    session.kernels[0].image_sha256 = image_;
    if (!shard.empty()) session.plan.shard = shard_of(plan_, shard).value();
    session.make_machine = [this](const Plan&, const Notify&) {
      return std::make_unique<FakeMachine>([this](const CellRequest& request) {
        {
          const std::lock_guard guard(began_mutex_);  // jobs run beside each other
          began_.push_back(request.cell);
        }
        return act_(request);
      });
    };
    const MeasureRequest request{folder_.path() / name, resume, {}, {"0", commit_}, {}};
    std::FILE* stream = std::tmpfile();
    const auto run = [&] {
      Progress progress(stream, false, plan_.cells.size(), 10);
      return measure_plan(&session, request, {}, &progress);
    }();
    std::fclose(stream);
    return run ? "" : run.error().what;
  }
  void measure_three() {
    for (const char* index : {"1", "2", "3"}) EXPECT_EQ(measure(index + std::string("/3"), index), "");
  }
  std::vector<std::filesystem::path> folders(const std::vector<std::string>& names) const {
    std::vector<std::filesystem::path> paths;
    paths.reserve(names.size());
    for (const std::string& name : names) paths.push_back(folder_.path() / name);
    return paths;
  }
  Result<MergedRun> merge(const std::vector<std::string>& names = {"1", "2", "3"}) const {
    return merge_run(folders(names), out());
  }
  // Nothing is left of a merge that came to none.
  Error refusal(const std::vector<std::string>& names) const {
    const auto merged = merge(names);
    if (merged) return {ErrorKind::infrastructure, "accepted", ""};
    EXPECT_FALSE(std::filesystem::exists(out()));
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path()))
      EXPECT_THAT(entry.path().filename().string(), ::testing::Not(::testing::StartsWith("loopgate-")));
    return merged.error();
  }
  std::filesystem::path out() const { return folder_.path() / "whole" / "run"; }
  std::string text_in(const std::string& file) const { return text_of_file(folder_.path() / file); }
  Shard shard(int index) const { return shards_of(plan_, 3).value()[static_cast<std::size_t>(index) - 1]; }
  std::string cell_of(int index) const { return shard(index).cells.front(); }
  std::filesystem::path file_of(int index, const std::string& name) const {
    return folder_.path() / std::to_string(index) / "cells" / cell_of(index) / name;
  }

  TempFolder folder_;
  Plan plan_ = made_up_plan(4);
  std::string image_ = "image";
  std::string commit_;  // that loopgate is built from
  std::function<Result<MachineRun>(const CellRequest&)> act_ = repeatable;
  std::mutex began_mutex_;
  std::vector<std::string> began_;
};

}  // namespace loopgate
