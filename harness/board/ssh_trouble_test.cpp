#include "board/ssh_trouble.h"

#include <gmock/gmock.h>

namespace loopgate::ssh_trouble_test {
namespace {

using ::testing::HasSubstr;

// As OpenSSH 9.2 and 10.0 print it.
TEST(SshTrouble, IsTold) {
  const std::pair<const char*, SshTrouble> said[] = {
      {"ssh: connect to host 10.0.0.9 port 22: Connection timed out\r\n", SshTrouble::unreachable},
      {"ssh: connect to host 10.0.0.9 port 22: No route to host\r\n", SshTrouble::unreachable},
      {"ssh: Could not resolve hostname pi: Name or service not known\r\n", SshTrouble::unreachable},
      {"Connection timed out during banner exchange\nConnection to 127.0.0.1 port 4022 timed out\n",
       SshTrouble::unreachable},
      {"kex_exchange_identification: read: Connection reset by peer\nConnection reset by 127.0.0.1 port "
       "4022\n",
       SshTrouble::unreachable},
      {"No ED25519 host key is known for pi and you have requested strict checking.\nHost key verification "
       "failed.\n",
       SshTrouble::host_key_unknown},
      {"root@pi: Permission denied (publickey,password).\n", SshTrouble::permission_denied},
      {"command-line line 0: Bad configuration option: nosuch\n", SshTrouble::configuration},
      {"Can't open user config file none: No such file or directory\n", SshTrouble::configuration},
      {"Timeout, server pi not responding.\n", SshTrouble::lost},
      {"client_loop: send disconnect: Broken pipe\n", SshTrouble::lost},
      {"mux_client_request_session: read from master failed: Broken pipe\n", SshTrouble::lost},
      {"Connection to pi closed by remote host.\n", SshTrouble::lost},
      {"Control socket connect(/tmp/s): No such file or directory\nConnection closed by UNKNOWN port 65535\n",
       SshTrouble::lost},
      {"cat: kernel: No such file or directory\n", SshTrouble::other},
      {"", SshTrouble::other},
  };
  for (const auto& [text, trouble] : said) EXPECT_EQ(trouble_in(text), trouble) << text;
}

TEST(SshTrouble, OfAChangedKeyNamesItsLine) {
  const std::string said =
      "@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@\n"
      "Add correct host key in /home/me/.ssh/known_hosts to get rid of this message.\n"
      "Offending ED25519 key in /home/me/.ssh/known_hosts:17\r\n"
      "Host key for pi has changed and you have requested strict checking.\nHost key verification failed.\n";
  EXPECT_EQ(explain_ssh(said, "pi").what,
            "pi: the host key has changed; the known key is in /home/me/.ssh/known_hosts:17");
  EXPECT_THAT(explain_ssh("REMOTE HOST IDENTIFICATION HAS CHANGED", "pi").next_step,
              HasSubstr("remove the old key from known_hosts"));
}

TEST(SshTrouble, WithoutAMessageSaysThat) {
  EXPECT_EQ(explain_ssh("", "pi").what, "pi: ssh failed: ssh printed no message");
}

TEST(LastPrintableLine, HasNoControlCharacters) {
  EXPECT_EQ(last_printable_line("one\ntwo\x1b[31m\r\n \n\n"), "two?[31m");
  EXPECT_EQ(last_printable_line("\n"), "");
  EXPECT_EQ(last_printable_line(std::string(1'000, 'x')), std::string(300, 'x') + "…");
}

}  // namespace
}  // namespace loopgate::ssh_trouble_test
