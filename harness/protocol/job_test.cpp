#include "protocol/job.h"

#include <gmock/gmock.h>
#include <sched.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "base/file.h"

namespace loopgate::job_test {
namespace {

using nlohmann::json;

json good_job() {
  return json::parse(R"({"format":1,
 "board":{"chip":"9030000.pl061","lines":{"stimulus":0,"response":1,"storm":2,"control_in":4,"control_out":5}},
 "tuning":{"files":[{"path":"/proc/sys/kernel/sched_rt_runtime_us","value":"-1"},{"path":"/a","value":"1","reads":"[1]"}],
           "threads":[{"name":"irq/*-stimulus","policy":"fifo","priority":85,"required":true},
                      {"name":"ksoftirqd/*","policy":"other"}]},
 "checks":[{"name":"live","file":"/sys/kernel/realtime","equals":"1"},{"name":"threads","file":"/proc/cmdline","contains":"threadirqs"}],
 "load":{"parts":[{"name":"fork","argv":["stress-ng","--fork","1"],"stop_signal":"INT","output":"/tmp/f.yaml",
                   "min_processes":2,"min_cpu_ms":0.5,"ready_timeout_ms":3000},
                  {"name":"sink","argv":["/bin/sink"],"stop_signal":"TERM","output":null,"ready_timeout_ms":10}],"settle_ms":20},
 "payload":{"argv":["/bin/responder","--chip","x"],"ready_timeout_ms":2000}})");
}

std::string refusal(const json& job) {
  const auto parsed = parse_job(job.dump());
  return parsed ? "accepted" : parsed.error().what;
}

TEST(Job, IsRead) {
  const auto job = parse_job(good_job().dump());
  ASSERT_TRUE(job) << job.error().what;
  ASSERT_EQ(job->files.size(), 2U);
  EXPECT_EQ(job->files[0].reads, "-1");
  EXPECT_EQ(job->files[1].reads, "[1]");
  ASSERT_EQ(job->threads.size(), 2U);
  EXPECT_EQ(job->threads[0].policy, SCHED_FIFO);
  EXPECT_EQ(job->threads[0].priority, 85);
  EXPECT_EQ(job->threads[1].policy, SCHED_OTHER);
  EXPECT_TRUE(job->threads[1].required);
  EXPECT_TRUE(job->checks[0].whole);
  EXPECT_FALSE(job->checks[1].whole);
  ASSERT_EQ(job->parts.size(), 2U);
  EXPECT_EQ(job->parts[0].stop_signal, SIGINT);
  EXPECT_EQ(job->parts[0].min_cpu_ms, 0.5);
  EXPECT_EQ(job->parts[1].stop_signal, SIGTERM);
  EXPECT_EQ(job->parts[1].output, "");
  EXPECT_EQ(job->settle, std::chrono::milliseconds(20));
  EXPECT_EQ(job->payload.argv.size(), 3U);
}

TEST(Job, MayHaveProgramsInPlaceOfAPayload) {
  json job = good_job();
  job.erase("payload");
  EXPECT_EQ(refusal(job), "job: payload is missing");
  const json program = json::parse(
      R"({"name":"cyclictest","argv":["cyclictest","-l","5"],"timeout_ms":2000,"file":"/run/loopgate/cyclictest.json","cpus":[1],
          "needs":{"cpus":2,"machine":"aarch64","tracer":"osnoise","programs":["python3"],"files":["/proc/x"],"libraries":["libx.so"]}})");
  job["programs"] = json::array({program});
  const auto read = parse_job(job.dump());
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->programs.size(), 1U);
  EXPECT_EQ(read->programs[0].timeout, std::chrono::milliseconds(2'000));
  EXPECT_EQ(read->programs[0].needs.files, std::vector<std::string>{"/proc/x"});
  EXPECT_EQ(read->programs[0].needs.libraries, std::vector<std::string>{"libx.so"});
  const auto again = parse_job(to_json(*read));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, *read);
  job["programs"].push_back(program);
  EXPECT_EQ(refusal(job), "job: programs has two of the name cyclictest");
  job["programs"] = json::array();
  EXPECT_EQ(refusal(job), "job: programs is empty");
  job["programs"] = json::array({program});
  job["programs"][0]["file"] = "x";
  EXPECT_EQ(refusal(job), "job: programs[0].file must be absolute");
  job["programs"][0]["file"] = "/x";
}

TEST(Job, MayHaveOneProgramBesideThePayload) {
  json job = good_job();
  const json program =
      json::parse(R"({"name":"cyclictest","argv":["cyclictest"],"timeout_ms":2000,"needs":{"cpus":1}})");
  job["programs"] = json::array({program});
  const auto read = parse_job(job.dump());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_TRUE(read->has_payload());
  EXPECT_EQ(read->programs.size(), 1U);
  EXPECT_EQ(parse_job(to_json(*read)).value(), *read);
  job["programs"].push_back(program);
  job["programs"][1]["name"] = "another";
  EXPECT_EQ(refusal(job), "job: programs has more than one beside the payload");
}

TEST(Job, APayloadMayHaveCpusOfItsOwn) {
  json job = good_job();
  EXPECT_TRUE(parse_job(job.dump())->payload.cpus.empty());
  job["payload"]["cpus"] = {3, 1};
  EXPECT_EQ(parse_job(job.dump())->payload.cpus, (std::vector<int>{3, 1}));
  for (const json& wrong : {json(3), json({"3"}), json({-1}), json({1024})}) {
    job["payload"]["cpus"] = wrong;
    EXPECT_THAT(refusal(job), ::testing::HasSubstr("payload.cpus must be")) << wrong;
  }
}

TEST(Job, MayPerturbTheTrajectory) {
  json job = good_job();
  EXPECT_EQ(parse_job(job.dump())->perturbation, std::nullopt);
  job["perturbation"] = {{"seed", UINT64_MAX}, {"held_pages", 17}, {"delay_us", 1'500}};
  const auto read = parse_job(job.dump());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->perturbation, (Perturbation{UINT64_MAX, 17, std::chrono::microseconds(1'500)}));
  EXPECT_EQ(parse_job(to_json(*read)).value(), *read);
  for (const auto& [key, value] : {std::pair("held_pages", 65'537), {"held_pages", -1}, {"delay_us", -1}}) {
    json wrong = job;
    wrong["perturbation"][key] = value;
    EXPECT_NE(refusal(wrong).find(std::string("job: perturbation.") + key + " must be from 0 to"),
              std::string::npos)
        << refusal(wrong);
  }
}

TEST(Job, AnInstrumentOnTheBoardIsRead) {
  json job = good_job();
  EXPECT_EQ(parse_job(job.dump())->instrument, std::nullopt);
  job["instrument"] =
      json::parse(R"({"check_argv":["/bin/loopback","check"],"argv":["/bin/loopback","run"],"cpu":1,
      "check_timeout_ms":20000,"timeout_ms":3600000,"files":["/run/loopgate/samples.lgs"]})");
  const auto read = parse_job(job.dump());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->instrument->check_argv[1], "check");
  EXPECT_EQ(read->instrument->argv[1], "run");
  EXPECT_EQ(read->instrument->cpu, 1);
  EXPECT_EQ(read->instrument->timeout, std::chrono::hours(1));
  EXPECT_EQ(read->instrument->files.size(), 1U);
  for (const char* key : {"check_argv", "argv", "check_timeout_ms", "timeout_ms"}) {
    json without = job;
    without["instrument"].erase(key);
    EXPECT_NE(refusal(without).find(std::string("instrument.") + key), std::string::npos) << refusal(without);
  }
  json wrong = job;
  wrong["instrument"]["cpu"] = 5000;
  EXPECT_EQ(refusal(wrong), "job: instrument.cpu must be from 0 to 1023");
  wrong = job;
  wrong["instrument"]["argv"] = json::array();
  EXPECT_EQ(refusal(wrong), "job: instrument.argv must begin with a program");
}

TEST(Job, AProbeFollowsAPayload) {
  json job = good_job();
  job["probe"] = json::parse(R"({"argv":["/bin/probe"],"file":"/run/p","ready_timeout_ms":20})");
  ASSERT_TRUE(parse_job(job.dump())) << refusal(job);
  EXPECT_FALSE(parse_job(job.dump())->probe->in_report);
  for (const char* key : {"argv", "file", "ready_timeout_ms"}) {
    json without = job;
    without["probe"].erase(key);
    EXPECT_NE(refusal(without).find(std::string("probe.") + key), std::string::npos) << refusal(without);
  }
  json wrong = job;
  wrong["probe"]["file"] = "p";
  EXPECT_EQ(refusal(wrong), "job: probe.file must be absolute");
  wrong = job;
  wrong.erase("payload");
  wrong["programs"] = json::parse(R"([{"name":"a","argv":["a"],"timeout_ms":1,"needs":{"cpus":1}}])");
  EXPECT_EQ(refusal(wrong), "job: probe has no payload to follow");
}

// Every field has a value of its own, none its default.
Job full_job() {
  Job job;
  job.board = {"9030000.pl061",
               {{"stimulus", 1},
                {"response", 2},
                {"storm", 3},
                {"control_in", 4},
                {"control_out", 5},
                {"stimulus_out", 6},
                {"response_in", 7}}};
  job.files = {{"/proc/a", "-1", "Y"}, {"/proc/b", "1", "1"}};
  job.threads = {
      {"irq/*", SCHED_FIFO, 85, false}, {"a", SCHED_RR, 1, true, {0, 3}}, {"b", SCHED_OTHER, 0, true}};
  job.checks = {{"is", "/sys/x", "1", true}, {"has", "/proc/cmdline", "quiet", false}};
  job.parts = {
      {"fork", {"stress-ng", "--fork", "1"}, SIGINT, "/tmp/f.yaml", 5, 2.5, std::chrono::milliseconds(3'000)},
      {"sink", {"/bin/sink"}, SIGTERM, "", 1, 0, std::chrono::milliseconds(10)}};
  job.settle = std::chrono::milliseconds(50);
  job.payload = {{"/bin/responder", "--chip", "x"},
                 {{"/run/model", 64, 12'345}},
                 std::chrono::milliseconds(2'000),
                 {3, 1}};
  job.instrument =
      InstrumentSpec{{"/bin/loopback", "check"},        {"/bin/loopback", "run"}, 1,
                     std::chrono::milliseconds(20'000), std::chrono::hours(1),    {"/run/samples.lgs"}};
  return job;
}

void expect_same(const Job& job) {
  const std::string text = to_json(job);
  const auto read = parse_job(text);
  ASSERT_TRUE(read) << read.error().what << "\n" << text;
  EXPECT_EQ(*read, job) << text;
  EXPECT_EQ(to_json(*read), text);
}

TEST(Job, IsReadAsItWasWritten) {
  expect_same(full_job());
  Job job = full_job();
  job.probe = ProbeSpec{{"/bin/probe", "--out", "/run/p"}, "/run/p", true, std::chrono::seconds(20)};
  job.instrument->cpu = -1;
  job.instrument->files.clear();
  job.payload.cpus.clear();
  job.payload.files.clear();
  expect_same(job);
  Job least;
  least.payload.argv = {"/bin/responder"};
  expect_same(least);
}

TEST(Job, EveryTruncationIsRefused) {
  const std::string whole = good_job().dump();
  for (std::size_t length = 0; length < whole.size(); ++length)
    ASSERT_FALSE(parse_job(std::string_view(whole).substr(0, length))) << length;
  EXPECT_EQ(parse_job("").error().what, "job: is no JSON object: it was cut off or altered");
}

TEST(Job, EveryKeyThatIsNeededIsNeeded) {
  for (const char* key : {"/format",
                          "/board",
                          "/board/chip",
                          "/board/lines",
                          "/load/settle_ms",
                          "/tuning",
                          "/tuning/files",
                          "/tuning/threads",
                          "/checks",
                          "/load",
                          "/load/parts",
                          "/payload",
                          "/payload/argv",
                          "/payload/ready_timeout_ms",
                          "/tuning/files/0/path",
                          "/tuning/threads/0/policy",
                          "/checks/0/file",
                          "/load/parts/0/name",
                          "/load/parts/0/argv",
                          "/load/parts/0/stop_signal",
                          "/load/parts/0/ready_timeout_ms"}) {
    const json::json_pointer pointer(key);
    json job = good_job();
    job.at(pointer.parent_pointer()).erase(pointer.back());
    EXPECT_THAT(refusal(job), ::testing::HasSubstr(pointer.back() + " is missing")) << key;
  }
}

TEST(Job, EveryWrongTypeIsRefused) {
  const json flat = good_job().flatten();
  for (const auto& [key, value] : flat.items()) {
    json job = good_job();
    if (value.is_null()) continue;  // an output file is a string or null
    job[json::json_pointer(key)] = value.is_string() ? json(17) : json("seventeen");
    EXPECT_THAT(refusal(job), ::testing::HasSubstr("must be")) << key;
    job[json::json_pointer(key)] = json::array({json::object()});
    EXPECT_NE(refusal(job), "accepted") << key;
  }
}

TEST(Job, UnknownKeysAreRefusedWithTheWayToThem) {
  for (const auto& [where, sentence] :
       {std::pair{"/surprise", "job: surprise is an unknown key"},
        std::pair{"/load/surprise", "job: load.surprise is an unknown key"},
        std::pair{"/load/parts/1/surprise", "job: load.parts[1].surprise is an unknown key"},
        std::pair{"/tuning/threads/0/surprise", "job: tuning.threads[0].surprise is an unknown key"},
        std::pair{"/board/lines/surprise", "job: board.lines.surprise is an unknown key"}}) {
    json job = good_job();
    job[json::json_pointer(where)] = 1;
    EXPECT_EQ(refusal(job), sentence);
  }
}

TEST(Job, ValuesOutOfBoundsAreRefused) {
  const auto with = [](const char* where, const json& value) {
    json job = good_job();
    job[json::json_pointer(where)] = value;
    return refusal(job);
  };
  EXPECT_EQ(with("/format", 2), "job: format is 2, and only 1 is known");
  EXPECT_EQ(with("/tuning/threads/0/policy", "deadline"),
            "job: tuning.threads[0].policy must be fifo, rr or other");
  EXPECT_EQ(with("/tuning/threads/0/priority", 100), "job: tuning.threads[0].priority must be from 1 to 99");
  EXPECT_EQ(with("/tuning/threads/1/priority", 5),
            "job: tuning.threads[1].priority must be 0 where the policy is other");
  EXPECT_EQ(with("/load/parts/0/ready_timeout_ms", -1),
            "job: load.parts[0].ready_timeout_ms must be from 0 to 600000");
  EXPECT_EQ(with("/load/parts/0/min_processes", 0),
            "job: load.parts[0].min_processes must be from 1 to 100000");
  EXPECT_EQ(with("/load/parts/0/stop_signal", "KILL"), "job: load.parts[0].stop_signal must be INT or TERM");
  EXPECT_EQ(with("/load/parts/1/name", "fork"), "job: load.parts has two of the name fork");
  EXPECT_EQ(with("/payload/argv", json::array()), "job: payload.argv must begin with a program");
  EXPECT_EQ(with("/checks/0/contains", "1"),
            "job: checks[0].equals or contains is needed, and only one of the two");
}

// The fuzzer begins with it.
TEST(Job, TheRecordedOneIsOfTodaysFormat) {
  const auto text = read_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/messages/job.json");
  ASSERT_TRUE(text) << text.error().what;
  const auto read = parse_job(*text);
  EXPECT_TRUE(read) << read.error().what;
}

}  // namespace
}  // namespace loopgate::job_test
