#include "base/architecture.h"

#include <gmock/gmock.h>

namespace loopgate::architecture_test {
namespace {

using ::testing::Optional;

std::string raw_image() {
  std::string image(128, '\0');
  image.replace(56, 4, "ARM\x64");
  return image;
}

TEST(ArchitectureOfKernel, KnowsArm64sRawImage) {
  EXPECT_THAT(architecture_of_kernel(raw_image()), Optional(Architecture::arm64));
}

TEST(ArchitectureOfKernel, TellsX86Apart) {
  std::string image(0x400, '\0');
  EXPECT_EQ(architecture_of_kernel(image), std::nullopt);
  image.replace(0x202, 4, "HdrS");
  EXPECT_THAT(architecture_of_kernel(image), Optional(Architecture::amd64));
  EXPECT_EQ(architecture_of_kernel(image.substr(0, 0x205)), std::nullopt) << "cut off";
}

TEST(ArchitectureOfKernel, KnowsTheZImageOf32Bits) {
  std::string image(64, '\0');
  image.replace(36, 4, "\x18\x28\x6f\x01");
  EXPECT_THAT(architecture_of_kernel(image), Optional(Architecture::armhf));
  EXPECT_EQ(architecture_of_kernel(image.substr(0, 47)), std::nullopt) << "cut off";
}

TEST(ArchitectureOfKernel, KnowsNothingElse) {
  EXPECT_EQ(architecture_of_kernel(""), std::nullopt);
  EXPECT_EQ(architecture_of_kernel(raw_image().substr(0, 60)), std::nullopt);
  EXPECT_EQ(architecture_of_kernel(std::string(4'096, '\0')), std::nullopt);
  EXPECT_EQ(architecture_of_kernel("\x7f"
                                   "ELF" +
                                   std::string(100, '\0')),
            std::nullopt);
  EXPECT_EQ(architecture_of_kernel("<!DOCTYPE html>" + std::string(100, ' ')), std::nullopt);
  EXPECT_EQ(architecture_of_kernel("!<arch>\ndebian-binary" + std::string(100, ' ')), std::nullopt)
      << "a .deb";
  EXPECT_EQ(architecture_of_kernel(" " + raw_image()), std::nullopt);
}

TEST(Architecture, IsNamedAsDebianDoes) {
  for (const Architecture architecture : {Architecture::arm64, Architecture::amd64, Architecture::armhf})
    EXPECT_THAT(architecture_named(name_of(architecture)), Optional(architecture));
  EXPECT_EQ(architecture_named("aarch64"), std::nullopt);
  EXPECT_EQ(known_architectures(), "arm64, amd64 or armhf");
  EXPECT_STREQ(facts_of(Architecture::amd64).machine, "x86_64");
}

TEST(Architecture, IsToldByAKernelPackagesFlavour) {
  EXPECT_THAT(architecture_of_package("linux-image-rt-amd64"), Optional(Architecture::amd64));
  EXPECT_THAT(architecture_of_package("linux-image-6.12.117+deb13-armmp"), Optional(Architecture::armhf));
  EXPECT_THAT(architecture_of_package("linux-image-armmp-lpae"), Optional(Architecture::armhf));
  EXPECT_EQ(architecture_of_package("linux-image-armhf"), std::nullopt) << "there is no such flavour";
  EXPECT_EQ(architecture_of_package("mine"), std::nullopt);
}

}  // namespace
}  // namespace loopgate::architecture_test
