// Figures as people read them. Nanoseconds and counts become text here and nowhere before.
#pragma once

#include <cstdint>
#include <string>

namespace loopgate {

inline constexpr double ns_of_hour = 3.6e12;

// "23.7 us", "18,640 us", "0.017 us": one decimal from 10 us, none from 1,000 us, else three figures.
std::string us_text(std::int64_t ns);

// For sentences, in the unit that fits, with four figures: "640 ns", "23.72 us", "1.205 ms".
std::string duration_text(std::int64_t ns);

// A limit that a person wrote in whole microseconds: "100 us".
std::string limit_text(std::int64_t ns);

// A share: "0.03 %".
std::string percent_text(double share);

// What sentences count.
struct Noun {
  const char* one;
  const char* many;
};
inline constexpr Noun stimuli_noun = {"stimulus", "stimuli"};
inline constexpr Noun answers_noun = {"answer", "answers"};
inline constexpr Noun latencies_noun = {"latency", "latencies"};  // which a program took by itself

// "12 stimuli", "1 stimulus".
std::string counted_text(std::uint64_t count, const Noun& noun);
std::string stimuli_text(std::uint64_t count);

}  // namespace loopgate
