// The reference inspection program.
#include <cstdio>
#include <exception>
#include <iostream>

#include "inspection/options.h"
#include "inspection/pictures.h"
#include "inspection/program.h"

namespace {

using namespace loopgate::inspection;

int run(const Options& options) {
  std::string line;
  const Status ended =
      options.images.empty() ? inspect(options, &line) : inspect_pictures(options, std::cout);
  if (!line.empty()) std::printf("%s\n", line.c_str());
  if (ended) return loopgate::target::exit_good;
  std::fprintf(stderr, "inspect: %s\n", ended.error().what.c_str());
  return ended.error().exit_status;
}

}  // namespace

int main(int argc, char** argv) {
  int exit_status = 0;
  const std::optional<Options> options = read_options(argc, argv, &exit_status);
  if (!options) return exit_status;
  try {
    return run(*options);
  } catch (const std::exception& error) {  // nobody foresaw it
    std::fprintf(stderr, "inspect: %s\n", error.what());
    return 1;
  }
}
