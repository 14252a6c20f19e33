// suites/NAME/suite.toml: what is measured, with which payload, by which schedule.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/suite_program.h"
#include "protocol/channel.h"

namespace loopgate {

// A file that the payload reads on the target, such as its model.
struct PayloadFile {
  std::string key;             // {key} in the command stands for its path on the target
  std::filesystem::path file;  // on the host
  std::string sha256;
  std::size_t offset = 0;  // in the shared memory's area for files
  std::size_t size = 0;

  std::string target_path() const { return std::string(target_folder) + "/" + file.filename().string(); }
};

// What must stand in the JSON that the payload prints at its end, or the cell is INVALID.
struct PayloadCheck {
  std::string name;
  std::string value;     // a JSON pointer (RFC 6901): /swaps/0/accepted
  std::string equals;    // as JSON writes it: true, 0
  std::string contains;  // or a part of it
};

// One of several payloads that are compared: another command, or the payload's with more words.
struct Contender {
  std::string name;
  std::vector<std::string> command;    // empty: the payload's
  std::vector<std::string> arguments;  // added to it
};

struct Payload {
  // On the target. {chip}, {stimulus}, {response} and {verdict} stand for the board's, {edge} for the
  // schedule's, {seed} for the cell's, {records} for the memory that the payload's records go to, {KEY} for a
  // file of `files`.
  std::vector<std::string> command;
  std::vector<PayloadFile> files;
  std::vector<PayloadCheck> checks;
  // Each is measured on each kernel (run/contenders.h). Empty: the payload as it stands.
  std::vector<Contender> contenders;
  // Added to the command where the loopback program measures: the payload leaves its stamps. {stamps} stands
  // for the file, {stamps_records} for how many it must have room for.
  std::vector<std::string> stamps;
  int ready_timeout_ms = 3000;
};

inline constexpr int replicates_max = 1000;

// When stimuli come, how many, and until when a response counts.
struct StimulusSchedule {
  std::int64_t interval_min_ns = 0;
  std::int64_t interval_max_ns = 0;
  std::int64_t deadline_ns = 0;
  std::int64_t response_timeout_ns = 0;
  int samples = 0;
  int replicates = 1;  // that the samples of a kernel under a load are spread over, on virtual time
  int warm_up = 0;
  int self_checks = 0;
  bool falls = false;         // the stimulus is a falling edge
  bool back_to_back = false;  // the next stimulus comes `interval` after the response: closed loop
};

// The payload answers each stimulus by an edge on the response pin.
struct ResponseWork {
  StimulusSchedule schedule;
  Payload payload;
  // The loopback program on the board measures, and the virtual bench's own instrument watches it. On a board
  // that is no virtual one it does in any case.
  bool loopback = false;
  // Measures by itself meanwhile, from before the first counted stimulus until the last one is over: so its
  // figures and the instrument's are of one kernel, one load and one time.
  std::optional<SuiteProgram> beside = {};
};

// The response carries a decision: OK or NG on the verdict pin, read when the response pin rises. It is
// judged against the truth of the synthetic camera, whose seed is the cell's, or of pictures. The payload
// records each frame.
struct DecisionWork {
  StimulusSchedule schedule;
  Payload payload;
  int frames = 1;  // edges on the stimulus pin that belong to one decision
  std::int64_t frame_interval_ns = 0;
  bool pictures = false;   // frames are the pictures of a payload's file
  std::string truth = {};  // PulseSettings::truth: empty is the synthetic camera's
};

// Nothing is stimulated: programs measure by themselves, one after the other, while the load runs.
struct ProgramsWork {
  std::vector<SuiteProgram> programs;
  int replicates = 1;  // on virtual time
};

// The kinds of work. Each is a type with what it alone needs, and planning (run/plan.cpp), requesting
// (run/cell_request.cpp) and judging (run/judge.cpp) visit them, so that another kind does not compile until
// all three know it.
using Work = std::variant<ResponseWork, DecisionWork, ProgramsWork>;

// Null where something is stimulated.
const ProgramsWork* programs_of(const Work& work);

// All programs that measure by themselves: those of a suite that stimulates nothing, or the one beside a
// payload.
std::vector<SuiteProgram> all_programs(const Work& work);

// Of a kind that has none: an empty one.
const StimulusSchedule& schedule_of(const Work& work);
const Payload& payload_of(const Work& work);

struct Suite {
  std::string name;
  std::string title;
  std::vector<std::string> requirements;  // what a board must provide
  std::string board;                      // where it runs unless told otherwise
  std::vector<std::string> kernels;
  std::vector<std::string> loads;
  Work work;
  std::filesystem::path folder;
  std::string sha256;  // of suite.toml
  std::string toml;    // its text
};

Result<Suite> read_suite(const std::filesystem::path& path);
// Of the text that stands at `path`. A usage error names the key.
Result<Suite> parse_suite(std::string text, const std::filesystem::path& path);

}  // namespace loopgate
