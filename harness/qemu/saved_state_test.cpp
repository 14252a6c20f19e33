#include "qemu/saved_state.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "base/sealed_json.h"
#include "base/testing/temp_folder.h"
#include "base/testing/variable.h"

namespace loopgate::saved_state_test {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SavedStates : public ::testing::Test {
 protected:
  void keep(const std::string& key) {
    const auto place = store_.begin(key);
    ASSERT_TRUE(place);
    folder_.write(fs::path("states") / key / "state.bin", "the machine");
    folder_.write(fs::path("states") / key / "memory.bin", "its memory");
    folder_.write(fs::path("states") / key / "console.log", "booted");
    ASSERT_TRUE(store_.keep(key, 1'234'567'890));
  }
  void write_record(const std::string& text) const { folder_.write("states/k/state.json", text); }
  // Other bytes of the same size, written at the same time as far as the file says.
  void alter(const std::string& name) const {
    const fs::path file = place("k") / name;
    std::string text = text_of_file(file);
    text[2] ^= 1;
    const auto written = fs::last_write_time(file);
    folder_.write(fs::path("states/k") / name, text);
    fs::last_write_time(file, written);
  }
  static std::string record(int format, const nlohmann::json& saved_at, const nlohmann::json& memory) {
    return sealed({{"format", format},
                   {"saved_at_ns", saved_at},
                   {"state_sha256", ""},
                   {"memory_sha256", memory},
                   {"console_sha256", ""}});
  }
  fs::path place(const std::string& key) const { return folder_.path() / "states" / key; }

  TempFolder folder_;
  Variable cache_{"LOOPGATE_CACHE", folder_.path("cache").c_str()};
  std::vector<std::string> told_;
  StateStore store_{folder_.path() / "states", [this](const std::string& line) { told_.push_back(line); }};
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
  EXPECT_EQ(text_of_file(state->memory), "its memory");
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
  folder_.write("states/k/state.bin", "the machine");
  EXPECT_FALSE(store_.keep("k", 1)) << "its memory is missing";
  EXPECT_FALSE(store_.find("k"));
}

TEST_F(SavedStates, ThatWereCutOffAreNotThere) {
  keep("k");
  folder_.write("states/k/state.bin", "the mach");
  EXPECT_FALSE(store_.find("k"));
  fs::remove(place("k") / "state.bin");
  EXPECT_FALSE(store_.find("k"));
  keep("k");
  folder_.write("states/k/memory.bin", "its mem");
  EXPECT_FALSE(store_.find("k"));
}

TEST_F(SavedStates, OfAnotherContentAndTheSameSizeAndTimeAreRemovedAndTold) {
  for (const char* name : {"state.bin", "memory.bin", "console.log"}) {
    told_.clear();
    keep("k");
    alter(name);
    EXPECT_FALSE(store_.find("k")) << name;
    EXPECT_FALSE(fs::exists(place("k"))) << name;
    EXPECT_THAT(told_,
                ElementsAre("the saved state " + place("k").string() +
                            " is removed, and its kernel boots afresh: its files are not what was saved"));
  }
}

TEST_F(SavedStates, WhoseRecordIsDamagedAreRemovedAndTold) {
  keep("k");
  const std::string whole = text_of_file(place("k") / "state.json");
  std::string later = whole;  // the virtual time at which the machine stands
  later.replace(later.find("1234567890"), 10, "1234567891");
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("{}"), later,
        std::string(R"({"format":1,"saved_at_ns":1,"size":11})"), record(4, 1, ""), sealed({{"format", 3}}),
        record(3, "1", ""), record(3, 1, 5),
        sealed({{"format", 3}, {"saved_at_ns", 1}, {"state_sha256", ""}, {"console_sha256", ""}})}) {
    told_.clear();
    keep("k");
    write_record(text);
    EXPECT_FALSE(store_.find("k")) << text;
    EXPECT_FALSE(fs::exists(place("k"))) << text;
    EXPECT_THAT(told_, ElementsAre(HasSubstr("its record is damaged"))) << text;
  }
  keep("k");
  EXPECT_EQ(text_of_file(place("k") / "state.json"), whole);
  EXPECT_TRUE(store_.find("k"));
}

TEST_F(SavedStates, AreDiscardedWithTheirReasonUnlessTheyWereReplaced) {
  keep("k");
  SavedState old = *store_.find("k");
  old.written -= std::chrono::seconds(1);
  ASSERT_TRUE(store_.discard("k", old, "it hung"));
  EXPECT_THAT(told_, ElementsAre());
  const auto state = store_.find("k");
  ASSERT_TRUE(state) << "another job had replaced it";
  ASSERT_TRUE(store_.discard("k", *state, "it hung"));
  EXPECT_THAT(told_, ElementsAre(HasSubstr("its kernel boots afresh: it hung")));
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
  EXPECT_FALSE(fs::exists(place("k1")));
  ASSERT_TRUE(store_.begin("killed"));
  ASSERT_TRUE(store_.begin("booting"));
  const auto booting = store_.lock("booting");
  const auto old_in_use = store_.lock("k2");
  keep("k13");
  EXPECT_TRUE(fs::exists(place("k2"))) << "another job holds it";
  EXPECT_TRUE(fs::exists(place("booting"))) << "another job holds it";
  EXPECT_FALSE(fs::exists(place("killed")));
  EXPECT_TRUE(store_.find("k13"));
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
}  // namespace loopgate::saved_state_test
