// Marks the part of a program whose path is counted: one instruction each where it begins and where it ends,
// which do nothing. protocol/path_marks.h has their bytes, by which a QEMU plugin finds them in the code.
//
//   path_begins();
//   for (int i = 0; i < iterations; ++i) ...    // all timed iterations, once in the program's run
//   path_ends();
//
// So the instructions between the two, over the iterations, are the length of one iteration's path. Where
// only a part of each iteration is timed, part_begins() and part_ends() stand around it within those two,
// once in each iteration and on whichever thread: only what is between them is the path then. What the
// compiler may move it does not move across a mark. Whoever tells a figure, too, reads the clock right behind
// each mark, as suites/primitives/timed.h does: else the figure is of another path than what is counted.
#pragma once

namespace loopgate::target {

#if defined(__aarch64__)
inline void path_begins() { asm volatile("hint #0x7a" ::: "memory"); }
inline void path_ends() { asm volatile("hint #0x7b" ::: "memory"); }
inline void part_begins() { asm volatile("hint #0x7c" ::: "memory"); }
inline void part_ends() { asm volatile("hint #0x7d" ::: "memory"); }
// The part begins at a time and not at an instruction: so many ns after this one.
inline void part_begins_in(long long ns) {
  register long long later asm("x0") = ns;
  asm volatile("hint #0x7e" : "+r"(later)::"memory");
}
#elif defined(__x86_64__)
inline void path_begins() { asm volatile("nopl 0x4c47007a(%%rax)" ::: "memory"); }
inline void path_ends() { asm volatile("nopl 0x4c47007b(%%rax)" ::: "memory"); }
inline void part_begins() { asm volatile("nopl 0x4c47007c(%%rax)" ::: "memory"); }
inline void part_ends() { asm volatile("nopl 0x4c47007d(%%rax)" ::: "memory"); }
inline void part_begins_in(long long ns) { asm volatile("nopl 0x4c47007e(%%rax)" : "+D"(ns)::"memory"); }
#elif defined(__arm__)
// Nobody follows a path there: what may not be moved is not, and no instruction is spent.
inline void path_begins() { asm volatile("" ::: "memory"); }
inline void path_ends() { asm volatile("" ::: "memory"); }
inline void part_begins() { asm volatile("" ::: "memory"); }
inline void part_ends() { asm volatile("" ::: "memory"); }
inline void part_begins_in(long long) { asm volatile("" ::: "memory"); }
#else
#error \
    "this architecture has no path marks yet: choose five instructions that do nothing (protocol/path_marks.h)"
#endif

}  // namespace loopgate::target
