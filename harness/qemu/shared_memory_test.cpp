#include "qemu/shared_memory.h"

#include <gmock/gmock.h>

#include <cstring>

#include "base/digest.h"
#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "protocol/records.h"

namespace loopgate::shared_memory_test {
namespace {

using ::testing::HasSubstr;

class SharedMemories : public ::testing::Test {
 protected:
  SharedMemories() {
    EXPECT_TRUE(SharedMemory::make(file_, small_channel));
    memory_.emplace(*SharedMemory::open(file_, small_channel));
  }

  std::string held(std::size_t offset, std::size_t size) const {
    return read_file(file_).value().substr(offset, size);
  }
  // As the guest does.
  void left(std::size_t offset, const void* bytes, std::size_t size) const {
    std::fstream(file_, std::ios::binary | std::ios::in | std::ios::out)
        .seekp(static_cast<std::streamoff>(offset))
        .write(static_cast<const char*>(bytes), static_cast<std::streamsize>(size));
  }
  void left_report(const std::string& text, std::size_t size) const {
    ChannelHeader header{};
    header.report_size = static_cast<std::uint32_t>(size);
    left(0, &header, sizeof(header));
    left(report_offset, text.data(), text.size());
  }

  TempFolder folder_;
  std::filesystem::path file_ = folder_.path() / "channel";
  std::optional<SharedMemory> memory_;
};

TEST_F(SharedMemories, TheJobIsWhereTheAgentLooks) {
  memory_->write_job("{\"job\":1}");
  ChannelHeader header{};
  std::memcpy(&header, held(0, sizeof(header)).data(), sizeof(header));
  EXPECT_EQ(header.magic, channel_magic);
  EXPECT_EQ(header.version, channel_version);
  EXPECT_EQ(held(job_offset, header.job_size), "{\"job\":1}");
}

TEST_F(SharedMemories, AFileIsThePlannedOneOrNone) {
  PayloadFile file;
  file.file = folder_.write("model.onnx", "weights");
  file.sha256 = sha256_of("weights");
  file.offset = 4096;
  ASSERT_TRUE(memory_->write_file(file));
  EXPECT_EQ(held(small_channel.files_offset + 4096, 7), "weights");
  folder_.write("model.onnx", "changed");
  const auto changed = memory_->write_file(file);
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(changed.error().what, HasSubstr("model.onnx was changed while the run went on"));
  EXPECT_EQ(held(small_channel.files_offset + 4096, 7), "weights");
}

TEST(LargeSharedMemory, HasItsFilesBehindAllElse) {
  EXPECT_EQ(channel_layout(small_channel.files_size_max).size, small_channel.size);
  const ChannelLayout& layout = channel_layout(small_channel.files_size_max + 1);
  EXPECT_EQ(layout.size, large_channel.size);
  const TempFolder folder;
  const auto path = folder.path() / "channel";
  ASSERT_TRUE(SharedMemory::make(path, layout));
  PayloadFile file;
  file.file = folder.write("model.tflite", "weights");
  file.sha256 = sha256_of("weights");
  file.offset = layout.files_size_max - 7;
  ASSERT_TRUE(SharedMemory::open(path, layout)->write_file(file));
  const std::string memory = read_file(path).value();
  EXPECT_EQ(memory.size(), layout.size);
  EXPECT_EQ(memory.substr(layout.size - 7), "weights");
}

TEST_F(SharedMemories, AReportIsAsLongAsItMayBe) {
  EXPECT_EQ(memory_->report(), "");
  left_report("{}", 2);
  EXPECT_EQ(memory_->report(), "{}");
  left_report("{}", report_size_max + 1);
  EXPECT_EQ(memory_->report(), "");
}

TEST_F(SharedMemories, RecordsEndWhereTheirAreaDoes) {
  EXPECT_EQ(memory_->records(), "");
  RecordsHeader records{};
  records.magic = records_magic;
  records.written = 2;
  left(records_offset, &records, sizeof(records));
  EXPECT_EQ(memory_->records().size(), 3 * 64U);
  records.written = UINT64_MAX;
  left(records_offset, &records, sizeof(records));
  EXPECT_EQ(memory_->records().size(), records_size);
  records.magic = 0;
  left(records_offset, &records, sizeof(records));
  EXPECT_EQ(memory_->records(), "");
}

TEST_F(SharedMemories, SymbolsAreBothTextsOrNothing) {
  const std::string texts = "functionstypes";
  left(report_offset + sizeof(SymbolsHeader), texts.data(), texts.size());
  SymbolsHeader sizes{9, 5};
  left(report_offset, &sizes, sizeof(sizes));
  EXPECT_EQ(memory_->symbols().functions, "functions");
  EXPECT_EQ(memory_->symbols().types, "types");
  for (const SymbolsHeader& wrong :
       {SymbolsHeader{UINT64_MAX, 5}, SymbolsHeader{9, UINT64_MAX}, SymbolsHeader{symbols_size_max, 0},
        SymbolsHeader{symbols_size_max / 2, symbols_size_max / 2}}) {
    left(report_offset, &wrong, sizeof(wrong));
    EXPECT_EQ(memory_->symbols().functions, "") << wrong.functions_size;
  }
}

TEST(SharedMemory, ThatIsNotThereIsAnErrorThatNamesIt) {
  const TempFolder folder;
  const auto opened = SharedMemory::open(folder.path() / "channel", small_channel);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(opened.error().what, HasSubstr("channel: the shared memory cannot be mapped: No such file"));
  const auto made = SharedMemory::make(folder.path() / "absent" / "channel", small_channel);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().what, HasSubstr("no room for the shared memory: No such file"));
}

}  // namespace
}  // namespace loopgate::shared_memory_test
