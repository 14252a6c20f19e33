#include "run/payload_programs.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"
#include "kernel/testing/cpio.h"
#include "run/contenders.h"
#include "run/testing/fake_machine.h"

namespace loopgate {
namespace {

class PayloadPrograms : public ::testing::Test {
 protected:
  PayloadPrograms() {
    plan_.suite.folder = folder_.path();
    Payload& payload = std::get<ResponseWork>(plan_.suite.work).payload;
    payload.contenders = {{"cpp", {}, {}}, {"go", {"/bin/responder_go"}, {}}};
    plan_.kernels = {with_contender(plan_.kernels[0], "cpp"), with_contender(plan_.kernels[0], "go")};
  }

  Status check(const std::string& archive) {
    return check_payload_programs(plan_, folder_.write("programs.cpio", archive));
  }

  TempFolder folder_;
  Plan plan_ = made_up_plan();
  const std::string cpp_ = cpio_member("bin/responder", "an ELF file");
  const std::string go_ = cpio_member("bin/responder_go", "another");
};

TEST_F(PayloadPrograms, OneInGoThatWasNotBuiltIsNamedWithWhatToDo) {
  folder_.write("go.mod", "module responder_go\n");
  EXPECT_TRUE(check(cpp_ + go_ + cpio_end()));
  const auto missing = check(cpp_ + cpio_end());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::infrastructure);
  EXPECT_EQ(missing.error().what,
            "suite irq-to-gpio: the target's programs were built without /bin/responder_go, which is written "
            "in Go");
  EXPECT_THAT(missing.error().next_step, ::testing::HasSubstr("golang-go"));
  EXPECT_THAT(missing.error().next_step, ::testing::HasSubstr("-DLOOPGATE_GO=ON"));
  const auto choice = check_payload_programs(plan_.suite, folder_.write("programs.cpio", cpp_ + cpio_end()));
  ASSERT_FALSE(choice) << "what list --why says of the suite";
  EXPECT_EQ(choice.error().what, missing.error().what);
  EXPECT_TRUE(check_payload_programs(plan_.suite, folder_.write("programs.cpio", cpp_ + go_ + cpio_end())));
  plan_.kernels.pop_back();  // what is not run need not be there
  EXPECT_TRUE(check(cpp_ + cpio_end()));
}

TEST_F(PayloadPrograms, ADamagedArchiveIsRefused) {
  folder_.write("go.mod", "module responder_go\n");
  EXPECT_FALSE(check("what is this"));
}

TEST_F(PayloadPrograms, OtherSuitesMayRunWhatIsInTheBaseImage) { EXPECT_TRUE(check(cpio_end())); }

}  // namespace
}  // namespace loopgate
