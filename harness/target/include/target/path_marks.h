// Marks the part of a program whose path is counted: one instruction where it begins and one where it ends,
// which do nothing. protocol/path_marks.h has their bytes, by which a QEMU plugin finds them in the code.
//
//   path_begins();
//   for (int i = 0; i < iterations; ++i) ...    // all timed iterations, once in the program's run
//   path_ends();
//
// So the instructions between the two, over the iterations, are the length of one iteration's path. What the
// compiler may move it does not move across a mark.
#pragma once

namespace loopgate::target {

#if defined(__aarch64__)
inline void path_begins() { asm volatile("hint #0x7a" ::: "memory"); }
inline void path_ends() { asm volatile("hint #0x7b" ::: "memory"); }
#elif defined(__x86_64__)
inline void path_begins() { asm volatile("nopl 0x4c47007a(%%rax)" ::: "memory"); }
inline void path_ends() { asm volatile("nopl 0x4c47007b(%%rax)" ::: "memory"); }
#else
#error "this architecture has no path marks yet: choose two instructions that do nothing"
#endif

}  // namespace loopgate::target
