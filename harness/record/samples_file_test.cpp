#include "record/samples_file.h"

#include <gmock/gmock.h>

#include <bit>
#include <cstring>
#include <functional>

#include "record/testing/recorded_run.h"

namespace loopgate::samples_file_test {
namespace {

using ::testing::HasSubstr;
using testing::make_samples;
using testing::never_answered;
using testing::not_sent;
using testing::read_text;
using testing::ScratchFolder;
using testing::write_samples;
using testing::write_text;

std::string bytes_of(const SampleFile& file) {
  const ScratchFolder scratch;
  write_samples(scratch.path() / "samples.lgs", file);
  return read_text(scratch.path() / "samples.lgs");
}

std::string refusal(const std::string& bytes) {
  const auto file = parse_samples(bytes, "samples.lgs");
  if (file) return "accepted";
  EXPECT_EQ(file.error().kind, ErrorKind::data);
  EXPECT_THAT(file.error().what, HasSubstr("samples.lgs: "));
  return file.error().what;
}

template <class T>
void put(std::string* bytes, std::size_t offset, T value) {
  std::memcpy(bytes->data() + offset, &value, sizeof(value));
}

TEST(SamplesFile, GivesBackWhatWasWritten) {
  const ScratchFolder scratch;
  const SampleFile file = make_samples({20'000, 0, 2'500'000, not_sent, not_sent, 30'000, never_answered});
  write_samples(scratch.path() / "samples.lgs", file);
  const auto read = read_samples(scratch.path() / "samples.lgs");
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(read->header, file.header);
  EXPECT_EQ(read->samples, file.samples);
  EXPECT_EQ(parse_samples(read_text(scratch.path() / "samples.lgs"), "x")->samples, file.samples);
}

// The layout that NumPy reads, byte by byte: it must not move with a compiler or a struct's order.
TEST(SamplesFile, HasTheDocumentedLayout) {
  const std::string bytes = bytes_of(make_samples({1'000'001}, 77));
  ASSERT_EQ(bytes.size(), 64U + 4U * 32U);
  const auto at = [&]<class T>(std::size_t offset, T) {
    T value{};
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
  };
  EXPECT_EQ(bytes.substr(0, 8), "LOOPGATE");
  EXPECT_EQ(at(8, std::uint32_t{}), 1U);
  EXPECT_EQ(at(12, std::uint32_t{}), 64U);
  EXPECT_EQ(at(16, std::uint32_t{}), 32U);
  EXPECT_EQ(at(20, std::uint32_t{}), 1U);
  EXPECT_EQ(at(24, std::uint64_t{}), 77U);
  EXPECT_EQ(at(32, std::uint64_t{}), 4U);
  EXPECT_EQ(at(40, std::uint64_t{}), 4U);
  EXPECT_EQ(at(48, std::int64_t{}), testing::deadline_ns);
  EXPECT_EQ(at(56, std::uint64_t{}), 0U);
  const std::size_t record = 64 + 3 * 32;
  EXPECT_EQ(at(record, std::int64_t{}), 4'000'000);
  EXPECT_EQ(at(record + 8, std::int64_t{}), 4'000'000);
  EXPECT_EQ(at(record + 16, std::int64_t{}), 5'000'001);
  EXPECT_EQ(at(record + 24, std::uint32_t{}), 1U + 2U + 4U);
  EXPECT_EQ(at(record + 28, std::uint32_t{}), 3U);
}

TEST(SamplesFile, SaysThatItWasCutOffUntilClosed) {
  const ScratchFolder scratch;
  const auto path = scratch.path() / "samples.lgs";
  const SampleFile file = make_samples({20'000});
  {
    auto writer = SampleWriter::create(path, file.header);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(file.samples[0]));
  }
  const auto read = read_samples(path);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().what, HasSubstr("was cut off while it was being written"));
}

TEST(SamplesFile, WriterRefusesAfterClose) {
  const ScratchFolder scratch;
  const SampleFile file = make_samples({20'000});
  auto writer = SampleWriter::create(scratch.path() / "samples.lgs", file.header);
  ASSERT_TRUE(writer->append(file.samples[0]) && writer->close());
  EXPECT_FALSE(writer->append(file.samples[0]));
  EXPECT_FALSE(writer->close());
}

TEST(SamplesFile, NamesWhatCannotBeWrittenOrRead) {
  const auto writer = SampleWriter::create("/nowhere/samples.lgs", {});
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(writer.error().what, HasSubstr("/nowhere/samples.lgs: cannot be written"));
  const auto read = read_samples("/nowhere/samples.lgs");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().what, HasSubstr("/nowhere/samples.lgs: cannot be read"));
  EXPECT_FALSE(read_samples("/"));
}

TEST(SamplesFile, FullDiskIsTheBenchsFault) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  const SampleFile file = make_samples({20'000});
  auto writer = SampleWriter::create("/dev/full", file.header);
  ASSERT_TRUE(writer);
  const Status closed = writer->close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(closed.error().next_step, HasSubstr("free some space"));
}

TEST(SamplesFile, RefusesEveryTruncation) {
  const std::string bytes = bytes_of(make_samples({20'000, 30'000}));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_NE(refusal(bytes.substr(0, size)), "accepted") << size;
  EXPECT_THAT(refusal(""), HasSubstr("is too short for a samples file"));
  EXPECT_THAT(refusal(bytes.substr(0, bytes.size() - 32)), HasSubstr("does not fit its 5 records"));
  EXPECT_THAT(refusal(bytes + "x"), HasSubstr("was truncated or altered"));
}

TEST(SamplesFile, RefusesADamagedHeader) {
  const std::string good = bytes_of(make_samples({20'000}));
  const auto with = [&]<class T>(std::size_t offset, T value) {
    std::string bytes = good;
    put(&bytes, offset, value);
    return refusal(bytes);
  };
  EXPECT_THAT(with(0, 'X'), HasSubstr("wrong magic"));
  EXPECT_THAT(with(8, std::uint32_t{2}), HasSubstr("has format version 2, and only 1 is known"));
  EXPECT_THAT(with(12, std::uint32_t{128}), HasSubstr("header of 128 bytes"));
  EXPECT_THAT(with(16, std::uint32_t{40}), HasSubstr("records of 40 bytes"));
  EXPECT_THAT(with(20, std::uint32_t{3}), HasSubstr("unknown time base 3"));
  EXPECT_THAT(with(40, std::uint64_t{0}), HasSubstr("was cut off"));
  EXPECT_THAT(with(40, std::uint64_t{5}), HasSubstr("more records than were planned"));
  EXPECT_THAT(with(48, std::int64_t{-1}), HasSubstr("damaged header"));
  EXPECT_THAT(with(56, std::uint64_t{1}), HasSubstr("damaged header"));
  std::string overflow = good;  // 2^59 records of 32 bytes are 0 bytes in 64 bits
  put(&overflow, 32, std::uint64_t{1} << 60U);
  put(&overflow, 40, (std::uint64_t{1} << 59U) + 4);
  EXPECT_THAT(refusal(overflow), HasSubstr("does not fit"));
}

struct Contradiction {
  const char* name;
  std::function<void(Sample*)> change;
  const char* sentence;
};

class Contradictions : public ::testing::TestWithParam<Contradiction> {};

TEST_P(Contradictions, AreRefusedByRecord) {
  SampleFile file = make_samples({20'000, 30'000});
  GetParam().change(&file.samples[4]);
  EXPECT_THAT(refusal(bytes_of(file)), HasSubstr(std::string("record 4 ") + GetParam().sentence));
}

INSTANTIATE_TEST_SUITE_P(
    Samples, Contradictions,
    ::testing::Values(
        Contradiction{"unknown_flag", [](Sample* s) { s->flags |= 1024; }, "has unknown flags"},
        Contradiction{"decision_without_answer",
                      [](Sample* s) {
                        s->flags = sample_sent | sample_unanswered | sample_ok;
                        s->response_ns = -1;
                      },
                      "carries a decision and no response"},
        Contradiction{"wrong_and_of_another_frame",
                      [](Sample* s) { s->flags |= sample_wrong | sample_wrong_frame; },
                      "says more than one of its decision"},
        Contradiction{"wrong_and_not_judged", [](Sample* s) { s->flags |= sample_wrong | sample_unjudged; },
                      "says more than one of its decision"},
        Contradiction{"both_kinds", [](Sample* s) { s->flags |= sample_warm_up | sample_self_check; },
                      "says that it is a warm-up and a self-check"},
        Contradiction{"negative_due", [](Sample* s) { s->due_ns = -5; }, "has a negative due time"},
        Contradiction{"no_stimulus", [](Sample* s) { s->stimulus_ns = -1; }, "says sent and has no stimulus"},
        Contradiction{"odd_stimulus",
                      [](Sample* s) { s->flags = 0, s->stimulus_ns = -2, s->response_ns = -1; },
                      "says not sent and has a stimulus"},
        Contradiction{"not_sent_with_stimulus", [](Sample* s) { s->flags = 0; },
                      "says not sent and has a stimulus"},
        Contradiction{"answered_not_sent", [](Sample* s) { s->flags = sample_answered, s->stimulus_ns = -1; },
                      "says answered and not sent"},
        Contradiction{"unanswered_not_sent",
                      [](Sample* s) { s->flags = sample_unanswered, s->stimulus_ns = s->response_ns = -1; },
                      "says unanswered and not sent"},
        Contradiction{"no_response", [](Sample* s) { s->response_ns = -1; },
                      "says answered and has no response"},
        Contradiction{"silent_response", [](Sample* s) { s->flags = sample_sent | sample_unanswered; },
                      "has a response and does not say answered"},
        Contradiction{"two_ends", [](Sample* s) { s->flags |= sample_unanswered; },
                      "says answered and unanswered"},
        Contradiction{"no_end", [](Sample* s) { s->flags = sample_sent, s->response_ns = -1; },
                      "was sent, and is neither answered nor unanswered"},
        Contradiction{"early", [](Sample* s) { s->stimulus_ns -= 1; }, "was sent before it was due"},
        Contradiction{"negative_latency", [](Sample* s) { s->response_ns = s->stimulus_ns - 1; },
                      "was answered before it was sent"},
        Contradiction{"not_late", [](Sample* s) { s->flags |= sample_late; }, "says late and is not"},
        Contradiction{"late", [](Sample* s) { s->response_ns += testing::deadline_ns; },
                      "is late and does not say so"},
        Contradiction{"index_again", [](Sample* s) { s->index = 3; },
                      "has index 3: records are missing or out of order"},
        Contradiction{"index_gap", [](Sample* s) { s->index = 9; },
                      "has index 9: records are missing or out of order"},
        Contradiction{"due_decreases", [](Sample* s) { s->due_ns = 1; },
                      "fell due before the one ahead of it"},
        Contradiction{"needlessly_not_sent",
                      [](Sample* s) { s->flags = 0, s->stimulus_ns = s->response_ns = -1; },
                      "was not sent although the one before it had been answered"},
        Contradiction{"while_pending",
                      [](Sample* s) { s->due_ns = s->stimulus_ns = 4'000'001, s->flags |= sample_late; },
                      "was sent while one before it was pending"}),
    [](const auto& each) { return each.param.name; });

TEST(SamplesFile, RefusesNotSentWithNothingPending) {
  SampleFile file = make_samples({20'000});
  file.samples[0].flags = sample_self_check;
  file.samples[0].stimulus_ns = file.samples[0].response_ns = -1;
  EXPECT_THAT(refusal(bytes_of(file)), HasSubstr("record 0 was not sent although none was pending"));
}

TEST(FirstDifference, IsEmptyForEqualFiles) {
  const SampleFile file = make_samples({20'000, 30'000});
  EXPECT_EQ(first_difference(file, file), "");
}

TEST(FirstDifference, NamesTheSampleAndTheField) {
  const SampleFile one = make_samples({20'000, 30'000, 40'000});
  SampleFile other = make_samples({20'000, 30'007, 40'001});
  EXPECT_EQ(first_difference(one, other), "sample 4: response_ns is 5030000 in one and 5030007 in the other");
  other = one;
  other.samples[3].flags |= sample_late;
  EXPECT_EQ(first_difference(one, other), "sample 3: flags is 3 in one and 7 in the other");
}

TEST(FirstDifference, SeesOtherHeadersAndLengths) {
  const SampleFile one = make_samples({20'000, 30'000});
  EXPECT_EQ(first_difference(one, make_samples({20'000, 30'000}, 8)),
            "the seed is 7 in one and 8 in the other");
  SampleFile shorter = one;
  shorter.samples.pop_back();
  EXPECT_EQ(first_difference(one, shorter), "one has 5 records and the other 4");
  SampleFile planned = one;
  planned.header.records_planned = 9;
  EXPECT_THAT(first_difference(one, planned), HasSubstr("the headers differ"));
}

TEST(FirstDifference, ReadsFilesAndRefusesDamagedOnes) {
  const ScratchFolder scratch;
  write_samples(scratch.path() / "a.lgs", make_samples({20'000}));
  write_samples(scratch.path() / "b.lgs", make_samples({20'001}));
  EXPECT_THAT(*first_difference(scratch.path() / "a.lgs", scratch.path() / "b.lgs"),
              HasSubstr("sample 3: response_ns"));
  write_text(scratch.path() / "b.lgs", "LOOPGATE");
  EXPECT_FALSE(first_difference(scratch.path() / "a.lgs", scratch.path() / "b.lgs"));
}

}  // namespace
}  // namespace loopgate::samples_file_test
