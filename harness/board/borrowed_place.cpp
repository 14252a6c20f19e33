#include "board/borrowed_place.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/console_place.h"

namespace loopgate {
namespace {

// The resources that `labgrid-client power` can switch without an environment file (0.4.1: the first five).
constexpr std::array<std::string_view, 7> power_types = {
    "NetworkPowerPort", "NetworkUSBPowerPort",   "NetworkSiSPMPowerPort", "PDUDaemonPort",
    "TasmotaPowerPort", "NetworkYKUSHPowerPort", "NetworkSysfsGPIO"};

std::vector<std::string> words_of(const std::map<std::string, std::string>& tags) {
  std::vector<std::string> words;
  words.reserve(tags.size());
  for (const auto& [key, value] : tags) words.push_back(fmt::format("{}={}", key, value));
  return words;
}

// labgrid treats a place's name as one of its tags.
std::vector<std::string> words_of(const LabgridPlace& wanted) {
  return words_of(wanted.place.empty() ? wanted.tags
                                       : std::map<std::string, std::string>{{"name", wanted.place}});
}

std::string described(const LabgridPlace& wanted) {
  return wanted.place.empty() ? fmt::format("with {}", fmt::join(words_of(wanted), ", ")) : wanted.place;
}

bool has_tags(const ListedPlace& place, const std::map<std::string, std::string>& tags) {
  return std::ranges::all_of(tags, [&](const auto& tag) {
    const auto found = place.tags.find(tag.first);
    return found != place.tags.end() && found->second == tag.second;
  });
}

std::string listed(const std::vector<ListedPlace>& places) {
  std::vector<std::string> texts;
  texts.reserve(places.size());
  for (const ListedPlace& place : places)
    texts.push_back(place.tags.empty()
                        ? place.name
                        : fmt::format("{} ({})", place.name, fmt::join(words_of(place.tags), ", ")));
  return texts.empty() ? "it has none" : fmt::format("it has {}", fmt::join(texts, ", "));
}

std::vector<const PlaceResource*> of_type(const std::vector<PlaceResource>& resources,
                                          std::string_view type) {
  std::vector<const PlaceResource*> found;
  for (const PlaceResource& resource : resources)
    if (resource.type == type) found.push_back(&resource);
  return found;
}

std::string value_of(const PlaceResource& resource, const std::string& key, const std::string& otherwise) {
  const auto found = resource.values.find(key);
  return found == resource.values.end() || found->second.empty() ? otherwise : found->second;
}

std::string in_brackets(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// labgrid's word for a host is given to ssh(1), which must not take it for an option.
Status check_proxy(const PlaceResource& resource, const std::string& place) {
  if (resource.proxy.empty() || is_destination(resource.proxy)) return {};
  return fail(ErrorKind::usage,
              fmt::format("labgrid's place {}: the proxy of its {} is no host for ssh: {}", place,
                          resource.type, resource.proxy),
              "mend the exporter's configuration, or set ssh (with ProxyJump in its ssh_config), console and "
              "console_proxy in lab.toml");
}

// As ssh(1) takes it; only a port other than 22 needs a URL.
Status take_address(const std::vector<PlaceResource>& resources, const std::string& place, LabBoard* lab) {
  const auto services = of_type(resources, "NetworkService");
  constexpr const char* by_hand = "set the board's ssh in lab.toml, next to [machine]";
  if (services.size() != 1)
    return fail(ErrorKind::usage,
                fmt::format("labgrid's place {} has {}, so the board's address is unknown", place,
                            services.empty() ? "no NetworkService" : "more than one NetworkService"),
                by_hand);
  const std::string host = value_of(*services[0], "address", ""),
                    user = value_of(*services[0], "username", ""),
                    port = value_of(*services[0], "port", "22");
  std::string ssh = port == "22" ? fmt::format("{}@{}", user, host)
                                 : fmt::format("ssh://{}@{}:{}", user, in_brackets(host), port);
  if (host.empty() || user.empty() || !is_destination(ssh))
    return fail(
        ErrorKind::usage,
        fmt::format("labgrid's place {}: its NetworkService is not an address for ssh: {}", place, ssh),
        by_hand);
  TRY_STATUS(check_proxy(*services[0], place));
  lab->ssh = std::move(ssh);
  lab->ssh_proxy = services[0]->proxy;
  return {};
}

// An exporter serves serial ports by RFC 2217 unless it is told `protocol: raw`.
Status take_console(const std::vector<PlaceResource>& resources, const std::string& place,
                    const Notify& notify, LabBoard* lab) {
  const auto ports = of_type(resources, "NetworkSerialPort");
  const auto is_raw = [](const PlaceResource* port) {
    return value_of(*port, "protocol", "rfc2217") == "raw";
  };
  const auto raw = std::ranges::find_if(ports, is_raw);
  if (const auto port = raw == ports.end() ? ports.begin() : raw; port != ports.end()) {
    TRY_STATUS(check_proxy(**port, place));
    lab->console = fmt::format("{}{}:{}", raw == ports.end() ? telnet_scheme : tcp_scheme,
                               in_brackets(value_of(**port, "host", "")), value_of(**port, "port", ""));
    lab->console_proxy = (*port)->proxy;
    return {};
  }
  notify(
      fmt::format("labgrid's place {} has no serial port: a panicking kernel's last words will be lost; "
                  "console in lab.toml can name a port",
                  place));
  return {};
}

// Waits in the queue if asked to. Gives the place that is allocated to this user.
Result<std::string> allocated(const LabgridClient& client, const LabgridPlace& wanted,
                              const std::vector<ListedPlace>& candidates, Reservation reservation,
                              std::chrono::seconds wait, const Notify& notify) {
  const auto now = [&] {
    auto all = client.places();
    return (all ? chosen_places(*all, wanted) : candidates).value_or(candidates);
  };
  if (reservation.state == "waiting" && wait.count() > 0) {
    notify(fmt::format("waiting at most {} s for labgrid's place {}: {}", wait.count(), described(wanted),
                       holders_of(now())));
    if (const std::string own = held_by_ourselves(candidates, reservation.owner, client.command({}));
        !own.empty())
      notify(own);
    const auto still = [&] { notify(fmt::format("still waiting: {}", holders_of(now()))); };
    auto waited = client.wait(reservation, wait, still);
    if (!waited) return tl::unexpected(waited.error());
    reservation = std::move(*waited);
  }
  if (reservation.state == "allocated") return reservation.place;
  if (reservation.state == "waiting") {
    const std::vector<ListedPlace> taken = now();
    const std::string own = held_by_ourselves(taken, reservation.owner, client.command({}));
    return fail(
        ErrorKind::infrastructure,
        fmt::format("labgrid's place {} is in use{}: {}", described(wanted),
                    wait.count() > 0 ? fmt::format(" and was not freed within {} s", wait.count()) : "",
                    holders_of(taken)),
        own.empty() ? "ask the holder, wait longer (acquire_timeout_s in lab.toml), or release it by hand if "
                      "it is unused"
                    : own + "; else wait longer (acquire_timeout_s in lab.toml)");
  }
  return fail(ErrorKind::infrastructure,
              fmt::format("labgrid's reservation {} of a place {} is {}", reservation.token,
                          described(wanted), reservation.state));
}

}  // namespace

Result<std::vector<ListedPlace>> chosen_places(const std::vector<ListedPlace>& all,
                                               const LabgridPlace& wanted) {
  std::vector<ListedPlace> chosen;
  for (const ListedPlace& place : all)
    if (wanted.place.empty() ? has_tags(place, wanted.tags) : place.name == wanted.place)
      chosen.push_back(place);
  if (!chosen.empty()) return chosen;
  return fail(ErrorKind::usage,
              fmt::format("labgrid's coordinator {} has no place {}: {}", wanted.coordinator,
                          described(wanted), listed(all)),
              "see [machine] in lab.toml, and labgrid-client places");
}

std::string holders_of(const std::vector<ListedPlace>& places) {
  std::vector<std::string> texts;
  for (const ListedPlace& place : places) {
    const std::size_t slash = place.acquired.find('/');
    if (!place.acquired.empty()) {
      texts.push_back(fmt::format("{} by {} on {} since {}", place.name, place.acquired.substr(slash + 1),
                                  place.acquired.substr(0, slash), place.changed));
    } else if (!place.reservation.empty()) {
      texts.push_back(fmt::format("{} reserved ({})", place.name, place.reservation));
    }
  }
  return texts.empty() ? "labgrid does not name the holder" : fmt::format("{}", fmt::join(texts, ", "));
}

std::string held_by_ourselves(const std::vector<ListedPlace>& places, const std::string& owner,
                              const std::vector<std::string>& client) {
  const auto own = std::ranges::find(places, owner, &ListedPlace::acquired);
  if (owner.empty() || own == places.end()) return {};
  return fmt::format(
      "{} is held by this very user on this host: another run of yours, or what a killed job left; if none "
      "runs, release it: {} -p {} release",
      own->name, quoted(client), own->name);
}

Result<LabBoard> with_resources(LabBoard lab, const std::string& place,
                                const std::vector<PlaceResource>& resources,
                                const std::vector<std::string>& power_cycle, const Notify& notify) {
  if (lab.ssh.empty()) TRY_STATUS(take_address(resources, place, &lab));
  if (lab.console.empty()) TRY_STATUS(take_console(resources, place, notify, &lab));
  if (!lab.has_power() && std::ranges::any_of(resources, [](const PlaceResource& resource) {
        return std::ranges::find(power_types, resource.type) != power_types.end();
      }))
    lab.power_cycle = power_cycle;
  if (!lab.has_power())
    notify(
        fmt::format("labgrid's place {} has no power switch: if a kernel hangs, the power must be cycled by "
                    "hand",
                    place));
  return lab;
}

Result<std::unique_ptr<BorrowedPlace>> BorrowedPlace::borrow(const LabBoard& lab, const Notify& notify,
                                                             std::optional<std::chrono::seconds> wait) {
  if (!lab.labgrid) return fail(ErrorKind::usage, lab.name + " is not a labgrid place");
  LabgridPlace wanted = *lab.labgrid;
  auto client = LabgridClient::find(wanted.coordinator);
  if (!client) return tl::unexpected(client.error());
  wanted.coordinator = client->coordinator();
  auto all = client->places();
  if (!all) return tl::unexpected(all.error());
  // labgrid would queue a reservation forever that no place can satisfy.
  auto candidates = chosen_places(*all, wanted);
  if (!candidates) return tl::unexpected(candidates.error());
  auto guard = PlaceGuard::start(client->command({}));
  if (!guard) return tl::unexpected(guard.error());
  auto reservation = client->reserve(words_of(wanted));
  if (!reservation) return tl::unexpected(reservation.error());
  if (auto told = (*guard)->reserved(reservation->token); !told) return tl::unexpected(told.error());
  auto place = allocated(*client, wanted, *candidates, *reservation,
                         wait.value_or(std::chrono::seconds(wanted.acquire_timeout_s)), notify);
  if (!place) return tl::unexpected(place.error());
  wanted.place = std::move(*place);
  if (auto acquired = (*guard)->acquire(wanted.place); !acquired) return tl::unexpected(acquired.error());
  auto resources = client->resources(wanted.place);
  if (!resources) return tl::unexpected(resources.error());
  if (lab.ssh.empty() || lab.console.empty())
    if (const Status added = client->add_proxies(wanted.place, &*resources); !added)
      notify(fmt::format(
          "{}; so it is not known whether labgrid's place {} requires a proxy: where it does, set "
          "LG_PROXY ({})",
          added.error().what, wanted.place, added.error().next_step));
  auto board = with_resources(lab, wanted.place, *resources,
                              client->command({"-p", wanted.place, "power", "cycle"}), notify);
  if (!board) return tl::unexpected(board.error());
  board->labgrid = wanted;
  return std::unique_ptr<BorrowedPlace>(
      new BorrowedPlace(std::move(*board), std::move(wanted), std::move(*guard)));
}

}  // namespace loopgate
