#include "board/borrowed_place.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "board/testing/fake_labgrid.h"

namespace loopgate::borrowed_place_test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

LabBoard lab_with(const std::string& place, std::map<std::string, std::string> tags = {}) {
  LabBoard lab;
  lab.name = "jetson-nano";
  lab.labgrid.emplace().coordinator = "192.0.2.1:20408";
  lab.labgrid->place = place;
  lab.labgrid->tags = std::move(tags);
  return lab;
}

class ABorrowedPlace : public ::testing::TestWithParam<const char*> {
 protected:
  Result<std::unique_ptr<BorrowedPlace>> borrow(const LabBoard& lab, int acquire_timeout_s = 0) {
    return BorrowedPlace::borrow(
        lab, [this](const std::string& line) { heard_.push_back(line); },
        std::chrono::seconds(acquire_timeout_s));
  }
  Error refusal(const LabBoard& lab, int acquire_timeout_s = 0) {
    const auto place = borrow(lab, acquire_timeout_s);
    return place ? Error{ErrorKind::data, "borrowed", ""} : place.error();
  }
  std::vector<std::string> heard_;
};

INSTANTIATE_TEST_SUITE_P(Of, ABorrowedPlace, ::testing::Values("0.4.1", "26.0"),
                         [](const auto& version) { return version.index == 0 ? "WebSocket" : "Grpc"; });

TEST_P(ABorrowedPlace, ByNameIsTheBoardAsIfWrittenByHand) {
  const FakeLabgrid labgrid(GetParam(), "by-name.txt");
  const auto place = borrow(lab_with("nano-1"));
  ASSERT_TRUE(place) << place.error().what;
  const LabBoard& board = (*place)->board();
  EXPECT_EQ(board.ssh, "root@192.0.2.7");
  EXPECT_EQ(board.console, "tcp:192.0.2.9:4001");
  const std::string address =
      std::string(GetParam()) == "26.0" ? "192.0.2.1:20408" : "ws://192.0.2.1:20408/ws";
  EXPECT_THAT(board.power_cycle,
              ElementsAre("labgrid-client", "-x", address, "-p", "nano-1", "power", "cycle"));
  EXPECT_EQ((*place)->place().place, "nano-1");
  EXPECT_EQ((*place)->place().coordinator, "192.0.2.1:20408");
  EXPECT_EQ(board.labgrid.value_or(LabgridPlace()).place, "nano-1");
  EXPECT_THAT(heard_, IsEmpty());
  ASSERT_TRUE((*place)->give_back());
  EXPECT_EQ(labgrid.options(), "-x " + address + " \n");
  const std::vector<std::string> calls = labgrid.calls();
  ASSERT_EQ(calls.size(), 8U);
  EXPECT_EQ(calls[3], "-p nano-1 acquire");
  EXPECT_THAT(calls[4], HasSubstr("cancel-reservation")) << "it has done its work";
  EXPECT_EQ(calls[6], "-p nano-1 show");
  EXPECT_EQ(calls[7], "-p nano-1 release");
}

TEST_P(ABorrowedPlace, WhatTheLabFileSaysWins) {
  const FakeLabgrid labgrid(GetParam(), "by-name.txt");
  LabBoard lab = lab_with("nano-1");
  lab.ssh = "nano";
  lab.console = "/dev/ttyUSB0";
  lab.power_off = {"relay", "off"};
  lab.power_on = {"relay", "on"};
  const auto place = borrow(lab);
  ASSERT_TRUE(place) << place.error().what;
  EXPECT_EQ((*place)->board().ssh, "nano");
  EXPECT_EQ((*place)->board().console, "/dev/ttyUSB0");
  EXPECT_THAT((*place)->board().power_cycle, IsEmpty());
}

TEST_P(ABorrowedPlace, BehindAProxyIsReachedThroughIt) {
  FakeLabgrid labgrid(GetParam(), "by-name.txt");
  const std::string extra = "'extra': {'proxy': 'lab-7', 'proxy_required': True}";
  labgrid.answer(
      "-p nano-1 show",
      "Acquired resource 'NetworkService' (lab/nano-1/NetworkService/NetworkService):\n"
      "  {'params': {'address': '192.0.2.7', " +
          extra +
          "}}\n"
          "Acquired resource 'NetworkSerialPort' (lab/nano-1/NetworkSerialPort/NetworkSerialPort):\n"
          "  {'params': {" +
          extra + ", 'port': 4001}}\n");
  const auto place = borrow(lab_with("nano-1"));
  ASSERT_TRUE(place) << place.error().what;
  EXPECT_EQ((*place)->board().ssh, "root@192.0.2.7");
  EXPECT_EQ((*place)->board().ssh_proxy, "lab-7");
  EXPECT_EQ((*place)->board().console, "tcp:192.0.2.9:4001");
  EXPECT_EQ((*place)->board().console_proxy, "lab-7");
  LabBoard own = lab_with("nano-1");
  own.ssh = "nano";
  EXPECT_EQ(borrow(own).value()->board().ssh_proxy, "") << "what lab.toml says wins";
  own.console = "/dev/ttyUSB0";
  EXPECT_EQ(borrow(own).value()->board().console_proxy, "");
  EXPECT_EQ(std::ranges::count(labgrid.calls(), "-p nano-1 show"), 2) << "the last one had no use for it";
}

TEST_P(ABorrowedPlace, WhoseProxiesLabgridDoesNotTellIsTold) {
  FakeLabgrid labgrid(GetParam(), "by-name.txt");
  labgrid.refuse("-p nano-1 show", "labgrid-client: error: no such resource", 1);
  const auto place = borrow(lab_with("nano-1"));
  ASSERT_TRUE(place) << place.error().what;
  EXPECT_EQ((*place)->board().ssh_proxy, "");
  ASSERT_EQ(heard_.size(), 1U);
  EXPECT_THAT(heard_[0], AllOf(HasSubstr("no such resource"), HasSubstr("nano-1 requires a proxy"),
                               HasSubstr("set LG_PROXY")));
}

TEST_P(ABorrowedPlace, IsReachedThroughTheProxyThatLabgridsVariableNames) {
  const FakeLabgrid labgrid(GetParam(), "by-name.txt");
  ::setenv("LG_PROXY", "gateway", 1);
  const auto place = borrow(lab_with("nano-1"));
  ::unsetenv("LG_PROXY");
  ASSERT_TRUE(place) << place.error().what;
  EXPECT_EQ((*place)->board().ssh_proxy, "gateway");
  EXPECT_EQ((*place)->board().console_proxy, "gateway");
}

TEST_P(ABorrowedPlace, ByTagsIsWaitedForInTheQueue) {
  const FakeLabgrid labgrid(GetParam(), "by-tags-after-bob.txt");
  const auto place = borrow(lab_with("", {{"board", "jetson-nano"}}), 60);
  ASSERT_TRUE(place) << place.error().what;
  EXPECT_EQ((*place)->place().place, "nano-2");
  EXPECT_EQ((*place)->board().ssh, "ssh://root@192.0.2.8:2222") << "ssh has no other word for a port";
  EXPECT_EQ((*place)->board().console, "rfc2217:192.0.2.9:4002") << "as an exporter serves it";
  EXPECT_FALSE((*place)->board().has_power());
  ASSERT_EQ(heard_.size(), 2U);
  EXPECT_THAT(heard_[0], AllOf(HasSubstr("at most 60 s"), HasSubstr("with board=jetson-nano")));
  EXPECT_THAT(heard_[1], HasSubstr("no power switch"));
  EXPECT_TRUE((*place)->give_back());
}

TEST_P(ABorrowedPlace, ThatOthersHaveIsNamedWithThem) {
  FakeLabgrid labgrid(GetParam(), "by-tags-after-bob.txt");
  const Error at_once = refusal(lab_with("", {{"board", "jetson-nano"}}));
  EXPECT_EQ(at_once.kind, ErrorKind::infrastructure);
  EXPECT_THAT(at_once.what,
              HasSubstr("labgrid's place with board=jetson-nano is in use: nano-1 by bob on bench since "
                        "2026-11-25 17:0"));
  EXPECT_THAT(labgrid.calls().back(), HasSubstr("cancel-reservation"));
  EXPECT_THAT(labgrid.calls(), Not(Contains(HasSubstr("acquire"))));
}

TEST_P(ABorrowedPlace, ThatStaysTheirsIsGivenUpWithinTheLimit) {
  FakeLabgrid labgrid(GetParam(), "by-tags-after-bob.txt");
  const auto token =
      parse_reservation(labgrid.recorded("reserve board=jetson-nano")).value_or(Reservation()).token;
  labgrid.delay("wait " + token, "30");
  const auto begin = std::chrono::steady_clock::now();
  const Error error = refusal(lab_with("", {{"board", "jetson-nano"}}), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
  EXPECT_THAT(error.what, HasSubstr("was not freed within 1 s"));
  EXPECT_THAT(error.next_step, HasSubstr("acquire_timeout_s"));
  EXPECT_EQ(labgrid.calls().back(), "cancel-reservation " + token);
}

TEST_P(ABorrowedPlace, ThatNobodyKnowsIsNotReserved) {
  const FakeLabgrid labgrid(GetParam(), "by-name.txt");
  const Error name = refusal(lab_with("nano"));
  EXPECT_EQ(name.kind, ErrorKind::usage) << "labgrid-client takes nano for nano-1 or nano-2";
  EXPECT_THAT(name.what, HasSubstr("has no place nano: it has nano-1 (board=jetson-nano, site=north)"));
  EXPECT_THAT(refusal(lab_with("", {{"board", "jetson-nano"}, {"site", "west"}})).what,
              HasSubstr("has no place with board=jetson-nano, site=west"));
  EXPECT_THAT(labgrid.calls(), Not(Contains(HasSubstr("reserve"))));
}

TEST_P(ABorrowedPlace, WithoutAnAddressIsGivenBack) {
  const FakeLabgrid labgrid(GetParam(), "by-name-no-address.txt");
  const Error error = refusal(lab_with("pi"));
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_THAT(error.what, HasSubstr("place pi has no NetworkService"));
  EXPECT_THAT(error.next_step, HasSubstr("ssh in lab.toml"));
  EXPECT_EQ(labgrid.calls().back(), "-p pi release");
}

TEST_P(ABorrowedPlace, ThatAnotherWasQuickerToAcquireIsTheBenchsFault) {
  FakeLabgrid labgrid(GetParam(), "by-name.txt");
  labgrid.refuse("-p nano-1 acquire", "Server error: Error: Place nano-1 is already acquired");
  const Error error = refusal(lab_with("nano-1"));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what, HasSubstr("Place nano-1 is already acquired"));
  EXPECT_THAT(labgrid.calls().back(), HasSubstr("cancel-reservation"));
}

TEST_P(ABorrowedPlace, OfACoordinatorThatIsAwayIsTheBenchsFault) {
  const FakeLabgrid labgrid(GetParam(), "no-coordinator.txt");
  const Error error = refusal(lab_with("nano-1"));
  EXPECT_EQ(error.kind, ErrorKind::infrastructure);
  EXPECT_THAT(error.what,
              AllOf(HasSubstr("coordinator 192.0.2.1:20408"), HasSubstr("ould not connect to coordinator")));
  EXPECT_THAT(error.next_step, AllOf(HasSubstr("labgrid-client -x"), HasSubstr("-v places")));
}

TEST_P(ABorrowedPlace, IsFoundWhatTheEnvironmentSays) {
  const FakeLabgrid labgrid(GetParam(), "by-name.txt");
  const bool grpc = std::string(GetParam()) == "26.0";
  ::setenv(grpc ? "LG_COORDINATOR" : "LG_CROSSBAR", grpc ? "192.0.2.5:1" : "ws://192.0.2.5:1/ws", 1);
  ::setenv("LG_ENV", "/home/ann/env.yaml", 1);
  const auto client = LabgridClient::find("");
  ::unsetenv(grpc ? "LG_COORDINATOR" : "LG_CROSSBAR");
  ::unsetenv("LG_ENV");
  ASSERT_TRUE(client) << client.error().what;
  EXPECT_THAT(
      client->command({"who"}),
      ElementsAre("labgrid-client", "-x", grpc ? "192.0.2.5:1" : "ws://192.0.2.5:1/ws", "-c", "", "who"))
      << "an environment file would have it acquire other places";
  EXPECT_EQ(LabgridClient::find("").value().coordinator(), "127.0.0.1:20408");
}

TEST(LabgridClient, ThatIsNotInstalledIsNamedWithWhatInstallsIt) {
  const TempFolder empty;
  const char* path = std::getenv("PATH");
  const std::string before = path == nullptr ? "" : path;
  ::setenv("PATH", empty.path().c_str(), 1);
  const auto client = LabgridClient::find("");
  ::setenv("PATH", before.c_str(), 1);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(client.error().what, HasSubstr("labgrid-client is not installed"));
  EXPECT_THAT(client.error().next_step, HasSubstr("apt install"));
}

TEST(LabgridClient, OfAnotherKindIsRefused) {
  FakeLabgrid labgrid("26.0", "by-name.txt");
  labgrid.refuse("--help", "ImportError: no module named grpc");
  const auto client = LabgridClient::find("");
  ASSERT_FALSE(client);
  EXPECT_THAT(client.error().what, HasSubstr("no module named grpc"));
}

// labgrid keeps what a killed job held, under the name that the next job of that user and host has.
TEST(HeldByOurselves, NamesThePlaceAndWhatReleasesIt) {
  const std::vector<ListedPlace> places = {{"nano-1", {}, "bench/bob", "2026-11-25 17:04:00", ""},
                                           {"nano-2", {}, "bench/ann", "2026-11-25 17:04:12", ""}};
  EXPECT_THAT(
      held_by_ourselves(places, "bench/ann", {"labgrid-client", "-x", "lab:20408"}),
      AllOf(HasSubstr("nano-2 is held by this very user on this host"), HasSubstr("what a killed job left"),
            HasSubstr("labgrid-client -x lab:20408 -p nano-2 release")));
  EXPECT_THAT(held_by_ourselves(places, "other/ann", {"labgrid-client"}), IsEmpty()) << "another host";
  EXPECT_THAT(held_by_ourselves(places, "", {"labgrid-client"}), IsEmpty());
}

TEST(WithResources, TakesOneAddressOnly) {
  const LabBoard lab = lab_with("nano-1");
  const auto notify = [](const std::string&) {};
  const auto with = [&](const std::vector<PlaceResource>& resources) {
    return with_resources(lab, "nano-1", resources, {"cycle"}, notify);
  };
  const PlaceResource service = {"NetworkService", {{"address", "2001:db8::7"}, {"username", "root"}}};
  EXPECT_EQ(with({service}).value().ssh, "root@2001:db8::7");
  PlaceResource other = service;
  other.values["port"] = "2222";
  EXPECT_EQ(with({other}).value().ssh, "ssh://root@[2001:db8::7]:2222");
  EXPECT_THAT(with({service, other}).error().what, HasSubstr("more than one NetworkService"));
  other.values["username"] = "-oProxyCommand=x";
  EXPECT_TRUE(with({other})) << "behind ssh:// it is no option";
  other.values["port"] = "22";
  EXPECT_THAT(with({other}).error().what, HasSubstr("is not an address for ssh"));
  PlaceResource hidden = service;
  hidden.proxy = "-oProxyCommand=x";
  EXPECT_THAT(with({hidden}).error().what, HasSubstr("is no host for ssh"));
  other.values["username"] = "";
  EXPECT_EQ(with({other}).error().kind, ErrorKind::usage);
  EXPECT_FALSE(with({service}).value().has_power());
  EXPECT_THAT(with({service, {"PDUDaemonPort", {}}}).value().power_cycle, ElementsAre("cycle"));
}

}  // namespace
}  // namespace loopgate::borrowed_place_test
