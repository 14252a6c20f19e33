// The program from outside: exit statuses, one sentence each, and what it prints.
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "inspection/real_time.h"
#include "target/real_time.h"
#include "tests/model_fixture.h"
#include "tests/program_run.h"
#include "tests/temporary_folder.h"
#include "tests/tflite_fixture.h"

namespace loopgate::inspection {
namespace {

using Json = nlohmann::json;

class Program : public testing::Test {
 protected:
  static ProgramEnd run(const std::vector<std::string>& arguments) { return ProgramRun(arguments).end(); }

  // Everything that is needed, with a chip that is not there.
  std::vector<std::string> with(std::vector<std::string> more) const {
    more.insert(more.begin(), {"--chip", "no-such-chip", "--arrival", "1", "--valid", "2", "--verdict", "3",
                               "--model", model_});
    return more;
  }

  void write_pictures() const {
    for (const auto& [name, grey] : {std::pair("dark", '\x10'), std::pair("light", '\xe0')})
      folder_.write(std::string("pictures/") + name + ".pgm",
                    "P5 160 160 255\n" + std::string(160 * 160, grey));
  }

  TemporaryFolder folder_;
  std::string model_ = folder_.write("m.onnx", bytes_of(brightness_model()));
  std::string pictures_ = [this] {
    std::filesystem::create_directory(folder_ / "pictures");
    return folder_ / "pictures";
  }();
};

TEST_F(Program, DecidesAFolderOfPicturesInATable) {
  write_pictures();
  const ProgramEnd end = run({"--model", model_, "--images", pictures_});
  EXPECT_EQ(end.exit_status, 0);
  EXPECT_EQ(end.error, "");
  EXPECT_TRUE(end.out.starts_with("picture")) << end.out;
  EXPECT_NE(end.out.find("\ndark.pgm   NG "), std::string::npos) << end.out;
  EXPECT_NE(end.out.find("\nlight.pgm  OK "), std::string::npos) << end.out;
}

TEST_F(Program, DecidesAFolderOfPicturesInJson) {
  write_pictures();
  const ProgramEnd end = run({"--model", model_, "--images", pictures_, "--json"});
  EXPECT_EQ(end.exit_status, 0);
  const Json json = Json::parse(end.out);
  EXPECT_EQ(json["engine"], "xnnpack");
  EXPECT_EQ(json["model"]["name"], "made");
  ASSERT_EQ(json["pictures"].size(), 2U);
  EXPECT_EQ(json["pictures"][0]["file"], "dark.pgm");
  EXPECT_EQ(json["pictures"][0]["decision"], "NG");
  EXPECT_GT(json["pictures"][1]["score_ok"], json["pictures"][1]["score_ng"]);
  EXPECT_GT(json["pictures"][1]["inference_ns"], 0);
}

TEST_F(Program, TakesAModelOfOthersWithTheirLabels) {
  write_pictures();
  TfliteBuilder builder;
  const int picture = builder.input({1, 8, 8, 3}, 1.0F / 255, -128);
  builder.output(builder.softmax(builder.dense(builder.convolution(picture, 4, 3, 2, true), 5)));
  const std::string model = folder_.write("mine.tflite", bytes_of(builder.model));
  const std::string labels = folder_.write("labels.txt", "dent\ngood\nrust\nfine\nscratch\n");
  const ProgramEnd end = run({"--model", model, "--labels", labels, "--ok-classes", "good,3", "--mean", "0.5",
                              "--std", "0.25,0.25,0.3", "--images", pictures_, "--json"});
  EXPECT_EQ(end.exit_status, 0) << end.error;
  const Json decided = Json::parse(end.out);
  for (const Json& one : decided["pictures"]) {
    const bool good = one["class"] == "good" || one["class"] == "fine";
    EXPECT_EQ(one["decision"], good ? "OK" : "NG") << one;
  }
  const ProgramEnd raw = run({"--model", model, "--raw", "--images", pictures_, "--json"});
  EXPECT_EQ(Json::parse(raw.out)["pictures"][0]["output"].size(), 5U) << raw.error;
  folder_.write("labels.txt", "dent\ngood\n");
  EXPECT_EQ(run({"--model", model, "--labels", labels, "--ok-classes", "good", "--images", pictures_}).error,
            "inspect: " + model + ": its output has 5 values, but there are 2 labels\n");
  EXPECT_EQ(run({"--model", model, "--labels", model, "--ok-classes", "1", "--images", pictures_}).error,
            "inspect: " + model + ": not a text of labels, one a line\n");
  EXPECT_EQ(run({"--model", model, "--raw", "--mean", "white", "--images", pictures_}).error,
            "inspect: --mean white is not one number or three, such as 0.485,0.456,0.406\n");
}

TEST_F(Program, EachFailureHasItsStatusAndOneSentence) {
  write_pictures();
  struct Case {
    std::vector<std::string> arguments;
    int exit_status;
    std::string says;
  };
  const std::string broken = folder_.write("broken.onnx", "broken");
  std::filesystem::create_directory(folder_ / "empty");
  const std::string empty = folder_ / "empty";
  const std::vector<Case> cases = {
      {{"--model", model_}, 2, "--chip is required (or --images, which needs no pins)"},
      {with({"--swap", "x:m"}), 2, "--swap x:m is not FRAMES:FILE"},
      {with({"--swap", "3:"}), 2, "--swap 3: is not FRAMES:FILE"},
      {with({"--records", "file"}), 2, "--records needs --records-size"},
      {with({"--preprocess", "same-thread", "--preprocess-cpu", "1"}), 2,
       "--preprocess-cpu is for --preprocess own-thread"},
      {with({"--allow-degraded"}), 4, "no GPIO chip is labelled or named no-such-chip"},
      {{"--model", empty + "/m", "--images", pictures_}, 6, empty + "/m: no such file"},
      {{"--model", broken, "--images", pictures_}, 6, broken + ": not an ONNX model, or truncated"},
      {{"--model", model_, "--images", empty}, 7, empty + ": no pictures (.png, .pgm)"},
      {{"--model", model_, "--images", empty + "/x"},
       7,
       empty + "/x: no such folder, nor an archive of pictures"},
  };
  for (const Case& one : cases) {
    const ProgramEnd end = run(one.arguments);
    EXPECT_EQ(end.exit_status, one.exit_status) << one.says;
    EXPECT_EQ(end.error, "inspect: " + one.says + "\n");
    EXPECT_EQ(end.out, "");
  }
}

// Without the loop, what is said of it would do nothing.
TEST_F(Program, RefusesOptionsThatWouldBeIgnored) {
  write_pictures();
  const std::vector<std::vector<std::string>> of_the_loop = {{"--chip", "c"},
                                                             {"--arrival", "1"},
                                                             {"--edge", "falling"},
                                                             {"--valid", "2"},
                                                             {"--verdict", "3"},
                                                             {"--arrival-name", "a"},
                                                             {"--valid-name", "v"},
                                                             {"--verdict-name", "w"},
                                                             {"--camera", "v4l2:/dev/video0"},
                                                             {"--camera-seed", "2"},
                                                             {"--camera-timeout-ms", "5"},
                                                             {"--fuse", "3"},
                                                             {"--swap", "5:x.onnx"},
                                                             {"--warm-up", "9"},
                                                             {"--records", "r"},
                                                             {"--policy", "other"},
                                                             {"--priority", "3"},
                                                             {"--cpu", "3"},
                                                             {"--preprocess", "own-thread"},
                                                             {"--allow-degraded"}};
  for (std::vector<std::string> arguments : of_the_loop) {
    const std::string option = arguments[0];
    arguments.insert(arguments.end(), {"--model", model_, "--images", pictures_});
    const ProgramEnd end = run(arguments);
    EXPECT_EQ(end.exit_status, 2) << option;
    EXPECT_EQ(end.out, "");
    EXPECT_TRUE(end.error.starts_with(option + " excludes --images\n") ||
                end.error.starts_with("--images excludes " + option + "\n"))
        << end.error;
  }
  struct Case {
    std::vector<std::string> more;
    std::string says;
  };
  for (const Case& one :
       {Case{{"--json"}, "--json requires --images\n"},
        Case{{"--records-size", "64"}, "--records-size requires --records\n"},
        Case{{"--records-offset", "64"}, "--records-offset requires --records\n"},
        Case{{"--runtime-us", "5"}, "inspect: --runtime-us is for --policy deadline\n"},
        Case{{"--policy", "other", "--priority", "5"}, "inspect: --priority is for --policy fifo\n"}}) {
    const ProgramEnd end = run(with(one.more));
    EXPECT_EQ(end.exit_status, 2) << one.says;
    EXPECT_TRUE(end.error.starts_with(one.says)) << end.error;
  }
}

TEST_F(Program, DecidesThePicturesOfItsFoldersToo) {
  write_pictures();
  std::filesystem::create_directory(folder_ / "pictures/good");
  folder_.write("pictures/good/bright.pgm", "P5 160 160 255\n" + std::string(160 * 160, '\xe8'));
  const ProgramEnd end = run({"--model", model_, "--images", pictures_, "--json"});
  EXPECT_EQ(end.exit_status, 0) << end.error;
  const Json decided = Json::parse(end.out)["pictures"];
  ASSERT_EQ(decided.size(), 3U);
  EXPECT_EQ(decided[1]["file"], "good/bright.pgm");
  EXPECT_EQ(decided[1]["decision"], "OK");
}

TEST_F(Program, RefusesOptionsThatItDoesNotKnow) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--no-such-option"},
                                                    {},
                                                    with({"--policy", "lottery"}),
                                                    with({"--priority", "100"}),
                                                    with({"--fuse", "0"}),
                                                    with({"--preprocess", "elsewhere"}),
                                                    with({"--preprocess-cpu", "1"}),
                                                    with({"--engine", "abacus"})}) {
    const ProgramEnd end = run(arguments);
    EXPECT_EQ(end.exit_status, 2);
    EXPECT_NE(end.error, "");
  }
  EXPECT_EQ(run({"--help"}).exit_status, 0);
}

// In a process of its own, that then may no more than anybody.
template <class Ask>
void without_rights(Ask ask) {
  const auto child = [&ask] {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_MEMLOCK, &none);
    ::setrlimit(RLIMIT_RTPRIO, &none);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct nothing[2] = {};
    ::syscall(SYS_capset, &header, nothing);
    std::fprintf(stderr, "[%s]", std::string(ask()).c_str());
    ::_exit(0);
  };
  EXPECT_EXIT(child(), testing::ExitedWithCode(0), "\\[.*grant CAP_.*\\]");
}

TEST(RealTime, WhatIsRefusedSaysWhatToGrant) {
#ifdef INSPECT_SANITIZED
  GTEST_SKIP() << "a sanitizer's mlockall does nothing, and well";
#endif
  without_rights([] { return target::lock_memory(); });
  without_rights([] { return become_real_time({}); });
  without_rights([] { return become_real_time({.policy = "deadline"}); });
}

// Of root's rights, those that remain after exec() are those of the bounding set.
TEST_F(Program, ThatMayNotLockMemoryEndsUnlessItIsAllowedTo) {
#ifdef INSPECT_SANITIZED
  GTEST_SKIP() << "a sanitizer's mlockall does nothing, and well";
#endif
  const auto run_without = [this](const std::vector<std::string>& more) {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_MEMLOCK, &none);
    for (const int capability : {CAP_IPC_LOCK, CAP_SYS_NICE, CAP_SYS_RESOURCE})
      ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    const ProgramEnd end = run(with(more));
    std::fprintf(stderr, "%s", end.error.c_str());
    ::_exit(end.exit_status);
  };
  EXPECT_EXIT(run_without({}), testing::ExitedWithCode(target::exit_no_right),
              "inspect: memory can't be locked .*: grant CAP_IPC_LOCK or raise RLIMIT_MEMLOCK; "
              "--allow-degraded runs without");
  EXPECT_EXIT(run_without({"--allow-degraded"}), testing::ExitedWithCode(target::exit_no_line),
              "no GPIO chip");
}

TEST(RealTime, PoliciesAreTakenAndReadBack) {
  const auto take = [](const RealTimeOptions& options, const std::string& policy, int priority) {
    const std::string refused = become_real_time(options);
    const ReadBack got = read_back();
    const bool good = refused.empty() && got.policy == policy && got.priority == priority;
    std::fprintf(stderr, "[%s %s %d]", refused.c_str(), got.policy.c_str(), got.priority);
    ::_exit(good ? 0 : refused.find("grant") != std::string::npos ? 77 : 1);
  };
  const auto taken_or_no_right = [](int status) {
    return WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77);
  };
  EXPECT_EXIT(take({.policy = "other"}, "other", 0), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(take({.priority = 42}, "fifo", 42), taken_or_no_right, "");
  EXPECT_EXIT(take({.policy = "deadline"}, "deadline", 0), taken_or_no_right, "");
  EXPECT_EXIT(take({.policy = "other", .cpu = 0}, "other", 0), testing::ExitedWithCode(0), "");
}

TEST(RealTime, SaysWhatIsWrong) {
  EXPECT_EQ(
      become_real_time({.policy = "other", .cpu = 4000}),
      "a thread of the loop cannot be pinned to CPU 4000: it does not exist, or this program may not use it");
}

TEST(RealTime, ThreadsShareACpuWhereTheyHaveNoOther) {
  cpu_set_t first, second;
  CPU_ZERO(&first);
  CPU_ZERO(&second);
  CPU_SET(2, &first);
  CPU_SET(2, &second);
  EXPECT_TRUE(share_a_cpu(first, second));
  CPU_SET(3, &second);
  EXPECT_FALSE(share_a_cpu(first, second));
}

}  // namespace
}  // namespace loopgate::inspection
