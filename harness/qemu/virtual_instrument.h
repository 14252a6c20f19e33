// The host's side of the QEMU plugin: writes its settings, names its arguments, reads its events.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/streambuf.hpp>
#include <memory>
#include <optional>
#include <utility>  // Boost 1.74 uses std::exchange without including it

#include "config/board.h"
#include "qemu/instrument.h"

namespace loopgate {

class VirtualInstrument : public Instrument {
 public:
  explicit VirtualInstrument(const Board& board) : board_(board) {}

  Status prepare(const Measurement& measurement) override;

  // What QEMU must be started with to carry the instrument; `plugin` is the shared object that it loads.
  static std::vector<std::string> qemu_arguments(const std::filesystem::path& plugin,
                                                 const Measurement& measurement);

  Status listen(boost::asio::io_context* context, Handler handler) override;

 private:
  void read_next();

  Board board_;
  std::filesystem::path events_;
  std::optional<boost::asio::posix::stream_descriptor> fifo_;
  boost::asio::streambuf buffer_;
  Handler handler_;
};

}  // namespace loopgate
