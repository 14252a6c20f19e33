// Real keys of both programs sign a bundle; who did not sign, or signed something else, never counts.
#include "bundle/signatures.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "base/process.h"
#include "bundle/sign.h"
#include "bundle/verify.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::signatures_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::read_text;
using testing::write_text;

constexpr std::chrono::seconds limit{60};

class Signatures : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::RecordedRun run;
    run.cells = {{"rt", "mixed", {20'000, 30'000}}};
    testing::write_run(at("run"), run);
    write_text(at("p.toml"),
               std::string(testing::policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 30\n");
    fs::create_directory(at("scratch"));
    const auto packed = pack({at("run"), at("p.toml"), bundle(), {"0", "abc"}});
    ASSERT_TRUE(packed) << to_text(packed.error());
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  fs::path bundle() const { return at("a.lgb"); }

  void run(const std::vector<std::string>& argv) const {
    const auto done = run_program(argv, limit);
    ASSERT_TRUE(done) << to_text(done.error());
    ASSERT_EQ(done->exit_status, 0) << done->errors;
  }
  // Writes `name` and `name`.pub.
  void make_ssh_key(const std::string& name, const std::string& passphrase = {},
                    const std::string& type = "ed25519") const {
    run({"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", "someone@example.com", "-f",
         at(name).string()});
  }
  void make_minisign_key(const std::string& name) const {
    run({"minisign", "-G", "-W", "-f", "-s", at(name).string(), "-p", at(name + ".pub").string()});
  }
  void sign_by(const std::string& key) const {
    const auto signing = plan_signing(bundle(), at(key));
    ASSERT_TRUE(signing) << to_text(signing.error());
    const Status done = sign(bundle(), *signing);
    ASSERT_TRUE(done) << to_text(done.error());
  }
  Trust trust(const std::vector<std::string>& names, std::size_t signatures = 0) const {
    Trust trust{{}, signatures};
    for (const std::string& name : names) trust.keys.push_back(at(name));
    return trust;
  }
  // "verified", or why not; whose fault it is is never the user's.
  std::string said(const Trust& trust) const {
    const auto verified = verify(bundle(), at("scratch"), {}, trust);
    EXPECT_TRUE(fs::is_empty(at("scratch")));
    if (verified) return "verified";
    EXPECT_NE(verified.error().kind, ErrorKind::usage) << to_text(verified.error());
    EXPECT_NE(verified.error().kind, ErrorKind::kernel) << to_text(verified.error());
    return verified.error().what;
  }
  void append_a_byte() const { std::ofstream(bundle(), std::ios::app) << '\0'; }

 private:
  testing::ScratchFolder folder_;
};

class MinisignSignatures : public Signatures {
 protected:
  void SetUp() override {
    if (find_program("minisign").empty()) GTEST_SKIP() << "minisign is not installed";
    Signatures::SetUp();
  }
};

TEST_F(Signatures, OfAnSshKeyHold) {
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    make_ssh_key(type, "", type);
    sign_by(type);
    EXPECT_TRUE(fs::exists(at(std::string("a.lgb.") + type + ".sig")));
    EXPECT_EQ(said(trust({std::string(type) + ".pub"})), "verified");
  }
  const auto verified = verify(bundle(), at("scratch"), {}, trust({"rsa.pub", "ed25519.pub"}));
  ASSERT_TRUE(verified) << to_text(verified.error());
  ASSERT_EQ(verified->signatures->held.size(), 2U);
  EXPECT_EQ(verified->signatures->held[0].key, at("ed25519.pub"));
  EXPECT_EQ(verified->signatures->held[0].signature, at("a.lgb.ed25519.sig"));
  EXPECT_THAT(verified->signatures->not_counted,
              ElementsAre("a.lgb.ecdsa.sig is by no trusted key and does not count"));
}

// As of the statement that an acceptance leaves beside it.
TEST_F(Signatures, OfAFileBesideTheBundleAreThatFilesOwn) {
  make_ssh_key("vendor");
  sign_by("vendor");
  std::ofstream(at("a.lgb.intoto.json")) << "{}";
  fs::copy_file(at("a.lgb.vendor.sig"), at("a.lgb.intoto.json.sig"));
  const auto verified = verify(bundle(), at("scratch"), {}, trust({"vendor.pub"}));
  ASSERT_TRUE(verified) << to_text(verified.error());
  EXPECT_EQ(verified->signatures->held.size(), 1U);
  EXPECT_THAT(verified->signatures->not_counted, ::testing::IsEmpty());
}

TEST_F(MinisignSignatures, HoldBesideSshKeys) {
  make_minisign_key("lab");
  make_ssh_key("vendor");
  sign_by("lab");
  EXPECT_EQ(said(trust({"lab.pub"})), "verified");
  EXPECT_THAT(said(trust({"lab.pub", "vendor.pub"})),
              AllOf(HasSubstr("1 of 2 wanted signatures holds"), HasSubstr("lab.pub signed (a.lgb.minisig)"),
                    HasSubstr("vendor.pub is a key of ssh-keygen, and no signature of that kind")));
  sign_by("vendor");
  EXPECT_EQ(said(trust({"lab.pub", "vendor.pub"})), "verified");
}

TEST_F(MinisignSignatures, OfOtherBytesAreRefused) {
  make_minisign_key("lab");
  sign_by("lab");
  append_a_byte();
  EXPECT_THAT(said(trust({"lab.pub"})), HasSubstr("does not hold"));
}

TEST_F(MinisignSignatures, ByAStrangerDoNotCount) {
  make_minisign_key("lab");
  make_minisign_key("eve");
  sign_by("eve");
  EXPECT_THAT(said(trust({"lab.pub"})), AllOf(HasSubstr("0 of 1 wanted signatures hold"),
                                              HasSubstr("a.lgb.minisig is by no trusted key")));
}

TEST_F(MinisignSignatures, OfAnotherBundleRenamedAreRefused) {
  make_minisign_key("lab");
  write_text(at("other"), "PASS");
  run({"minisign", "-S", "-s", at("lab").string(), "-m", at("other").string(), "-x",
       at("a.lgb.minisig").string()});
  EXPECT_THAT(said(trust({"lab.pub"})), HasSubstr("does not hold"));
}

TEST_F(MinisignSignatures, AWrongPassphraseLeavesNoSignature) {
  write_text(at("words"), "right\nright\n");
  Program make;
  make.argv = {"minisign", "-G", "-f", "-s", at("lab").string(), "-p", at("lab.pub").string()};
  make.limit = limit;
  make.input_file = at("words");
  ASSERT_TRUE(run_program(make));
  const auto signing = plan_signing(bundle(), at("lab"));
  ASSERT_TRUE(signing) << to_text(signing.error());
  ASSERT_NE(std::freopen("/dev/null", "r", stdin), nullptr);  // or whoever runs the test would be asked
  const Status done = sign(bundle(), *signing);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(done.error().what, HasSubstr("is there and is not signed: minisign ended with exit status"));
  EXPECT_THAT(said(trust({"lab.pub"})), HasSubstr("is not signed"));
}

TEST_F(Signatures, AWrongPassphraseLeavesNoSignature) {
  make_ssh_key("vendor", "right words");
  ::setenv("SSH_ASKPASS", "/bin/false", 1);  // or a person at the test's terminal would be asked
  ::setenv("SSH_ASKPASS_REQUIRE", "force", 1);
  const auto signing = plan_signing(bundle(), at("vendor"));
  ASSERT_TRUE(signing) << to_text(signing.error());
  const Status done = sign(bundle(), *signing);
  ::unsetenv("SSH_ASKPASS");
  ::unsetenv("SSH_ASKPASS_REQUIRE");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(done.error().what, HasSubstr("is there and is not signed: ssh-keygen ended with exit status"));
  EXPECT_FALSE(fs::exists(at("a.lgb.vendor.sig")));
  EXPECT_FALSE(fs::exists(at("a.lgb.vendor.sig.part")));
  EXPECT_THAT(said(trust({"vendor.pub"})), HasSubstr("a.lgb: is not signed"));
}

TEST_F(Signatures, OfOtherBytesAreRefusedHoweverManyOthersHold) {
  make_ssh_key("vendor");
  make_ssh_key("lab");
  sign_by("vendor");
  append_a_byte();
  sign_by("lab");
  EXPECT_THAT(said(trust({"vendor.pub"})),
              HasSubstr("a.lgb.vendor.sig is made with " + at("vendor.pub").string() + " and does not hold"));
  EXPECT_THAT(said(trust({"vendor.pub", "lab.pub"}, 1)), HasSubstr("does not hold"));
}

TEST_F(Signatures, OfAnotherNamespaceAreRefused) {
  make_ssh_key("vendor");
  run({"ssh-keygen", "-q", "-Y", "sign", "-f", at("vendor").string(), "-n", "file", bundle().string()});
  EXPECT_THAT(said(trust({"vendor.pub"})), HasSubstr("does not hold"));
}

TEST_F(Signatures, OfSshKeygensOwnNameHold) {
  make_ssh_key("vendor");
  run({"ssh-keygen", "-q", "-Y", "sign", "-f", at("vendor").string(), "-n", "loopgate", bundle().string()});
  EXPECT_EQ(said(trust({"vendor.pub"})), "verified");
}

TEST_F(Signatures, AreCountedOncePerKey) {
  make_ssh_key("vendor");
  make_ssh_key("lab");
  sign_by("vendor");
  fs::copy(at("a.lgb.vendor.sig"), at("a.lgb.lab.sig"));
  EXPECT_THAT(
      said(trust({"vendor.pub", "lab.pub"})),
      AllOf(HasSubstr("1 of 2 wanted signatures"), HasSubstr("lab.pub signed none of the signatures")));
  EXPECT_EQ(said(trust({"vendor.pub", "lab.pub"}, 1)), "verified");
  fs::copy(at("vendor.pub"), at("same.pub"));
  EXPECT_THAT(said(trust({"vendor.pub", "same.pub"})), HasSubstr("is the same key as"));
}

TEST_F(Signatures, ThatAreNoneDoNotCount) {
  make_ssh_key("vendor");
  for (const char* text :
       {"", "PASS", "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n"}) {
    write_text(at("a.lgb.vendor.sig"), text);
    EXPECT_THAT(said(trust({"vendor.pub"})), HasSubstr("0 of 1 wanted signatures")) << text;
  }
}

TEST_F(Signatures, EachChangedByteOfOneIsRefused) {
  make_ssh_key("vendor");
  sign_by("vendor");
  const std::string good = read_text(at("a.lgb.vendor.sig"));
  const std::size_t begin = good.find('\n') + 1;
  const std::size_t end = good.rfind("\n-----END");
  for (std::size_t i = begin; i + 2 < end; i += 7) {  // behind them is padding, whose bits say nothing
    if (good[i] == '\n') continue;
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    write_text(at("a.lgb.vendor.sig"), changed);
    EXPECT_NE(said(trust({"vendor.pub"})), "verified") << i;
  }
}

TEST_F(Signatures, WithoutAKeyTheyAreNotLookedAt) {
  write_text(at("a.lgb.vendor.sig"), "none");
  const auto verified = verify(bundle(), at("scratch"), {});
  ASSERT_TRUE(verified) << to_text(verified.error());
  EXPECT_FALSE(verified->signatures);
}

TEST_F(Signatures, MoreThanThereAreKeysAreTheUsersMistake) {
  make_ssh_key("vendor");
  for (const Trust& each : {trust({}, 1), trust({"vendor.pub"}, 2)}) {
    const auto verified = verify(bundle(), at("scratch"), {}, each);
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().kind, ErrorKind::usage);
  }
}

TEST_F(Signatures, NeedTheirProgram) {
  make_ssh_key("vendor");
  sign_by("vendor");
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", at("nowhere").c_str(), 1);
  const std::string without = said(trust({"vendor.pub"}));
  const auto signing = plan_signing(bundle(), at("vendor"));
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(without, "the program ssh-keygen is not installed");
  EXPECT_FALSE(signing);
}

TEST_F(Signatures, KeysAreToldByTheirContent) {
  make_ssh_key("vendor");
  EXPECT_THAT(said(trust({"missing.pub"})), HasSubstr("missing.pub"));
  EXPECT_THAT(said(trust({"vendor"})), HasSubstr("is a secret key"));
  EXPECT_THAT(said(trust({"p.toml"})), HasSubstr("holds more than one line"));
  write_text(at("two.pub"), read_text(at("vendor.pub")) + read_text(at("vendor.pub")));
  EXPECT_THAT(said(trust({"two.pub"})), HasSubstr("holds more than one line"));
  for (const char* text : {"", "\n\n", "ssh-dss AAAA", "ssh-ed25519", "ssh-ed25519 a,b\n",
                           "* ssh-ed25519 AAAA", "RWSdaELF7NbJZfASPqG5UWHXEvJE08D2IOb18ymwvw69Fy"}) {
    write_text(at("x.pub"), text);
    EXPECT_THAT(said(trust({"x.pub"})), HasSubstr("is no public key of minisign or OpenSSH")) << text;
  }
  write_text(at("m.pub"),
             "untrusted comment: minisign public key\n"
             "RWSdaELF7NbJZfASPqG5UWHXEvJE08D2IOb18ymwvw69Fy+gMy6HxagK\n");
  EXPECT_THAT(plan_signing(bundle(), at("m.pub")).error().what, HasSubstr("is a public key"));
  EXPECT_THAT(plan_signing(bundle(), at("p.toml")).error().what, HasSubstr("is no secret key"));
}

TEST_F(Signatures, OneIsNeverWrittenOver) {
  make_ssh_key("vendor");
  sign_by("vendor");
  const auto again = plan_signing(bundle(), at("vendor"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace loopgate::signatures_test
