// The pins that host, target and instrument agree on.
#pragma once

namespace loopgate {

// Lines of the board's GPIO controller, as the guest's chip numbers them. -1: not there.
struct PinLines {
  int stimulus = 0;     // input: the bench raises it
  int response = 1;     // output: the payload raises it
  int storm = 2;        // input
  int control_in = 4;   // input: "measuring is over"
  int control_out = 5;  // output: "the agent's state changed"
  int jumper_out = -1;  // output that drives jumper_in, as a jumper does on a board
  int jumper_in = -1;
  int verdict = -1;  // output: what the response says, 1 is OK; may be the line of jumper_out
  // Of the loopback program, which measures on the board itself; they may be the lines of jumper_out and
  // jumper_in.
  int stimulus_out = -1;  // output that a jumper joins to `stimulus`
  int response_in = -1;   // input that a jumper joins to `response`
  int verdict_in = -1;    // input that a jumper joins to `verdict`
};

}  // namespace loopgate
