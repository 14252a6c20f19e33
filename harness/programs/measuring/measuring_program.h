// A program that measures by itself and says what it found, such as those of rt-tests: its whole command
// line, what it needs of the target, and how to read what it left. One file for each program, one line for it
// in measuring_program.cpp.
//
// Nearly all of them exit with 0 whatever they found. So text, file and exit status are read together: one
// of them alone is never believed, and what contradicts itself is invalid.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/program_needs.h"
#include "base/program_result.h"
#include "base/result.h"
#include "programs/options.h"

namespace loopgate {

// How it ended, and what it left.
struct ProgramEnd {
  std::optional<int> status = {};  // that it exited with
  std::optional<int> signal = {};  // that it died by; neither: it did not end in its time, and was killed
  bool told_to_end = false;        // by SIGINT, since what it measured beside was over
  std::string printed = {};
  std::string errors = {};
  std::optional<std::string> file = {};  // its output file, if it is there
};

// The form of its command line.
struct ProgramForm {
  const char* key;                     // as a suite names it
  std::vector<std::string> command;    // the program
  std::vector<std::string> last = {};  // after the suite's arguments; {file} stands for its output file
  const char* loops = "";              // its options; empty: it has none
  const char* duration = "";
  const char* priority = "";
  const char* policy = "";                // empty: FIFO alone
  std::vector<std::string> aliases = {};  // those four once more, as they can be spelled, too
  bool joined_policy = false;             // `-P f:80` says both
  bool deadline = false;                  // it can be SCHED_DEADLINE, and chooses its periods
  std::vector<std::string> options = {};  // that a suite may give it, in each of their spellings
  std::vector<std::string> numbers = {};  // of those, whose value the adapter reads
  std::vector<std::string> refused = {};  // options under which it could not be read
  ProgramNeeds needs = {};
  bool all_cpus = false;  // bound to the measured ones it would fail by that, and not by the kernel
  // SIGINT ends it as if its time were over, with all that it has to say: so it can measure beside a payload.
  bool ends_when_told = false;
  bool marks_path = false;  // by target/path_marks.h, so that `explain --program` can count it
};

// Parted by blanks.
std::vector<std::string> words_of(const std::string& text);

struct ProgramScheduling {
  std::string policy = "fifo";  // or rr, other, deadline
  int priority = 0;

  bool operator==(const ProgramScheduling&) const = default;
};

// What a suite says of it.
struct ProgramOrder {
  std::vector<std::string> arguments = {};
  std::int64_t loops = 0;       // 0: not said
  std::int64_t duration_s = 0;  // 0: not said
  std::optional<ProgramScheduling> scheduling = {};
};

class MeasuringProgram {
 public:
  virtual ~MeasuringProgram() = default;

  virtual const ProgramForm& form() const = 0;
  // `argv` is its command line.
  virtual ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const = 0;
  // Its figure in ns that is the time of a path all of which is executed, so that it has a length in
  // instructions where each takes the same time; empty: none.
  virtual std::string path_figure(const ProgramEnd&) const { return {}; }
  // What its output says of an option that it was given; nothing where it says nothing of it.
  virtual std::optional<OptionReadBack> read_back(const ProgramOption&, const ProgramEnd&) const {
    return std::nullopt;
  }
};

// All that there are, each with a key of its own.
const std::vector<const MeasuringProgram*>& measuring_programs();
// Null where there is none of that key.
const MeasuringProgram* find_measuring_program(std::string_view key);

// The first option that it was given and by its own word did not have: whatever it found, it found under
// something else. Empty where there is none.
std::string other_option(const MeasuringProgram& program, const std::vector<std::string>& argv,
                         const ProgramEnd& end);

// A usage error that names the program.
tl::unexpected<Error> refuse(const ProgramForm& form, const std::string& why);

// Whether it leaves an output file.
bool leaves_file(const ProgramForm& form);
// The whole command line. Usage error: the program has no such option, it is spelled otherwise
// (suite_arguments.h), or the program could not be read under it.
Result<std::vector<std::string>> command_line_of(const ProgramForm& form, const ProgramOrder& order,
                                                 const std::string& file);

// ---- The programs, each in the file of its name ----

const MeasuringProgram& cyclicdeadline_program();
const MeasuringProgram& cyclictest_program();
const MeasuringProgram& deadline_test_program();
const MeasuringProgram& google_benchmark_program();
const MeasuringProgram& hackbench_program();
const MeasuringProgram& hwlatdetect_program();
const MeasuringProgram& oslat_program();
const MeasuringProgram& pi_stress_program();
const MeasuringProgram& pip_stress_program();
const MeasuringProgram& pmqtest_program();
const MeasuringProgram& ptsematest_program();
const MeasuringProgram& queuelat_program();
const MeasuringProgram& rt_migrate_test_program();
const MeasuringProgram& rtla_hwnoise_program();
const MeasuringProgram& rtla_osnoise_program();
const MeasuringProgram& rtla_timerlat_program();
const MeasuringProgram& signaltest_program();
const MeasuringProgram& sigwaittest_program();
const MeasuringProgram& ssdd_program();
const MeasuringProgram& svsematest_program();

}  // namespace loopgate
