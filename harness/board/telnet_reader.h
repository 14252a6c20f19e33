// Reads a serial port that is served by telnet with COM-PORT control (RFC 2217), as ser2net does for
// labgrid's ports, without controlling it: what the server says of itself is taken out of the console's
// bytes, and each question of it is answered once, so that it waits for nothing. Pure.
//
// Sources: commands and doubled IAC RFC 854, options and their answers RFC 855, suppressed go-ahead RFC 858,
// echo RFC 857, binary RFC 856, COM-PORT RFC 2217; answers only where they change something, so that no two
// sides talk for ever, RFC 1143.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace loopgate {

class TelnetReader {
 public:
  struct Heard {
    std::string text;    // the console's bytes
    std::string answer;  // to be sent to the server; may be empty
  };

  // The next bytes, which may end anywhere, also within a command.
  Heard take(std::string_view bytes);

 private:
  enum class State { text, after_cr, command, option, parameters, parameters_command };

  void take_text(unsigned char byte, Heard* heard);
  void take_command(unsigned char byte, Heard* heard);
  void take_option(unsigned char option, Heard* heard);

  State state_ = State::text;
  unsigned char verb_ = 0;  // of the option that is being read
  // What was answered to the server's WILL and DO of each option: 0 nothing yet.
  std::array<unsigned char, 256> to_will_{};
  std::array<unsigned char, 256> to_do_{};
};

}  // namespace loopgate
