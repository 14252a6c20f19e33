#include "record/frames_file.h"

#include <gmock/gmock.h>

#include <limits>

#include "record/testing/recorded_frames.h"

namespace loopgate::frames_file_test {
namespace {

using testing::bytes_of;
using testing::frame_record;
using ::testing::HasSubstr;
using testing::records_header;

FramesFile three() {
  return {records_header(3),
          {frame_record(1, 5'000'000), frame_record(2, 6'000'000), frame_record(3, 7'000'000)}};
}

std::string refusal(const FramesFile& file) {
  const auto read = parse_frames(bytes_of(file), "frames.lgf");
  return read ? "accepted" : read.error().what;
}

TEST(FramesFile, ComesBackAsItWas) {
  const auto read = parse_frames(bytes_of(three()), "frames.lgf");
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->frames.size(), 3U);
  EXPECT_EQ(read->frames[2].frame, 3U);
  EXPECT_EQ(read->header.counter_hz, 62'500'000U);
}

TEST(FramesFile, RefusesWhatIsNone) {
  EXPECT_THAT(parse_frames("", "f").error().what, HasSubstr("the payload left no records"));
  EXPECT_THAT(parse_frames("short", "f").error().what, HasSubstr("too short"));
  EXPECT_THAT(parse_frames(std::string(64, 'x'), "f").error().what, HasSubstr("wrong magic"));
  const std::string whole = bytes_of(three());
  for (std::size_t size = 64; size < whole.size(); ++size)
    EXPECT_FALSE(parse_frames(whole.substr(0, size), "f")) << "cut off after " << size;
}

TEST(FramesFile, RefusesWhatDoesNotHoldTogether) {
  FramesFile file = three();
  file.header.version = 2;
  EXPECT_THAT(refusal(file), HasSubstr("format version 2"));
  file = three();
  file.header.counter_hz = 0;
  EXPECT_TRUE(parse_frames(bytes_of(file), "f.lgf")) << "of a board whose counter nobody needs";
  file = three();
  file.frames[1].inferred_ns = file.frames[1].preprocessed_ns - 1;
  EXPECT_THAT(refusal(file), HasSubstr("record 1 has stages that do not follow"));
  file = three();
  file.frames[1].done_ns = 0;
  EXPECT_THAT(refusal(file), HasSubstr("record 1 has stages that do not follow"));
  file = three();
  file.frames[2].frame = 1;
  EXPECT_THAT(refusal(file), HasSubstr("record 2 is out of order"));
  file = three();
  file.frames[1].done_ns = std::numeric_limits<std::int64_t>::max();
  EXPECT_THAT(refusal(file), HasSubstr("record 1 has stages that do not follow"));
  file = three();
  file.header.counter = ~std::uint64_t{0};
  file.header.counter_hz = 1;
  EXPECT_THAT(refusal(file), HasSubstr("damaged header"));
  file = three();
  file.frames[0].decision = 7;
  EXPECT_THAT(refusal(file), HasSubstr("unknown decision 7"));
}

}  // namespace
}  // namespace loopgate::frames_file_test
