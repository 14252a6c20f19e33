#include "record/samples_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>

#include "record/damaged_file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little,
              "samples.lgs is little-endian and is read in place");

constexpr std::string_view magic = "LOOPGATE";
constexpr std::uint32_t version = 1;
constexpr std::uint32_t known_flags = 1023;

struct RawHeader {
  char magic[8];
  std::uint32_t version;
  std::uint32_t header_size;
  std::uint32_t record_size;
  std::uint32_t time_base;
  std::uint64_t seed;
  std::uint64_t records_planned;
  std::uint64_t records_written;
  std::int64_t deadline_ns;
  std::uint64_t zero;
};
static_assert(sizeof(RawHeader) == 64);

std::string check_header(const RawHeader& raw, std::uint64_t file_size) {
  if (std::memcmp(raw.magic, magic.data(), magic.size()) != 0) return "is no samples file (wrong magic)";
  if (raw.version != version)
    return "has format version " + std::to_string(raw.version) + ", and only 1 is known";
  if (raw.header_size != sizeof(RawHeader))
    return "has a header of " + std::to_string(raw.header_size) + " bytes, and version 1 has 64";
  if (raw.record_size != sizeof(Sample))
    return "has records of " + std::to_string(raw.record_size) + " bytes, and version 1 has 32";
  if (raw.time_base != 1 && raw.time_base != 2)
    return "names the unknown time base " + std::to_string(raw.time_base);
  if (raw.deadline_ns < 0 || raw.zero != 0) return "has a damaged header";
  if (raw.records_written == 0) return "was cut off while it was being written";
  if (raw.records_written > raw.records_planned) return "has more records than were planned";
  // Divided, not multiplied: a count from a damaged file can overflow.
  const std::uint64_t body = file_size - sizeof(RawHeader);
  if (body % sizeof(Sample) != 0 || body / sizeof(Sample) != raw.records_written)
    return "is " + std::to_string(file_size) + " bytes long, which does not fit its " +
           std::to_string(raw.records_written) + " records: it was truncated or altered";
  return {};
}

// What one record says of itself must hold together; empty when it does.
std::string check_alone(const Sample& sample, std::int64_t deadline_ns) {
  if (sample.flags > known_flags) return "has unknown flags";
  if (!sample.counted() && (sample.flags & sample_warm_up) != 0 && (sample.flags & sample_self_check) != 0)
    return "says that it is a warm-up and a self-check";
  if (sample.due_ns < 0) return "has a negative due time";
  if (sample.sent() != (sample.stimulus_ns >= 0) || sample.stimulus_ns < -1)
    return sample.sent() ? "says sent and has no stimulus" : "says not sent and has a stimulus";
  if (sample.answered() != (sample.response_ns >= 0) || sample.response_ns < -1)
    return sample.answered() ? "says answered and has no response"
                             : "has a response and does not say answered";
  if (sample.answered() && !sample.sent()) return "says answered and not sent";
  if (sample.unanswered() && !sample.sent()) return "says unanswered and not sent";
  if (sample.answered() && sample.unanswered()) return "says answered and unanswered";
  if (sample.sent() && !sample.answered() && !sample.unanswered())
    return "was sent, and is neither answered nor unanswered";
  if (sample.sent() && sample.stimulus_ns < sample.due_ns) return "was sent before it was due";
  if (sample.answered() && sample.response_ns < sample.stimulus_ns) return "was answered before it was sent";
  const std::uint32_t judged = sample.flags & (sample_wrong | sample_wrong_frame | sample_unjudged);
  const std::uint32_t decided = judged | (sample.flags & sample_ok);
  if (decided != 0 && (!sample.answered() || (sample.flags & sample_self_check) != 0))
    return "carries a decision and no response of the payload";
  if ((judged & (judged - 1)) != 0)
    return "says more than one of its decision: wrong, of another frame, not judged";
  if (sample.late() != (sample.answered() && sample.latency_ns() > deadline_ns))
    return sample.late() ? "says late and is not" : "is late and does not say so";
  return {};
}

// Against what came before: `before` is the record ahead, `pending` the last that was sent.
std::string check_order(const Sample& sample, const Sample* before, const Sample* pending) {
  if (before != nullptr && sample.due_ns < before->due_ns) return "fell due before the one ahead of it";
  if (!sample.sent()) {
    if (pending == nullptr) return "was not sent although none was pending";
    if (pending->answered() && pending->response_ns < sample.due_ns)
      return "was not sent although the one before it had been answered";
    return {};
  }
  if (pending == nullptr) return {};
  if (sample.stimulus_ns < (pending->answered() ? pending->response_ns : pending->stimulus_ns))
    return "was sent while one before it was pending";
  return {};
}

std::string check_samples(const std::vector<Sample>& samples, std::int64_t deadline_ns) {
  const Sample* before = nullptr;
  const Sample* pending = nullptr;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sample& sample = samples[i];
    std::string problem;
    if (sample.index != i) {
      problem = "has index " + std::to_string(sample.index) + ": records are missing or out of order";
    } else {
      problem = check_alone(sample, deadline_ns);
      if (problem.empty()) problem = check_order(sample, before, pending);
    }
    if (!problem.empty()) return "record " + std::to_string(i) + " " + problem;
    before = &sample;
    if (sample.sent()) pending = &sample;
  }
  return {};
}

SampleHeader to_header(const RawHeader& raw) {
  return {static_cast<TimeBase>(raw.time_base), raw.seed, raw.records_planned, raw.deadline_ns};
}

struct CloseInput {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<SampleWriter> SampleWriter::create(const fs::path& path, const SampleHeader& header) {
  SampleWriter writer(path, header, std::fopen(path.c_str(), "wbe"));
  if (writer.file_ == nullptr) return tl::unexpected(writer.failed(errno).error());
  if (auto done = writer.write_header(); !done) return tl::unexpected(done.error());
  return writer;
}

Status SampleWriter::failed(int error_number) const {
  return fail(
      ErrorKind::infrastructure, path_.string() + ": cannot be written: " + std::strerror(error_number),
      error_number == ENOSPC ? "free some space on that disk and give the command again (`run` with --resume)"
                             : "");
}

Status SampleWriter::write_header() {
  RawHeader raw{};
  std::memcpy(raw.magic, magic.data(), magic.size());
  raw.version = version;
  raw.header_size = sizeof(RawHeader);
  raw.record_size = sizeof(Sample);
  raw.time_base = static_cast<std::uint32_t>(header_.time_base);
  raw.seed = header_.seed;
  raw.records_planned = header_.records_planned;
  raw.records_written = written_;
  raw.deadline_ns = header_.deadline_ns;
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0 || std::fwrite(&raw, sizeof(raw), 1, file_.get()) != 1)
    return failed(errno);
  return {};
}

Status SampleWriter::append(const Sample& sample) {
  if (file_ == nullptr) return failed(EBADF);
  if (std::fwrite(&sample, sizeof(sample), 1, file_.get()) != 1) return failed(errno);
  ++written_;
  return {};
}

Status SampleWriter::close() {
  if (file_ == nullptr) return failed(EBADF);
  if (std::fflush(file_.get()) != 0)
    return failed(errno);  // the samples first, the word that they are whole after
  if (auto done = write_header(); !done) return done;
  if (std::fclose(file_.release()) != 0) return failed(errno);
  return {};
}

Result<SampleFile> parse_samples(std::string_view bytes, const std::string& name) {
  RawHeader raw{};
  if (bytes.size() < sizeof(raw)) return damaged(name, "is too short for a samples file");
  std::memcpy(&raw, bytes.data(), sizeof(raw));
  if (const std::string problem = check_header(raw, bytes.size()); !problem.empty())
    return damaged(name, problem);
  SampleFile file{to_header(raw), std::vector<Sample>(static_cast<std::size_t>(raw.records_written))};
  std::memcpy(file.samples.data(), bytes.data() + sizeof(raw), bytes.size() - sizeof(raw));
  if (const std::string problem = check_samples(file.samples, raw.deadline_ns); !problem.empty())
    return damaged(name, problem);
  return file;
}

// Reads straight into the records: ten million of them are 320 MB, which must not be held twice.
Result<SampleFile> read_samples(const fs::path& path, const OnBytes& on_bytes) {
  const std::string name = path.string();
  const std::unique_ptr<std::FILE, CloseInput> input(std::fopen(path.c_str(), "rbe"));
  std::error_code error;
  const std::uint64_t size = fs::file_size(path, error);
  if (input == nullptr || error)
    return fail(ErrorKind::data,
                name + ": cannot be read: " + (error ? error.message() : std::strerror(errno)));
  RawHeader raw{};
  if (std::fread(&raw, sizeof(raw), 1, input.get()) != 1)
    return damaged(name, "is too short for a samples file");
  if (on_bytes) on_bytes(&raw, sizeof(raw));
  if (const std::string problem = check_header(raw, size); !problem.empty()) return damaged(name, problem);
  SampleFile file{to_header(raw), std::vector<Sample>(static_cast<std::size_t>(raw.records_written))};
  if (std::fread(file.samples.data(), sizeof(Sample), file.samples.size(), input.get()) !=
      file.samples.size())
    return damaged(name, "became shorter while it was read");
  if (on_bytes) on_bytes(file.samples.data(), file.samples.size() * sizeof(Sample));
  if (const std::string problem = check_samples(file.samples, raw.deadline_ns); !problem.empty())
    return damaged(name, problem);
  return file;
}

namespace {

using Difference = std::pair<const char*, std::array<std::int64_t, 2>>;

std::string describe(const Difference& field) {
  return std::string(field.first) + " is " + std::to_string(field.second[0]) + " in one and " +
         std::to_string(field.second[1]) + " in the other";
}

}  // namespace

std::string first_difference(const SampleFile& one, const SampleFile& other) {
  if (one.header.seed != other.header.seed)
    return "the seed is " + std::to_string(one.header.seed) + " in one and " +
           std::to_string(other.header.seed) + " in the other";
  if (one.header != other.header) return "the headers differ: another time base, plan or deadline";
  const std::size_t common = std::min(one.samples.size(), other.samples.size());
  for (std::size_t i = 0; i < common; ++i) {
    const Sample& a = one.samples[i];
    const Sample& b = other.samples[i];
    if (a == b) continue;
    const std::array<Difference, 4> fields = {
        Difference{"due_ns", {a.due_ns, b.due_ns}}, Difference{"stimulus_ns", {a.stimulus_ns, b.stimulus_ns}},
        Difference{"response_ns", {a.response_ns, b.response_ns}}, Difference{"flags", {a.flags, b.flags}}};
    const auto* field = std::find_if(fields.begin(), fields.end(),
                                     [](const Difference& each) { return each.second[0] != each.second[1]; });
    return "sample " + std::to_string(i) + ": " +
           (field != fields.end() ? describe(*field) : "the index differs");
  }
  if (one.samples.size() == other.samples.size()) return {};
  return "one has " + std::to_string(one.samples.size()) + " records and the other " +
         std::to_string(other.samples.size());
}

Result<std::string> first_difference(const fs::path& one, const fs::path& other) {
  auto a = read_samples(one);
  if (!a) return tl::unexpected(a.error());
  auto b = read_samples(other);
  if (!b) return tl::unexpected(b.error());
  return first_difference(*a, *b);
}

}  // namespace loopgate
