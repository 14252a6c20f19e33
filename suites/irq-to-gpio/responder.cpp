// The bare responder, as it is measured.
#include "responder.h"

int main(int argc, char** argv) {
  return loopgate::responder::run(argc, argv, loopgate::responder::NoFault());
}
