#include "board/labgrid_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "board/ssh_trouble.h"

namespace loopgate {
namespace {

constexpr const char* labgrid = "labgrid-client";
// A call takes a second; gRPC tries an address that does not answer for 20 s.
constexpr std::chrono::seconds ask_limit{60};
// The default of both kinds.
constexpr const char* default_coordinator = "127.0.0.1:20408";

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Error no_answer(const std::vector<std::string>& argv, const std::string& coordinator,
                const ProcessResult& finished) {
  // 0.4.1 reports a missing connection on standard output.
  const std::string word = last_printable_line(finished.errors.empty() ? finished.output : finished.errors);
  return {ErrorKind::infrastructure,
          word.empty() ? fmt::format("{} exited with status {}", quoted(argv), finished.exit_status)
                       : fmt::format("labgrid's coordinator {}: {}", coordinator, word),
          fmt::format("try it by hand: {}", quoted(argv))};
}

}  // namespace

Result<LabgridClient> LabgridClient::find(const std::string& coordinator) {
  if (find_program(labgrid).empty())
    return fail(
        ErrorKind::infrastructure, "labgrid-client is not installed, but the board is a labgrid place",
        "Debian 13: apt install -t trixie-backports labgrid-client; Debian 12 has it only as python3 -m "
        "labgrid.remote.client (package labgrid): put that into a script named labgrid-client");
  auto help = run_program({labgrid, "--help"}, ask_limit);
  if (!help) return tl::unexpected(help.error());
  const bool by_websocket = help->output.find("--crossbar") != std::string::npos;
  if (!by_websocket && help->output.find("--coordinator") == std::string::npos)
    return fail(ErrorKind::infrastructure,
                "labgrid-client --help names neither --coordinator nor --crossbar: " +
                    last_printable_line(help->errors.empty() ? help->output : help->errors),
                "labgrid 0.4.1 and 26.0 are known to work");
  LabgridClient client;
  client.coordinator_ = coordinator;
  if (coordinator.empty())
    client.coordinator_ = from_environment(by_websocket ? "LG_CROSSBAR" : "LG_COORDINATOR");
  if (client.coordinator_.empty()) client.coordinator_ = default_coordinator;
  const bool bare = client.coordinator_.find("://") == std::string::npos;
  client.options_ = {
      "-x", by_websocket && bare ? fmt::format("ws://{}/ws", client.coordinator_) : client.coordinator_};
  // A user's environment file would restrict it to the places named there.
  if (!from_environment("LG_ENV").empty()) client.options_.insert(client.options_.end(), {"-c", ""});
  return client;
}

std::vector<std::string> LabgridClient::command(const std::vector<std::string>& words) const {
  std::vector<std::string> argv = {labgrid};
  argv.insert(argv.end(), options_.begin(), options_.end());
  argv.insert(argv.end(), words.begin(), words.end());
  return argv;
}

Result<std::string> LabgridClient::ask(const std::vector<std::string>& words) const {
  const std::vector<std::string> argv = command(words);
  auto finished = run_program(argv, ask_limit);
  if (!finished) return tl::unexpected(finished.error());
  if (finished->exit_status != 0) return tl::unexpected(no_answer(argv, coordinator_, *finished));
  return finished->output;
}

Result<std::vector<ListedPlace>> LabgridClient::places() const {
  return ask({"-v", "places"}).and_then([](const std::string& text) { return parse_places(text); });
}

Result<Reservation> LabgridClient::reserve(const std::vector<std::string>& tags) const {
  std::vector<std::string> words = {"reserve"};
  words.insert(words.end(), tags.begin(), tags.end());
  return ask(words).and_then([](const std::string& text) { return parse_reservation(text); });
}

Result<Reservation> LabgridClient::wait(const Reservation& reservation, std::chrono::seconds limit,
                                        const std::function<void()>& every_minute) const {
  constexpr std::chrono::minutes minute{1};
  const auto end = std::chrono::steady_clock::now() + limit;
  auto next = std::chrono::steady_clock::now() + minute;
  std::string printed;
  Program waiting;
  waiting.argv = command({"wait", reservation.token});
  waiting.limit = limit + ask_limit;
  waiting.on_output = [&](std::string_view text) {  // one state a second: the last one counts
    printed += text;
    if (const std::size_t last = printed.rfind("owner:"); last != std::string::npos && last > 4096)
      printed.erase(0, last);
  };
  waiting.pause = std::chrono::milliseconds(200);
  waiting.on_pause = [&] {
    if (std::chrono::steady_clock::now() >= next) {
      every_minute();
      next += minute;
    }
    return std::chrono::steady_clock::now() < end;
  };
  auto finished = run_program(waiting);
  if (!finished) return tl::unexpected(finished.error());
  if (finished->stopped) return reservation;
  finished->output = printed;
  if (finished->exit_status != 0) return tl::unexpected(no_answer(waiting.argv, coordinator_, *finished));
  return parse_reservation(printed);
}

Result<std::vector<PlaceResource>> LabgridClient::resources(const std::string& place) const {
  return ask({"-p", place, "env"}).and_then([&](const std::string& text) {
    return parse_resources(text, place);
  });
}

// LG_PROXY is labgrid's own word for everything of a place, whatever its exporter requires.
Status LabgridClient::add_proxies(const std::string& place, std::vector<PlaceResource>* resources) const {
  if (const std::string forced = from_environment("LG_PROXY"); !forced.empty()) {
    for (PlaceResource& resource : *resources) resource.proxy = forced;
    return {};
  }
  TRY(text, ask({"-p", place, "show"}));
  const auto proxies = proxies_in(text);
  for (PlaceResource& resource : *resources)
    if (const auto found = proxies.find(resource.type); found != proxies.end())
      resource.proxy = found->second;
  return {};
}

}  // namespace loopgate
