#include "board/remote.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/digest.h"
#include "base/scratch_dir.h"
#include "board/testing/local_sshd.h"

namespace loopgate::remote_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

constexpr RemoteLimits limits{std::chrono::seconds(5), std::chrono::seconds(1), 2};

RemoteCommand script(const std::string& text) {
  RemoteCommand command;
  command.script = text;
  return command;
}

class OverSsh : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const std::string missing = LocalSshd::missing(); !missing.empty()) GTEST_SKIP() << missing;
    sshd_ = std::make_unique<LocalSshd>();
  }
  std::unique_ptr<Remote> connected() const {
    auto remote = Remote::connect(sshd_->lab(), limits);
    EXPECT_TRUE(remote) << remote.error().what << text_of_file(sshd_->folder().path() / "sshd.log");
    return remote ? std::move(*remote) : nullptr;
  }
  Error refusal() const {
    auto remote = Remote::connect(sshd_->lab(), limits);
    if (remote) return {ErrorKind::kernel, "connected", ""};
    return remote.error();
  }
  fs::path at(const std::string& name) const { return sshd_->folder().path() / name; }

  std::unique_ptr<LocalSshd> sshd_;
};

TEST_F(OverSsh, GoesThroughAProxyWhereOneIsRequired) {
  LabBoard lab = sshd_->lab();
  lab.ssh_proxy = "board";  // here the board is its own proxy: two logins, the second from within
  const auto remote = Remote::connect(lab, limits);
  ASSERT_TRUE(remote) << remote.error().what;
  EXPECT_EQ((*remote)->run_script("echo there").value_or(""), "there\n");
  const std::string log = text_of_file(at("sshd.log"));
  std::size_t logins = 0;
  for (std::size_t found = log.find("Accepted publickey"); found != std::string::npos;
       found = log.find("Accepted publickey", found + 1))
    ++logins;
  EXPECT_EQ(logins, 2U) << log;
  lab.ssh_proxy = "nobody.invalid";
  EXPECT_FALSE(Remote::connect(lab, limits));
}

TEST_F(OverSsh, RunsScriptsThroughOneConnection) {
  const auto remote = connected();
  ASSERT_TRUE(remote);
  const auto finished = remote->run(script("echo \"it's $((6 * 7))\"; echo bad >&2; exit 3"));
  ASSERT_TRUE(finished) << finished.error().what;
  EXPECT_EQ(finished->output, "it's 42\n");
  EXPECT_EQ(finished->errors, "bad\n");
  EXPECT_EQ(finished->exit_status, 3);
  // One login, however many commands.
  ASSERT_TRUE(remote->run_script("true"));
  const auto logins = remote->run_script("echo $SSH_CONNECTION");
  const auto again = remote->run_script("echo $SSH_CONNECTION");
  ASSERT_TRUE(logins && again);
  EXPECT_EQ(*logins, *again);
  EXPECT_THAT(*logins, HasSubstr("127.0.0.1"));
}

TEST_F(OverSsh, AQuestionThatFailsGivesItsReason) {
  const auto remote = connected();
  const auto answer = remote->run_script("echo one >&2; echo 'two: no' >&2; exit 1");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().what, "board: two: no");
  EXPECT_EQ(remote->run_script("exit 7").error().what, "board: a command exited with status 7");
  EXPECT_TRUE(remote->connected());
}

// ssh's own failures have this status, too.
TEST_F(OverSsh, AProgramMayEndWith255) {
  const auto remote = connected();
  const auto finished = remote->run(script("exit 255"));
  ASSERT_TRUE(finished) << finished.error().what;
  EXPECT_EQ(finished->exit_status, 255);
  EXPECT_TRUE(remote->connected());
}

TEST_F(OverSsh, OutputComesAsItIsWritten) {
  const auto remote = connected();
  RemoteCommand command;
  command.script =
      "echo first; while [ ! -e " + quoted({at("go").string()}) + " ]; do sleep 0.05; done; echo second";
  std::string seen;
  command.on_output = [&](std::string_view text) {
    if (seen.empty()) sshd_->folder().write("go", "");
    seen += text;
  };
  const auto finished = remote->run(command);
  ASSERT_TRUE(finished) << finished.error().what;
  EXPECT_EQ(seen, "first\nsecond\n");
}

TEST_F(OverSsh, CopiesInWholeAndWithItsMode) {
  const auto remote = connected();
  std::string bytes(3'000'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 2'654'435'761U >> 13U);
  const fs::path file = sshd_->folder().write("from", bytes);
  const fs::path to = at("a folder/it's there");
  ASSERT_TRUE(remote->copy_in(file, to.string(), "755"));
  EXPECT_EQ(text_of_file(to), bytes);
  EXPECT_EQ(fs::status(to).permissions() & fs::perms::all, static_cast<fs::perms>(0755));
  EXPECT_FALSE(fs::exists(to.string() + ".part"));
  ASSERT_TRUE(remote->write("text\n", to.string()));
  EXPECT_EQ(text_of_file(to), "text\n");
}

TEST_F(OverSsh, CopiesOutWithItsDigest) {
  const auto remote = connected();
  const std::string bytes(1'000'000, 'x');
  const fs::path from = sshd_->folder().write("from it", bytes);
  const auto digest = remote->copy_out(from.string(), at("to"));
  ASSERT_TRUE(digest) << digest.error().what;
  EXPECT_EQ(*digest, sha256_of(bytes));
  EXPECT_EQ(text_of_file(at("to")), bytes);
  const auto missing = remote->copy_out(at("absent").string(), at("to"));
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().what, HasSubstr("absent cannot be read"));
  EXPECT_EQ(text_of_file(at("to")), bytes) << "what was there stays";
  EXPECT_FALSE(fs::exists(at("to.part")));
}

// The board's cat is one that spoils what goes through it.
TEST_F(OverSsh, WhatArrivesOtherThanItWasSentIsRefused) {
  const auto remote = connected();
  sshd_->folder().write("bin/sha256sum", "#!/bin/sh\necho 0000  -\n");
  fs::permissions(at("bin/sha256sum"), fs::perms::owner_all);
  std::ofstream(at("authorized_keys"), std::ios::trunc)
      << "environment=\"PATH=" << at("bin").string() << ":/usr/bin:/bin\" "
      << text_of_file(at("user_key.pub"));
  std::ofstream(at("sshd_config"), std::ios::app) << "PermitUserEnvironment yes\n";
  sshd_->stop();
  sshd_->start();
  const auto spoiled = connected();
  ASSERT_TRUE(spoiled);
  const auto in = spoiled->write("text", at("to").string());
  ASSERT_FALSE(in);
  EXPECT_THAT(in.error().what, HasSubstr("the received data differs from what was sent"));
  EXPECT_FALSE(fs::exists(at("to")));
  EXPECT_FALSE(fs::exists(at("to.part")));
  const auto out = spoiled->copy_out(at("sshd_config").string(), at("to"));
  ASSERT_FALSE(out);
  EXPECT_THAT(out.error().what, HasSubstr("differs from what the board sent"));
  EXPECT_FALSE(fs::exists(at("to")));
}

TEST_F(OverSsh, AFullBoardSaysSo) {
  const auto remote = connected();
  fs::create_symlink("/dev/full", at("kernel.part"));
  const auto in = remote->write("text", at("kernel").string());
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().what, "board: no room for " + at("kernel").string());
  EXPECT_EQ(in.error().kind, ErrorKind::infrastructure);
  EXPECT_FALSE(fs::exists(at("kernel")));
}

TEST_F(OverSsh, AConnectionThatIsCutEndsTheCommand) {
  const auto remote = connected();
  RemoteCommand command;
  command.script = "echo started; sleep 60";
  command.on_output = [&](std::string_view) { sshd_->signal_sessions(SIGKILL); };
  const auto start = Clock::now();
  const auto finished = remote->run(command);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(finished.error().what, HasSubstr("board: the connection was lost"));
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(10));
  EXPECT_FALSE(remote->connected());
  const auto after = remote->run_script("true");
  ASSERT_FALSE(after) << "no other connection is made unasked";
  EXPECT_THAT(after.error().what, HasSubstr("the connection was lost"));
}

// As when a cable is pulled: nobody says that it is over.
TEST_F(OverSsh, AConnectionThatFallsSilentEndsWithinItsBound) {
  const auto remote = connected();
  RemoteCommand command;
  command.script = "echo started; sleep 60";
  command.on_output = [&](std::string_view) { sshd_->signal_sessions(SIGSTOP); };
  const auto start = Clock::now();
  const auto finished = remote->run(command);
  sshd_->signal_sessions(SIGCONT);
  ASSERT_FALSE(finished);
  EXPECT_THAT(finished.error().what, HasSubstr("the connection was lost"));
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(15));
}

TEST_F(OverSsh, ACommandThatDoesNotEndIsGivenUp) {
  const auto remote = connected();
  RemoteCommand command;
  command.script = "sleep 30";
  command.limit = std::chrono::seconds(1);
  const auto finished = remote->run(command);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().what, "board: a command took longer than 1 s");
  EXPECT_TRUE(remote->connected()) << "only the command is given up";
  EXPECT_TRUE(remote->run_script("true"));
}

TEST_F(OverSsh, ABoardThatIsOffIsNotReached) {
  sshd_->stop();
  EXPECT_EQ(refusal().kind, ErrorKind::infrastructure);
  EXPECT_THAT(refusal().what, HasSubstr("board: unreachable: ssh: connect to host 127.0.0.1"));
}

TEST_F(OverSsh, AChangedHostKeyIsRefusedByItsLine) {
  sshd_->change_host_key();
  const Error refused = refusal();
  EXPECT_EQ(refused.kind, ErrorKind::infrastructure);
  EXPECT_EQ(refused.what,
            "board: the host key has changed; the known key is in " + sshd_->known_hosts().string() + ":1");
  EXPECT_THAT(refused.next_step, HasSubstr("reinstalled"));
}

TEST_F(OverSsh, AnUnknownHostKeyIsRefused) {
  sshd_->folder().write("known_hosts", "");
  EXPECT_THAT(refusal().what, HasSubstr("board: unknown host key"));
  EXPECT_THAT(refusal().next_step, HasSubstr("fingerprint"));
  EXPECT_EQ(text_of_file(sshd_->known_hosts()), "") << "nothing is trusted unasked";
}

TEST_F(OverSsh, AKeyThatIsNotLetInIsRefused) {
  sshd_->folder().write("authorized_keys", "");
  EXPECT_THAT(refusal().what, HasSubstr("board: login refused"));
  EXPECT_THAT(refusal().next_step, HasSubstr("ssh-copy-id"));
}

TEST_F(OverSsh, AConfigurationThatSshDoesNotTakeIsTheUsersMistake) {
  sshd_->folder().write("ssh_config", "Host board\n  NoSuchThing yes\n");
  EXPECT_EQ(refusal().kind, ErrorKind::usage);
  EXPECT_THAT(refusal().what, HasSubstr("board: ssh rejects its configuration"));
  fs::remove(at("ssh_config"));
  EXPECT_EQ(refusal().kind, ErrorKind::usage);
}

TEST_F(OverSsh, LeavesNothingBehind) {
  const auto folders = [] {
    std::set<fs::path> found;
    for (const auto& entry : fs::directory_iterator("/tmp"))
      if (entry.path().filename().string().starts_with(ScratchDir::prefix("ssh"))) found.insert(entry.path());
    return found;
  };
  const std::set<fs::path> before = folders();
  std::set<fs::path> during;
  {
    const auto remote = connected();
    during = folders();
  }
  std::erase_if(during, [&](const fs::path& folder) { return before.contains(folder); });
  EXPECT_FALSE(during.empty());
  // Other tests at the same time have folders of their own, which go when they end.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto is_gone = [](const fs::path& folder) { return !fs::exists(folder); };
  while (!std::ranges::all_of(during, is_gone) && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_TRUE(std::ranges::all_of(during, is_gone));
}

}  // namespace
}  // namespace loopgate::remote_test
