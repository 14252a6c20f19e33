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
#include "inspection/result.h"
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

TEST(Result, IsOneLineWithAllOfItsFields) {
  RunResult result;
  result.counts.events = 7;
  result.counts.inference.add(10);
  result.counts.inference.add(20);
  result.degraded = "memory can't be locked";
  result.model = {"m\xff.onnx", "made", "1", "abc"};
  result.swaps = {{"a", 3, true, "", 5}, {"b", {}, false, "it is damaged", 0}};
  const std::string line = to_json(result);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const Json json = Json::parse(line);
  for (const char* field : {"events",
                            "frames",
                            "decisions",
                            "ok",
                            "ng",
                            "overruns",
                            "incomplete_scenes",
                            "records_not_stored",
                            "allocations",
                            "minor_faults",
                            "major_faults",
                            "peak_memory_kib",
                            "engine",
                            "model",
                            "degraded",
                            "degraded_reason",
                            "policy_read_back",
                            "priority_read_back",
                            "warm_up",
                            "inference_ns",
                            "swaps"})
    EXPECT_TRUE(json.contains(field)) << field;
  EXPECT_EQ(json["events"], 7);
  EXPECT_TRUE(json["allocations"].is_null());
  EXPECT_EQ(json["degraded"], true);
  EXPECT_EQ(json["inference_ns"]["stage"], Json::parse(R"({"count":2,"min":10,"mean":15,"max":20})"));
  EXPECT_TRUE(json["inference_ns"]["engine_alone"].is_null());
  EXPECT_EQ(json["swaps"][0],
            Json::parse(R"({"file":"a","after_frames":3,"accepted":true,"reason":"","in_force_from":5})"));
  EXPECT_EQ(
      json["swaps"][1],
      Json::parse(
          R"({"file":"b","after_frames":null,"accepted":false,"reason":"it is damaged","in_force_from":null})"));
  EXPECT_GT(peak_memory_kib(), 0U);
}

TEST(Result, SaysWhoWorkedAndWhatWasMoved) {
  RunResult result;
  result.use = {2, {1, 0}, 900};
  result.bytes = {10, 20, 30, 40};
  Json json = Json::parse(to_json(result));
  EXPECT_EQ(json["preprocess_read_back"], "same-thread");
  EXPECT_TRUE(json["preprocess_cpu_read_back"].is_null());
  EXPECT_TRUE(json["hand_over_ns"].is_null());
  EXPECT_EQ(json["work"], Json::parse(R"({"threads": [{"name": "loop", "cpu_ns": 900}], "shares_cpu": false,
      "computed_bytes_a_frame": {"capture": 10, "preprocess": 20, "network": 40}})"));
  result.preparing = PreparingUse{{3, {4, 5}, 100}, 3, true};
  json = Json::parse(to_json(result));
  EXPECT_EQ(json["preprocess_read_back"], "own-thread");
  EXPECT_EQ(json["preprocess_cpu_read_back"], 3);
  EXPECT_EQ(json["allocations"], 5);
  EXPECT_EQ(json["minor_faults"], 5);
  EXPECT_EQ(json["major_faults"], 5);
  EXPECT_EQ(json["work"]["threads"][1], Json::parse(R"({"name": "preparing", "cpu_ns": 100})"));
  EXPECT_EQ(json["work"]["computed_bytes_a_frame"]["hand_over"], 30);
  EXPECT_EQ(json["work"]["shares_cpu"], true);
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
