#include "qemu/saved_state.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using ::testing::HasSubstr;

class SavedStates : public ::testing::Test {
 protected:
  void keep(const std::string& key) {
    const auto place = store_.begin(key);
    ASSERT_TRUE(place);
    folder_.write(fs::path("states") / key / "state.bin", "the machine");
    folder_.write(fs::path("states") / key / "console.log", "booted");
    ASSERT_TRUE(store_.keep(key, 1'234'567'890));
  }
  void write_meta(const std::string& text) const { folder_.write("states/k/state.json", text); }
  fs::path place(const std::string& key) const { return folder_.path() / "states" / key; }

  TempFolder folder_;
  StateStore store_{folder_.path() / "states"};
};

TEST(StateKey, DependsOnEveryInputAndTheirBounds) {
  const std::string key = StateStore::key({"qemu", "kernel"});
  EXPECT_EQ(key, StateStore::key({"qemu", "kernel"}));
  EXPECT_EQ(key.size(), 16U);
  EXPECT_NE(key, StateStore::key({"qemuk", "ernel"}));
  EXPECT_NE(key, StateStore::key({"qemu", "kernel", ""}));
  EXPECT_NE(key, StateStore::key({"kernel", "qemu"}));
  EXPECT_NE(StateStore::key({"a\n1:b"}), StateStore::key({"a", "b"}));
}

TEST_F(SavedStates, AreFoundAsTheyWereKept) {
  EXPECT_FALSE(store_.find("k"));
  keep("k");
  const auto state = store_.find("k");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->saved_at_ns, 1'234'567'890);
  EXPECT_EQ(text_of_file(state->file), "the machine");
  EXPECT_EQ(text_of_file(state->console), "booted");
  EXPECT_FALSE(store_.find("other"));
}

TEST_F(SavedStates, AreNotThereUntilTheyAreKept) {
  ASSERT_TRUE(store_.begin("k"));
  folder_.write("states/k/state.bin", "half");
  EXPECT_FALSE(store_.find("k"));
}

TEST_F(SavedStates, AreForgottenWhenANewOneIsBegun) {
  keep("k");
  ASSERT_TRUE(store_.begin("k"));
  EXPECT_FALSE(store_.find("k"));
  EXPECT_FALSE(fs::exists(place("k") / "state.bin"));
}

TEST_F(SavedStates, ThatWereNeverWrittenCannotBeKept) {
  ASSERT_TRUE(store_.begin("k"));
  const auto kept = store_.keep("k", 1);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(kept.error().what, HasSubstr("states/k: the saved state is missing"));
  EXPECT_FALSE(store_.find("k"));
}

TEST_F(SavedStates, ThatWereCutOffAreNotThere) {
  keep("k");
  folder_.write("states/k/state.bin", "the mach");
  EXPECT_FALSE(store_.find("k"));
  fs::remove(place("k") / "state.bin");
  EXPECT_FALSE(store_.find("k"));
}

TEST_F(SavedStates, WhoseDescriptionIsDamagedAreNotThere) {
  keep("k");
  const std::string whole = text_of_file(place("k") / "state.json");
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("{}"),
        std::string(R"({"format":1,"size":11})"), std::string(R"({"format":1,"saved_at_ns":"1","size":11})"),
        std::string(R"({"format":1,"saved_at_ns":1})")}) {
    write_meta(text);
    EXPECT_FALSE(store_.find("k")) << text;
  }
  write_meta(whole);
  EXPECT_TRUE(store_.find("k"));
}

TEST_F(SavedStates, WhoseSizeIsNoNumberAreNotThere) {
  keep("k");
  write_meta(R"({"format":1,"saved_at_ns":1,"size":"eleven"})");
  EXPECT_FALSE(store_.find("k"));
}

TEST_F(SavedStates, NotUsedForLongAreForgotten) {
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 12; ++i) {
    const std::string key = "k" + std::to_string(i);
    keep(key);
    fs::last_write_time(place(key) / "state.json", now - hours(100 - i));
  }
  ASSERT_TRUE(store_.find("k0")) << "twelve are kept; asking for one is using it";
  keep("k12");
  EXPECT_TRUE(store_.find("k12"));
  EXPECT_TRUE(store_.find("k0"));
  EXPECT_FALSE(store_.find("k1"));
  EXPECT_FALSE(fs::exists(place("k1")));
  for (int i = 2; i < 12; ++i) EXPECT_TRUE(store_.find("k" + std::to_string(i))) << i;
}

TEST_F(SavedStates, AreLockedForOneAtATime) {
  std::atomic<bool> second_has_it{false};
  std::thread second;
  {
    const auto first = store_.lock("k");
    ASSERT_TRUE(first);
    ASSERT_TRUE(store_.lock("other")) << "another key is free";
    second = std::thread([&] {
      const auto lock = store_.lock("k");
      second_has_it = lock.has_value();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(second_has_it);
  }
  second.join();
  EXPECT_TRUE(second_has_it);
}

TEST_F(SavedStates, CannotBeLockedWhereNoFolderCanBe) {
  const StateStore store(folder_.write("file", "x") / "states");
  const auto lock = store.lock("k");
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(lock.error().what, HasSubstr("file/states"));
}

}  // namespace
}  // namespace loopgate
