#include "capture/latmon_session.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "base/testing/temp_folder.h"

namespace loopgate::latmon_session_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// Stands in for the system's own way of looking names up.
class LatmonByName : public ::testing::Test {
 protected:
  LatmonByName() : path_(std::getenv("PATH")) {}
  ~LatmonByName() override { ::setenv("PATH", path_.c_str(), 1); }

  void getent_is(const std::string& script) {
    const auto file = folder_.write("getent", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    ::setenv("PATH", (folder_.path().string() + ":" + path_).c_str(), 1);
  }
  static Error error_of(const std::string& host) {
    LatmonSettings settings;
    settings.host = host;
    settings.port = 1;  // nobody listens there
    settings.request = {1000, 4};
    settings.connect_limit = std::chrono::milliseconds(500);
    const auto measured = measure_with_latmon(settings, [](const LatmonRecord&) {});
    EXPECT_FALSE(measured);
    return measured ? Error{} : measured.error();
  }

  TempFolder folder_;
  std::string path_;
};

TEST_F(LatmonByName, AResolverThatNeverAnswersIsWaitedForNoLongerThanAConnection) {
  getent_is("sleep 30");
  const auto start = Clock::now();
  const Error error = error_of("board.lab");
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(10));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, AllOf(HasSubstr("latmon at board.lab:1: its name could not be looked up"),
                                HasSubstr("did not end within")));
  EXPECT_THAT(error.next_step, HasSubstr("--host"));
}

TEST_F(LatmonByName, ANameWithoutAnAddressIsNamed) {
  getent_is("exit 2");
  const Error error = error_of("board.lab");
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_EQ(error.what, "latmon at board.lab:1: its name leads to no address");
}

TEST_F(LatmonByName, ItsAddressesAreConnectedTo) {
  getent_is(R"([ "$*" = "ahosts -- board.lab" ] && echo "127.0.0.1       STREAM board.lab" &&
    echo "127.0.0.1       DGRAM  ")");
  EXPECT_THAT(error_of("board.lab").what, HasSubstr("no connection: Connection refused"));
}

TEST_F(LatmonByName, AnAddressIsNotLookedUp) {
  getent_is("sleep 30");
  EXPECT_THAT(error_of("127.0.0.1").what, HasSubstr("no connection: Connection refused"));
}

}  // namespace
}  // namespace loopgate::latmon_session_test
