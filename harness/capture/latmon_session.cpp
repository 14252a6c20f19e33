#include "capture/latmon_session.h"

#include <fmt/format.h>

#include <boost/asio.hpp>
#include <optional>
#include <sstream>
#include <utility>  // Boost 1.74 uses std::exchange without including it

#include "base/process.h"

namespace loopgate {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using Clock = std::chrono::steady_clock;
using boost::system::error_code;

std::string text_of(std::chrono::milliseconds time) {
  return fmt::format("{} s", static_cast<double>(time.count()) / 1000);
}

class Session {
 public:
  Session(const LatmonSettings& settings, const OnLatmonRecord& on_record)
      : settings_(settings),
        on_record_(on_record),
        reader_(settings.request, records_at_most(settings)),
        socket_(context_),
        end_(context_),
        silence_(context_) {}

  Result<LatmonMeasurement> run() {
    auto connected = connect();
    if (!connected) return tl::unexpected(connected.error());
    const auto began = Clock::now();
    if (auto started = send(settings_.request); !started) return tl::unexpected(started.error());
    end_.expires_after(settings_.duration + settings_.warm_up);
    end_.async_wait([this](const error_code& error) {
      if (!error) stop();
    });
    receive();
    watch_silence();
    context_.restart();
    context_.run();
    if (problem_) return tl::unexpected(*problem_);
    measurement_.data = reader_.data();
    measurement_.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    return std::move(measurement_);
  }

 private:
  // Each takes about a second; twice as many, and some, are far more than an early timer can make.
  static std::size_t records_at_most(const LatmonSettings& settings) {
    return static_cast<std::size_t>(2 * settings.duration / std::chrono::seconds(1)) + 16;
  }

  std::string where() const { return fmt::format("latmon at {}:{}", settings_.host, settings_.port); }

  // Runs what was begun until its handler has set `done`. False when the limit passes first.
  bool run_until(const std::optional<error_code>& done, std::chrono::milliseconds limit) {
    context_.restart();
    const auto deadline = Clock::now() + limit;
    while (!done && context_.run_one_until(deadline) > 0) {
    }
    return done.has_value();
  }

  // latmon without a fixed address sends its own to everybody on its port until somebody connects.
  Result<asio::ip::address> wait_for_announcement() {
    udp::socket socket(context_);
    error_code error;
    socket.open(udp::v4(), error);
    if (!error) socket.set_option(udp::socket::reuse_address(true), error);
    if (!error) socket.bind({udp::v4(), settings_.port}, error);
    if (error)
      return fail(ErrorKind::infrastructure,
                  fmt::format("UDP port {} cannot be listened on: {}", settings_.port, error.message()),
                  "name latmon's address with --host");
    char word = 0;
    udp::endpoint sender;
    std::optional<error_code> done;
    socket.async_receive_from(asio::buffer(&word, 1), sender,
                              [&](const error_code& ended, std::size_t) { done = ended; });
    const bool came = run_until(done, settings_.announce_limit);
    if (!came) {
      socket.close(error);
      run_until(done, std::chrono::seconds(1));  // its handler writes to this frame
      return fail(ErrorKind::infrastructure,
                  fmt::format("no latmon announced itself on UDP port {} within {}", settings_.port,
                              text_of(settings_.announce_limit)),
                  "check its power and network, or name its address with --host");
    }
    if (*done && *done != asio::error::message_size)  // of the announcement, the sender is all that counts
      return fail(ErrorKind::infrastructure, fmt::format("UDP port {}: {}", settings_.port, done->message()));
    return sender.address();
  }

  Result<std::vector<tcp::endpoint>> find() {
    if (settings_.host == "broadcast") {
      auto address = wait_for_announcement();
      if (!address) return tl::unexpected(address.error());
      return std::vector<tcp::endpoint>{{*address, settings_.port}};
    }
    error_code error;
    if (const auto address = asio::ip::make_address(settings_.host, error); !error)
      return std::vector<tcp::endpoint>{{address, settings_.port}};
    return look_up();
  }

  // By a program of its own: one that waits for a name server can be ended, a call of getaddrinfo() can't be.
  Result<std::vector<tcp::endpoint>> look_up() {
    Program getent;
    getent.argv = {"getent", "ahosts", "--", settings_.host};
    getent.limit = settings_.connect_limit;
    const auto asked = run_program(getent);
    const std::string advice = "name its address with --host";
    if (!asked)
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: its name could not be looked up: {}", where(), asked.error().what),
                  advice);
    std::vector<tcp::endpoint> all;
    std::istringstream lines(asked->output);
    for (std::string line; std::getline(lines, line);) {  // "127.0.0.1  STREAM localhost", and DGRAM, RAW
      if (line.find("STREAM") == std::string::npos) continue;
      error_code error;
      const auto address = asio::ip::make_address(line.substr(0, line.find(' ')), error);
      if (!error) all.emplace_back(address, settings_.port);
    }
    if (all.empty())
      return fail(ErrorKind::infrastructure, fmt::format("{}: its name leads to no address", where()),
                  advice);
    return all;
  }

  Status connect() {
    auto endpoints = find();
    if (!endpoints) return tl::unexpected(endpoints.error());
    std::optional<error_code> done;
    asio::async_connect(socket_, *endpoints,
                        [&](const error_code& error, const tcp::endpoint&) { done = error; });
    if (!run_until(done, settings_.connect_limit)) {
      error_code ignored;
      socket_.close(ignored);
      run_until(done, std::chrono::seconds(1));  // its handler writes to this frame
      done = asio::error::timed_out;
    }
    if (*done)
      return fail(ErrorKind::infrastructure, fmt::format("{}: no connection: {}", where(), done->message()),
                  "check its power, network and address; it takes one connection at a time");
    error_code error;
    socket_.set_option(tcp::no_delay(true),
                       error);  // latmon reads a request in one piece, or takes it for none
    const auto peer = socket_.remote_endpoint(error);
    measurement_.peer = fmt::format("{}:{}", peer.address().to_string(), peer.port());
    return {};
  }

  // Eight bytes fit any socket's buffer.
  Status send(const LatmonRequest& request) {
    const auto bytes = to_bytes(request);
    error_code error;
    asio::write(socket_, asio::buffer(bytes), error);
    if (error) return fail(ErrorKind::infrastructure, fmt::format("{}: {}", where(), error.message()));
    return {};
  }

  void receive() {
    socket_.async_read_some(asio::buffer(bytes_), [this](const error_code& error, std::size_t size) {
      if (ended_) return;
      if (error) {
        give_up(ErrorKind::infrastructure,
                fmt::format("{}: the connection ended {}: {}", where(), progress_text(), error.message()),
                "see the board's console, and measure again");
        return;
      }
      take({bytes_.data(), size});
    });
  }

  void take(std::string_view bytes) {
    const std::size_t before = reader_.data().records.size();
    if (auto taken = reader_.take(bytes); !taken) {
      give_up(taken.error());
      return;
    }
    const auto& records = reader_.data().records;
    for (std::size_t i = before; i < records.size(); ++i) on_record_(records[i]);
    if (!reader_.finished()) {
      watch_silence();
      receive();
      return;
    }
    if (!stopping_) measurement_.why_incomplete = fmt::format("latmon ended by itself {}", progress_text());
    finish();
  }

  void watch_silence() {
    silence_.expires_after(settings_.silence_limit);
    silence_.async_wait([this](const error_code& error) {
      if (error || ended_) return;
      if (stopping_) {
        give_up(
            ErrorKind::infrastructure,
            fmt::format("{}: no data for {} {}", where(), text_of(settings_.silence_limit), progress_text()),
            "check its power and network, and that the board under test answers it");
        return;
      }
      // Zephyr's ends its measuring without a word when a stimulus is not answered, and still has its data.
      measurement_.why_incomplete =
          fmt::format("latmon fell silent {}: it does when the board under test leaves a stimulus unanswered",
                      progress_text());
      stop();
    });
  }

  void stop() {
    if (ended_ || stopping_) return;
    stopping_ = true;
    end_.cancel();
    if (auto sent = send(latmon_stop); !sent) {
      give_up(sent.error());
      return;
    }
    watch_silence();
  }

  std::string progress_text() const { return fmt::format("after {} records", reader_.data().records.size()); }

  void give_up(ErrorKind kind, std::string what, std::string next_step) {
    give_up(Error{kind, std::move(what), std::move(next_step)});
  }

  void give_up(Error error) {
    problem_ = std::move(error);
    finish();
  }

  void finish() {
    ended_ = true;
    end_.cancel();
    silence_.cancel();
    error_code ignored;
    socket_.close(ignored);
  }

  const LatmonSettings& settings_;
  const OnLatmonRecord& on_record_;
  LatmonReader reader_;
  LatmonMeasurement measurement_;
  asio::io_context context_;
  tcp::socket socket_;
  asio::steady_timer end_;
  asio::steady_timer silence_;
  std::array<char, 4096> bytes_{};
  std::optional<Error> problem_;
  bool stopping_ = false;
  bool ended_ = false;
};

Status check(const LatmonSettings& settings) {
  const LatmonRequest& request = settings.request;
  if (request.period_us < 1 || request.period_us > latmon_longest_period_us)
    return fail(ErrorKind::usage, fmt::format("latmon takes a period from 1 to {} us, and {} is asked for",
                                              latmon_longest_period_us, request.period_us));
  if (request.cells > latmon_most_cells)
    return fail(ErrorKind::usage, fmt::format("latmon has at most {} histogram cells, and {} are asked for",
                                              latmon_most_cells, request.cells));
  return {};
}

}  // namespace

Result<LatmonMeasurement> measure_with_latmon(const LatmonSettings& settings,
                                              const OnLatmonRecord& on_record) {
  if (auto fits = check(settings); !fits) return tl::unexpected(fits.error());
  return Session(settings, on_record).run();
}

}  // namespace loopgate
