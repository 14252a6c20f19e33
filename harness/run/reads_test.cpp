// How often a command opens the samples of a cell, counted by the system: ten million of them are 320 MB.
#include <gmock/gmock.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/testing/temp_folder.h"
#include "run/describe_run.h"
#include "run/runner.h"
#include "run/testing/fake_machine.h"
#include "stats/stats_run.h"

namespace loopgate::reads_test {
namespace {

namespace fs = std::filesystem;

class OpenCounter {
 public:
  OpenCounter() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}
  ~OpenCounter() { ::close(inotify_); }
  OpenCounter(const OpenCounter&) = delete;
  OpenCounter& operator=(const OpenCounter&) = delete;

  void watch(const fs::path& file) const {
    ASSERT_GE(::inotify_add_watch(inotify_, file.c_str(), IN_OPEN), 0) << std::strerror(errno);
  }
  // Since it was asked last.
  int opens() const {
    alignas(inotify_event) std::array<char, 4096> buffer{};
    int count = 0;
    for (ssize_t size = ::read(inotify_, buffer.data(), buffer.size()); size > 0;
         size = ::read(inotify_, buffer.data(), buffer.size())) {
      for (ssize_t at = 0; at < size;) {
        inotify_event event{};
        std::memcpy(&event, buffer.data() + at, sizeof(event));
        count += (event.mask & IN_OPEN) != 0 ? 1 : 0;
        at += static_cast<ssize_t>(sizeof(event) + event.len);
      }
    }
    return count;
  }

 private:
  int inotify_;
};

class Reads : public ::testing::Test {
 protected:
  // All that `loopgate run` does, to the table at its end.
  void run(FakeMachine* machine, bool resume) {
    const std::vector<KernelFiles> kernels(2);
    const RunRecord about = describe_run(plan_, {}, kernels, {}, {}, 1, {"0", ""});
    auto directory = RunDirectory::open(out(), about, resume);
    ASSERT_TRUE(directory);
    std::FILE* stream = std::tmpfile();
    {
      Progress progress(stream, false, plan_.cells.size(), 10);
      ASSERT_TRUE(run_cells(plan_, kernels, {}, machine, *directory, {1, false}, &progress));
    }
    std::fclose(stream);
    const auto statistics = compute_run_statistics(out(), directory->take_kept());
    ASSERT_TRUE(statistics);
    for (const GroupEvidence& group : statistics->groups) {
      EXPECT_THAT(group.invalid, ::testing::IsEmpty());
      EXPECT_EQ(group.summary.counts.scheduled, 14U);
    }
  }
  fs::path out() const { return folder_.path() / "out"; }

  TempFolder folder_;
  Plan plan_ = made_up_plan(2);
  OpenCounter counter_;
};

TEST_F(Reads, ARunOpensTheSamplesOfEachCellOnce) {
  FakeMachine machine([&](const CellRequest& request) {
    MachineRun done = measured(request);
    counter_.watch(request.folder / "samples.lgs");
    return done;
  });
  run(&machine, false);
  EXPECT_EQ(counter_.opens(), 4);
}

TEST_F(Reads, ResumingOpensTheSamplesOfEachFinishedCellOnce) {
  FakeMachine machine;
  run(&machine, false);
  for (const Cell& cell : plan_.cells) counter_.watch(out() / "cells" / cell.name / "samples.lgs");
  FakeMachine again;
  run(&again, true);
  EXPECT_THAT(again.cells(), ::testing::IsEmpty());
  EXPECT_EQ(counter_.opens(), 4);
}

TEST_F(Reads, StatisticsReadWhatTheyAreNotGiven) {
  FakeMachine machine;
  run(&machine, false);
  for (const Cell& cell : plan_.cells) counter_.watch(out() / "cells" / cell.name / "samples.lgs");
  ASSERT_TRUE(compute_run_statistics(out()));
  EXPECT_EQ(counter_.opens(), 4);
}

}  // namespace
}  // namespace loopgate::reads_test
