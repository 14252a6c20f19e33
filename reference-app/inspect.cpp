// The reference inspection program.
#include <cstdio>
#include <exception>

#include "inspection/options.h"
#include "inspection/program.h"
#include "target/output.h"

int main(int argc, char** argv) {
  using namespace loopgate::inspection;
  return loopgate::target::run_main("inspect", [&] {
    int exit_status = 0;
    const std::optional<Options> options = read_options(argc, argv, &exit_status);
    if (!options) return exit_status;
    try {
      return run_program(*options);
    } catch (const std::exception& error) {  // not expected: failures are values
      std::fprintf(stderr, "inspect: %s\n", error.what());
      return 1;
    }
  });
}
