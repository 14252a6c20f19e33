// The verdict as a KCIDB report, for KernelCI's common database: JSON of its I/O schema 5.3
// (github.com/kernelci/kcidb-io, kcidb_io/schema/v05_03.py).
//
// A test for each kernel x load, and one for each check. PASS is PASS and FAIL is FAIL. INVALID and
// INCONCLUSIVE are ERROR, "the status of the tested code is unknown", which ranks above PASS there and so
// passes no summary; a kernel x load of which no cell ran is MISS. NOT GATED is DONE, and a program that the
// run left out SKIP. The path begins with the time base: virtual and wall-clock figures are different tests.
//
// build_id is the SHA-256 of the kernel's image, under which whoever built it can report the build, too; what
// is known of it and of its source is reported with it (kcidb_builds.h).
#pragma once

#include <string>
#include <string_view>

#include "gate/verdict.h"
#include "record/run_record.h"
#include "stats/comparison.h"

namespace loopgate {

// The name of the CI system that reports, as KCIDB knows it.
bool is_kcidb_origin(std::string_view name);

std::string to_kcidb(const Verdict& verdict, const Comparison& comparison, const RunRecord& run,
                     const std::string& origin);

}  // namespace loopgate
