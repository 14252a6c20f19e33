#include "target/loopback/payload_records.h"

#include <gmock/gmock.h>

#include <cstddef>
#include <filesystem>
#include <fstream>

#include "base/testing/temp_folder.h"
#include "protocol/records.h"

namespace loopgate::payload_records_test {
namespace {

using ::testing::HasSubstr;

class Records : public ::testing::Test {
 protected:
  std::string path() const { return (folder_.path() / "frames.lgf").string(); }
  void write(const RecordsHeader& header) {
    std::ofstream(path(), std::ios::binary).write(reinterpret_cast<const char*>(&header), sizeof(header));
  }
  // As the payload does, while somebody else has the file mapped.
  void set_latest_frame(std::uint64_t frame) {
    std::fstream file(path(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(offsetof(RecordsHeader, latest_frame));
    file.write(reinterpret_cast<const char*>(&frame), sizeof(frame));
  }
  TempFolder folder_;
};

TEST_F(Records, TheLatestFrameIsReadAsThePayloadWritesIt) {
  RecordsHeader header{};
  header.magic = records_magic;
  write(header);
  PayloadRecords records;
  ASSERT_EQ(records.open(path()), "");
  EXPECT_EQ(records.latest_frame(), 0U);
  set_latest_frame(41);
  EXPECT_EQ(records.latest_frame(), 41U);
  set_latest_frame(42);
  EXPECT_EQ(records.latest_frame(), 42U);
}

TEST_F(Records, ThatArentTheOnesOfAPayloadAreRefused) {
  EXPECT_THAT(PayloadRecords().open(path()), HasSubstr("can't be opened: No such file"));
  write({});
  EXPECT_THAT(PayloadRecords().open(path()), HasSubstr("have no header"));
  std::filesystem::resize_file(path(), sizeof(RecordsHeader) - 1);
  EXPECT_THAT(PayloadRecords().open(path()), HasSubstr("are too short"));
}

}  // namespace
}  // namespace loopgate::payload_records_test
