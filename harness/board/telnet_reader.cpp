#include "board/telnet_reader.h"

namespace loopgate {
namespace {

// RFC 854.
constexpr unsigned char sub_end = 240;
constexpr unsigned char sub_begin = 250;
constexpr unsigned char will = 251;
constexpr unsigned char wont = 252;
constexpr unsigned char do_it = 253;
constexpr unsigned char dont = 254;
constexpr unsigned char iac = 255;

constexpr unsigned char binary = 0;               // RFC 856
constexpr unsigned char echo = 1;                 // RFC 857
constexpr unsigned char suppresses_go_ahead = 3;  // RFC 858

bool is_welcome(unsigned char option) {
  return option == binary || option == echo || option == suppresses_go_ahead;
}

}  // namespace

TelnetReader::Heard TelnetReader::take(std::string_view bytes) {
  Heard heard;
  for (const char each : bytes) {
    const auto byte = static_cast<unsigned char>(each);
    switch (state_) {
      case State::text:
      case State::after_cr:
        take_text(byte, &heard);
        break;
      case State::command:
        take_command(byte, &heard);
        break;
      case State::option:
        take_option(byte, &heard);
        state_ = State::text;
        break;
      case State::parameters:  // of COM-PORT: the port's settings, which are the exporter's business
        if (byte == iac) state_ = State::parameters_command;
        break;
      case State::parameters_command:
        state_ = byte == sub_end ? State::text : State::parameters;
        break;
    }
  }
  return heard;
}

void TelnetReader::take_text(unsigned char byte, Heard* heard) {
  const bool pads_cr = state_ == State::after_cr && byte == 0;  // RFC 854: a lone CR is sent as CR NUL
  state_ = State::text;
  if (pads_cr) return;
  if (byte == iac) {
    state_ = State::command;
    return;
  }
  heard->text += static_cast<char>(byte);
  if (byte == '\r' && to_will_[binary] != do_it) state_ = State::after_cr;
}

void TelnetReader::take_command(unsigned char byte, Heard* heard) {
  state_ = State::text;
  if (byte == iac) {
    heard->text += static_cast<char>(iac);
  } else if (byte == sub_begin) {
    state_ = State::parameters;
  } else if (byte >= will && byte <= dont) {
    verb_ = byte;
    state_ = State::option;
  }  // else a command of two bytes, such as NOP
}

void TelnetReader::take_option(unsigned char option, Heard* heard) {
  const auto answer = [&](unsigned char* before, unsigned char now) {
    if (*before == now) return;
    *before = now;
    heard->answer += {static_cast<char>(iac), static_cast<char>(now), static_cast<char>(option)};
  };
  if (verb_ == will) answer(&to_will_[option], is_welcome(option) ? do_it : dont);
  // Once refused, or never agreed to, there is nothing that WONT and DONT would end.
  if (verb_ == wont && to_will_[option] == do_it) answer(&to_will_[option], dont);
  if (verb_ == do_it) answer(&to_do_[option], option == suppresses_go_ahead ? will : wont);
  if (verb_ == dont && to_do_[option] == will) answer(&to_do_[option], wont);
}

}  // namespace loopgate
