#include "inspection/record_file.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/temporary_folder.h"

namespace loopgate::inspection {
namespace {

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class Value>
Value at(const std::string& bytes, std::size_t offset) {
  Value value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

FrameRecord record_of(std::uint64_t frame) {
  return {frame, static_cast<std::uint32_t>(Decision::ok), 3, 10, 20, 30, 40, 50, 60};
}

class Records : public testing::Test {
 protected:
  std::string refusal(std::uint64_t offset, std::uint64_t size) const {
    const Result<RecordFile> opened = RecordFile::open(file_, offset, size);
    if (opened) return "not refused";
    EXPECT_EQ(opened.error().exit_status, target::exit_usage);
    return opened.error().what.substr(opened.error().what.rfind(": ") + 2);
  }

  TemporaryFolder folder_;
  std::string file_ = folder_.write("records", std::string(8192, '\xee'));
};

TEST_F(Records, TheLayoutIsWhatTheHeaderSays) {
  Result<RecordFile> records = RecordFile::open(file_, 4160, 64 + 3 * 64 + 63);
  ASSERT_TRUE(records) << records.error().what;
  EXPECT_EQ(at<std::uint64_t>(contents(file_), 4160), 0U) << "the magic is there before the header is";
  ASSERT_TRUE(records->begin({123456, 77, 1000}));
  const auto header = at<RecordsHeader>(contents(file_), 4160);
  EXPECT_EQ(contents(file_).substr(4160, 8), "LGRECRD1");
  EXPECT_EQ(header.version, 1U);
  EXPECT_EQ(header.record_size, 64U);
  EXPECT_EQ(header.capacity, 3U);
  EXPECT_EQ(header.written, 0U);
  EXPECT_EQ(header.latest_frame, 0U);
  EXPECT_EQ(header.monotonic_ns, 123456);
  EXPECT_EQ(header.counter, 77U);
  EXPECT_EQ(header.counter_hz, 1000U);
}

TEST_F(Records, NothingOutsideOfItsBytesIsTouched) {
  Result<RecordFile> records = RecordFile::open(file_, 128, 64 + 2 * 64 + 32);
  ASSERT_TRUE(records->begin({}));
  for (std::uint64_t frame = 1; frame < 9; ++frame) {
    records->decided(record_of(frame));
    records->done(1);
  }
  const std::string bytes = contents(file_);
  EXPECT_EQ(bytes.substr(0, 128), std::string(128, '\xee'));
  EXPECT_EQ(bytes.substr(128 + 192), std::string(8192 - 320, '\xee'));
}

TEST_F(Records, ARecordIsThereBeforeThePinsAndCompleteAfterThem) {
  Result<RecordFile> records = RecordFile::open(file_, 0, 8192);
  ASSERT_TRUE(records->begin({}));
  records->decided(record_of(41));
  auto header = at<RecordsHeader>(contents(file_), 0);
  auto record = at<FrameRecord>(contents(file_), 64);
  EXPECT_EQ(header.latest_frame, 41U);
  EXPECT_EQ(header.written, 0U);
  EXPECT_EQ(record.frame, 41U);
  EXPECT_EQ(record.decision, 2U);
  EXPECT_EQ(record.model, 3U);
  EXPECT_EQ(record.woke_ns, 10);
  EXPECT_EQ(record.decided_ns, 50);
  EXPECT_EQ(record.done_ns, 0);
  records->done(61);
  header = at<RecordsHeader>(contents(file_), 0);
  record = at<FrameRecord>(contents(file_), 64);
  EXPECT_EQ(header.written, 1U);
  EXPECT_EQ(record.done_ns, 61);
}

TEST_F(Records, BeyondTheCapacityTheyAreCountedAndTheLatestFrameGoesOn) {
  Result<RecordFile> records = RecordFile::open(file_, 0, 64 + 2 * 64);
  ASSERT_TRUE(records->begin({}));
  for (std::uint64_t frame = 1; frame <= 5; ++frame) {
    records->decided(record_of(frame));
    records->done(static_cast<std::int64_t>(frame));
  }
  const auto header = at<RecordsHeader>(contents(file_), 0);
  EXPECT_EQ(header.written, 2U);
  EXPECT_EQ(header.latest_frame, 5U);
  EXPECT_EQ(records->not_stored(), 3U);
  EXPECT_EQ(at<FrameRecord>(contents(file_), 128).done_ns, 2);
}

TEST_F(Records, RefusesWhatHasNoRoom) {
  EXPECT_EQ(refusal(32, 4096), "the offset 32 is not a multiple of 64");
  EXPECT_EQ(refusal(0, 127), "127 bytes are too few for a header and a record (128)");
  EXPECT_EQ(refusal(64, 8192), "8192 bytes at 64 exceed its size of 8192");
  EXPECT_EQ(refusal(std::uint64_t{1} << 40, 128), "128 bytes at 1099511627776 exceed its size of 8192");
  EXPECT_EQ(refusal(64, ~std::uint64_t{0} - 62), "18446744073709551553 bytes at 64 exceed its size of 8192");
  std::filesystem::remove(file_);
  EXPECT_EQ(refusal(0, 4096), "No such file or directory");
  file_ = folder_.path();
  EXPECT_EQ(refusal(0, 4096), "Is a directory");
}

TEST_F(Records, MemoryThatKeepsNothingIsNoticed) {
  file_ = "/dev/zero";  // a mapping of it is memory; /dev/null has none
  EXPECT_TRUE(RecordFile::open(file_, 0, 4096)->begin({}));
  file_ = "/dev/null";
  EXPECT_EQ(refusal(0, 4096), "No such device");
}

TEST(Clock, ThePairIsOfOneMoment) {
  const std::int64_t before = now_ns();
  const ClockPair pair = read_clock_pair();
  EXPECT_GE(pair.monotonic_ns, before);
  EXPECT_LE(pair.monotonic_ns, now_ns());
#if defined(__aarch64__)
  EXPECT_GT(pair.counter_hz, 0U);
  EXPECT_LE(pair.counter, counter());
#else
  EXPECT_EQ(pair.counter_hz, 0U);
#endif
}

}  // namespace
}  // namespace loopgate::inspection
