#include "target/agent/channel_map.h"

#include <gmock/gmock.h>

#include <cstring>

#include "base/testing/temp_folder.h"
#include "target/agent/text_file.h"

namespace loopgate::channel_map_test {
namespace {

using ::testing::HasSubstr;

class Channel : public ::testing::Test {
 protected:
  std::string made(const ChannelHeader& header, const std::string& job = "{}") {
    std::string memory(small_channel.size, '\0');
    std::memcpy(memory.data(), &header, sizeof(header));
    std::memcpy(memory.data() + job_offset, job.data(), job.size());
    return scratch_.write("channel", memory);
  }
  static std::string job_in(const std::string& path) {
    auto channel = ChannelMap::map(path);
    if (!channel) return channel.error().what;
    const auto job = channel->read_job();
    return job ? *job : job.error().what;
  }
  TempFolder scratch_;
};

TEST_F(Channel, TheJobIsRead) {
  EXPECT_EQ(job_in(made({channel_magic, channel_version, 9, 0, 0}, "{\"a\":\"b\"}")), "{\"a\":\"b\"}");
}

TEST_F(Channel, WhatIsNoJobIsRefused) {
  EXPECT_THAT(job_in(made({channel_magic + 1, channel_version, 2, 0, 0})),
              HasSubstr("magic number is wrong"));
  EXPECT_THAT(job_in(made({channel_magic, channel_version + 1, 2, 0, 0})), HasSubstr("is of version 2"));
  EXPECT_THAT(job_in(made({channel_magic, channel_version, 0, 0, 0})), HasSubstr("a job of 0 bytes"));
  EXPECT_THAT(job_in(made({channel_magic, channel_version, job_size_max + 1, 0, 0})),
              HasSubstr("a job of 983041 bytes"));
  EXPECT_THAT(job_in(scratch_.path("none")), HasSubstr("cannot be opened"));
}

TEST_F(Channel, FilesLieWhereTheMemorysSizeSays) {
  for (const ChannelLayout& layout : {small_channel, large_channel}) {
    std::string memory(layout.size, '\0');
    memory.replace(layout.files_offset + 64, 7, "weights");
    auto channel = ChannelMap::map(scratch_.write("channel", memory));
    ASSERT_TRUE(channel);
    const FileSpec file{scratch_.path("model"), 64, 7};
    ASSERT_TRUE(channel->unpack({file}));
    EXPECT_EQ(read_text(file.path).value(), "weights");
    const auto beyond = channel->unpack({FileSpec{file.path, layout.files_size_max - 6, 7}});
    ASSERT_FALSE(beyond);
    EXPECT_THAT(beyond.error().what, HasSubstr("reaches beyond the shared memory's"));
  }
}

TEST_F(Channel, TheReportAndTheStateAreWritten) {
  const std::string path = made({channel_magic, channel_version, 2, 0, 0});
  {
    auto channel = ChannelMap::map(path);
    ASSERT_TRUE(channel);
    ASSERT_TRUE(channel->write_report("the report"));
    channel->set_state(AgentState::reported);
    EXPECT_FALSE(channel->write_report(std::string(report_size_max + 1, 'x')));
  }
  const std::string memory = *read_text(path);
  ChannelHeader header{};
  std::memcpy(&header, memory.data(), sizeof(header));
  EXPECT_EQ(header.agent_state, 3U);
  EXPECT_EQ(header.report_size, 10U);
  EXPECT_EQ(memory.substr(report_offset, 10), "the report");
  EXPECT_EQ(header.job_size, 2U);
}

TEST_F(Channel, TheDeviceIsFoundByItsIdentity) {
  const std::string memory = made({channel_magic, channel_version, 2, 0, 0});
  scratch_.write("devices/0000:00:01.0/vendor", "0x1af4\n");
  scratch_.write("devices/0000:00:01.0/device", "0x1000\n");
  EXPECT_THAT(ChannelMap::open(scratch_.path("devices")).error().what, HasSubstr("(1af4:1110) is not there"));
  scratch_.write("devices/0000:00:02.0/vendor", "0x1af4\n");
  scratch_.write("devices/0000:00:02.0/device", "0x1110\n");
  scratch_.write("devices/0000:00:02.0/enable", "0\n");
  std::filesystem::copy(memory, scratch_.path("devices/0000:00:02.0/resource2_wc"));
  const auto channel = ChannelMap::open(scratch_.path("devices"));
  ASSERT_TRUE(channel) << channel.error().what;
  EXPECT_EQ(*channel->read_job(), "{}");
  EXPECT_EQ(*read_text(scratch_.path("devices/0000:00:02.0/enable")), "1");
}

}  // namespace
}  // namespace loopgate::channel_map_test
