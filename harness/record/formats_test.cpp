// formats.json declares the binary files once; the structs that are read and written in place are held to it
// here, the NumPy types and the page in reports/tests/test_formats.py.
#include <gmock/gmock.h>

#include <cstddef>
#include <nlohmann/json.hpp>

#include "record/frames_file.h"
#include "record/probe_file.h"
#include "record/samples_file.h"
#include "record/stamps_file.h"
#include "record/testing/recorded_run.h"

namespace loopgate::formats_test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

struct Field {
  std::string name;
  std::string type;
  std::size_t offset;
  bool operator==(const Field&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Field& field) {
  return out << field.type << " " << field.name << " at " << field.offset;
}

template <class T>
constexpr const char* type_name = nullptr;
template <>
constexpr const char* type_name<std::uint16_t> = "u16";
template <>
constexpr const char* type_name<std::uint32_t> = "u32";
template <>
constexpr const char* type_name<std::uint64_t> = "u64";
template <>
constexpr const char* type_name<std::int64_t> = "i64";

#define FIELD(Struct, member) \
  Field { #member, type_name<decltype(Struct::member)>, offsetof(Struct, member) }

class Formats : public ::testing::Test {
 protected:
  std::vector<Field> declared(const char* file, const char* part) const {
    std::vector<Field> fields;
    for (const json& field : formats_.at(file).at(part))
      fields.push_back({field.at("name"), field.at("type"), field.at("offset")});
    return fields;
  }
  std::size_t size_of(const char* file, const char* part) const {
    return formats_.at(file).at(std::string(part) + "_size");
  }

  json formats_ = json::parse(testing::read_text(LOOPGATE_SOURCE_DIR "/harness/record/formats.json"));
};

TEST_F(Formats, SamplesAreAsDeclared) {
  EXPECT_EQ(size_of("samples.lgs", "record"), sizeof(Sample));
  EXPECT_THAT(declared("samples.lgs", "record"),
              ElementsAre(FIELD(Sample, due_ns), FIELD(Sample, stimulus_ns), FIELD(Sample, response_ns),
                          FIELD(Sample, flags), FIELD(Sample, index)));
}

TEST_F(Formats, ProbesAreAsDeclared) {
  EXPECT_EQ(size_of("probe.lgp", "header"), sizeof(ProbeHeader));
  EXPECT_EQ(size_of("probe.lgp", "record"), sizeof(ProbeRecord));
  EXPECT_THAT(
      declared("probe.lgp", "header"),
      ElementsAre(FIELD(ProbeHeader, magic), FIELD(ProbeHeader, version), FIELD(ProbeHeader, record_size),
                  FIELD(ProbeHeader, written), FIELD(ProbeHeader, transport), FIELD(ProbeHeader, traced),
                  FIELD(ProbeHeader, replaced), FIELD(ProbeHeader, stimuli), FIELD(ProbeHeader, unfinished),
                  FIELD(ProbeHeader, lost), FIELD(ProbeHeader, cost_ns), FIELD(ProbeHeader, monotonic_ns),
                  FIELD(ProbeHeader, counter), FIELD(ProbeHeader, counter_hz)));
  EXPECT_THAT(declared("probe.lgp", "record"),
              ElementsAre(FIELD(ProbeRecord, number), FIELD(ProbeRecord, taken_ns),
                          FIELD(ProbeRecord, thread_woken_ns), FIELD(ProbeRecord, thread_wait_ns),
                          FIELD(ProbeRecord, payload_woken_ns), FIELD(ProbeRecord, read_wait_ns),
                          FIELD(ProbeRecord, read_ns), FIELD(ProbeRecord, answer_wait_ns),
                          FIELD(ProbeRecord, answer_ns), FIELD(ProbeRecord, set_wait_ns),
                          FIELD(ProbeRecord, set_ns)));
}

// The header has no struct of its own in samples_file.h: each field is looked for where it is declared.
TEST_F(Formats, TheHeaderOfSamplesIsAsDeclared) {
  const testing::ScratchFolder folder;
  SampleFile file = testing::make_samples({1'000, 2'000}, 0x1122334455667788);
  testing::write_samples(folder.path() / "samples.lgs", file);
  const std::string bytes = testing::read_text(folder.path() / "samples.lgs");
  const std::map<std::string, std::uint64_t> expected = {{"version", 1},
                                                         {"header_size", 64},
                                                         {"record_size", 32},
                                                         {"time_base", 1},
                                                         {"seed", 0x1122334455667788},
                                                         {"records_planned", 5},
                                                         {"records_written", 5},
                                                         {"deadline_ns", testing::deadline_ns},
                                                         {"zero", 0}};
  EXPECT_EQ(bytes.substr(0, 8), "LOOPGATE");
  std::size_t seen = 0;
  for (const Field& field : declared("samples.lgs", "header")) {
    if (field.name == "magic") continue;
    const std::size_t size = field.type == "u32" ? 4 : 8;
    std::uint64_t value = 0;
    bytes.copy(reinterpret_cast<char*>(&value), size, field.offset);
    EXPECT_EQ(value, expected.at(field.name)) << field.name;
    ++seen;
  }
  EXPECT_EQ(seen, expected.size());
}

TEST_F(Formats, FramesAreAsDeclared) {
  EXPECT_EQ(size_of("frames.lgf", "header"), sizeof(RecordsHeader));
  EXPECT_EQ(size_of("frames.lgf", "record"), sizeof(FrameRecord));
  EXPECT_THAT(declared("frames.lgf", "header"),
              ElementsAre(FIELD(RecordsHeader, magic), FIELD(RecordsHeader, version),
                          FIELD(RecordsHeader, record_size), FIELD(RecordsHeader, capacity),
                          FIELD(RecordsHeader, written), FIELD(RecordsHeader, latest_frame),
                          FIELD(RecordsHeader, monotonic_ns), FIELD(RecordsHeader, counter),
                          FIELD(RecordsHeader, counter_hz)));
  EXPECT_THAT(declared("frames.lgf", "record"),
              ElementsAre(FIELD(FrameRecord, frame), FIELD(FrameRecord, decision), FIELD(FrameRecord, model),
                          FIELD(FrameRecord, woke_ns), FIELD(FrameRecord, captured_ns),
                          FIELD(FrameRecord, preprocessed_ns), FIELD(FrameRecord, inferred_ns),
                          FIELD(FrameRecord, decided_ns), FIELD(FrameRecord, done_ns)));
}

TEST_F(Formats, StampsAreAsDeclared) {
  EXPECT_EQ(size_of("stamps.lst", "header"), sizeof(StampsHeader));
  EXPECT_EQ(size_of("stamps.lst", "record"), sizeof(Stamp));
  EXPECT_THAT(
      declared("stamps.lst", "header"),
      ElementsAre(FIELD(StampsHeader, magic), FIELD(StampsHeader, version), FIELD(StampsHeader, record_size),
                  FIELD(StampsHeader, capacity), FIELD(StampsHeader, written), FIELD(StampsHeader, kind),
                  FIELD(StampsHeader, zero), FIELD(StampsHeader, monotonic_ns), FIELD(StampsHeader, counter),
                  FIELD(StampsHeader, counter_hz)));
  EXPECT_THAT(declared("stamps.lst", "record"), ElementsAre(FIELD(Stamp, number), FIELD(Stamp, first_ns),
                                                            FIELD(Stamp, second_ns), FIELD(Stamp, third_ns)));
}

}  // namespace
}  // namespace loopgate::formats_test
