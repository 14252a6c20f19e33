#include "qemu/acpi_table.h"

#include <gmock/gmock.h>

#include "base/digest.h"

namespace loopgate::acpi_table_test {
namespace {

// fixtures/tests/test_acpi_table.py takes apart what fixtures/disk/acpi_table.py makes, and has this digest.
TEST(GpioAcpiTable, IsTheEmulatedPcs) {
  const std::string table = gpio_acpi_table();
  EXPECT_EQ(table.size(), 105U);
  EXPECT_EQ(sha256_of(table), "5cdfe13ada591189c8f8ba425accd653e75ce8e860a939c86b739f6df827e5ce");
}

}  // namespace
}  // namespace loopgate::acpi_table_test
