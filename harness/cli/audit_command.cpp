#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "audit/audit.h"
#include "audit/cpu_list.h"
#include "audit/fact_script.h"
#include "audit/json_report.h"
#include "audit/text_report.h"
#include "base/file.h"
#include "base/place_to_write.h"
#include "cli/commands.h"
#include "cli/interruption.h"
#include "cli/own_files.h"
#include "config/catalog.h"
#include "record/derived_files.h"
#include "run/candidate_facts.h"
#include "run/guest_facts.h"
#include "run/paths.h"

namespace loopgate {
namespace {

struct AuditCommand {
  std::string json;
  std::string rules;
  std::vector<std::string> set;
  std::string facts;
  bool script = false;
  PlanRequest guest;  // of the virtual bench, where it names a board
};

// A machine as it was read, and the parameters that are known of it.
struct Audited {
  Facts facts;
  std::map<std::string, std::string> given;
};

Result<Rules> chosen_rules(const AuditCommand& command) {
  if (!command.rules.empty()) return read_rules(command.rules);
  auto catalog = Catalog::find();
  if (!catalog) return tl::unexpected(catalog.error());
  return read_rules(audit_rules_of(catalog->root()));
}

Result<std::map<std::string, std::string>> given_parameters(const AuditCommand& command) {
  std::map<std::string, std::string> given;
  for (const std::string& text : command.set) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::usage, fmt::format("--set {}: must be NAME=VALUE", text));
    if (!given.try_emplace(text.substr(0, equals), text.substr(equals + 1)).second)
      return fail(ErrorKind::usage, fmt::format("--set {}: was given twice", text.substr(0, equals)));
  }
  return given;
}

// What the user sets goes before what the board's file says.
Result<Audited> guest_audited(AuditCommand command, const Rules& rules,
                              std::map<std::string, std::string> given) {
  if (command.guest.kernels.empty())
    return fail(ErrorKind::usage, "--board was given without --kernel",
                "name one of `loopgate list`, or the path of its .toml");
  TRY(catalog, Catalog::find());
  TRY_STATUS(use_own_files_without_suite(catalog, &command.guest));
  TRY(plan, guest_plan(command.guest, catalog));
  given.merge(parameters_of(plan.board, rules));
  TRY(session, prepare_session(std::move(plan), catalog.root(), show_progress));
  TRY(facts, facts_of_guest(session, request_of(rules), show_progress, interrupted()));
  return Audited{std::move(facts), std::move(given)};
}

Result<Facts> chosen_facts(const AuditCommand& command, const FactRequest& request) {
  if (command.facts.empty()) return collect_facts(request);
  auto text = read_file(command.facts, ErrorKind::usage);
  if (!text) return tl::unexpected(text.error());
  auto facts = parse_facts(*text, command.facts);
  // Another file than an audit's was named; one that is damaged is a data error.
  if (!facts && !text->starts_with("loopgate facts "))
    return fail(ErrorKind::usage, facts.error().what,
                "make one with: loopgate audit --script | ssh BOARD sh > FILE");
  return facts;
}

Result<Audited> chosen_machine(const AuditCommand& command, const Rules& rules,
                               std::map<std::string, std::string> given) {
  if (!command.guest.board.empty()) return guest_audited(command, rules, std::move(given));
  TRY(facts, chosen_facts(command, request_of(rules)));
  return Audited{std::move(facts), std::move(given)};
}

// CPUs that the machine does not have would be in order whatever it does. Nothing to say where it was not
// read which it has.
Status check_cpus(const std::map<std::string, std::string>& given, const Facts& facts) {
  const auto measured = given.find("measured_cpus");
  const auto online = facts.first.find("/sys/devices/system/cpu/online");
  if (measured == given.end() || online == facts.first.end() || online->second.facts.empty() ||
      !online->second.facts.front().text)
    return {};
  const auto wanted = parse_cpu_list(measured->second);
  const auto there = parse_cpu_list(*online->second.facts.front().text);
  if (!wanted || !there || common(*wanted, *there) == *wanted) return {};
  return fail(ErrorKind::usage, fmt::format("--set measured_cpus={}: this machine has the CPUs {}",
                                            measured->second, to_text(*there)));
}

// What needs attention makes figures of this machine invalid; what is unknown leaves it open.
int status_of(const Audit& audit) {
  if (audit.count(Judgement::attention) != 0) return exit_invalid;
  return audit.count(Judgement::unknown) != 0 ? exit_inconclusive : exit_pass;
}

Result<int> run_audit(const AuditCommand& command, Answer* answer) {
  if (!command.json.empty()) {
    TRY_STATUS(check_file_place(command.json, "--json"));
  }
  auto rules = chosen_rules(command);
  if (!rules) return tl::unexpected(rules.error());
  auto given = given_parameters(command);
  if (!given) return tl::unexpected(given.error());
  if (auto good = check_given(*rules, *given); !good) return tl::unexpected(good.error());
  if (command.script) {
    answer->print("{}", script_for(request_of(*rules)));
    return exit_pass;
  }
  TRY(audited, chosen_machine(command, *rules, std::move(*given)));
  if (auto good = check_cpus(audited.given, audited.facts); !good) return tl::unexpected(good.error());
  auto done = audit(*rules, audited.facts, audited.given);
  if (!done) return tl::unexpected(done.error());
  answer->print("{}", to_text(*done));
  if (!command.json.empty()) {
    if (auto written = write_file_atomically(command.json, to_json(*done)); !written)
      return tl::unexpected(written.error());
  }
  return status_of(*done);
}

void add_guest_options(CLI::App* sub, PlanRequest* guest, const std::vector<CLI::Option*>& others) {
  CLI::Option* board = sub->add_option("--board", guest->board,
                                       "instead of this machine, a guest of this virtual board, as `loopgate "
                                       "list` names it, booted with --kernel and tuned by its file");
  for (CLI::Option* other : others) board->excludes(other);
  sub->add_option("--kernel", guest->kernels, "the kernel of that guest: a name, or the path of a .toml")
      ->expected(1)
      ->needs(board);
  sub->add_option("--load", guest->loads, "the load that runs meanwhile (default: idle)")
      ->expected(1)
      ->needs(board);
  add_path_option(sub, &guest->own_folders);
}

}  // namespace

void add_audit(CLI::App* app, CommandEnd* end) {
  auto command = std::make_shared<AuditCommand>();
  CLI::App* sub = app->add_subcommand(
      "audit",
      "what this machine's settings do to latency: what was read, what is expected, why, how to change it");
  sub->footer(
      "Each finding is good, ATTENTION (read, and not as expected), unknown (it could not be read: never "
      "fine; "
      "as root more can be) or not applicable.\n"
      "Exit status: 0 all that applies is good, 2 usage, 3 something needs attention (figures from here are "
      "INVALID), 4 nothing does, but something is unknown.\n"
      "Example: sudo loopgate audit --set measured_cpus=2-3 --json audit.json\n"
      "Another machine, with nothing installed there:\n"
      "         loopgate audit --script | ssh root@board sh > board.facts; loopgate audit --facts "
      "board.facts\n"
      "A candidate kernel, in QEMU, with its tuning in effect:\n"
      "         loopgate audit --board qemu-virt-arm64-smp --kernel rt-isolated");
  CLI::Option* json = sub->add_option("--json", command->json, "also write all of it to this file");
  sub->add_option("--rules", command->rules, "other rules (default: fixtures/audit/rules.toml)");
  CLI::Option* set = sub->add_option(
      "--set", command->set,
      "NAME=VALUE: a value that rules refer to, such as measured_cpus=2-3; may be given several times");
  CLI::Option* script = sub->add_flag("--script", command->script,
                                      "print the shell script that reads the facts, for another machine")
                            ->excludes(json)
                            ->excludes(set);
  CLI::Option* facts =
      sub->add_option("--facts", command->facts, "audit what that script printed, instead of this machine")
          ->excludes(script);
  add_guest_options(sub, &command->guest, {script, facts});
  sub->callback([command, end] {
    if (!command->guest.board.empty()) clear_away_when_interrupted();
    const auto remove = [&] { return remove_answer(command->json); };
    auto status = without_earlier(run_audit(*command, &end->answer), unless_interrupted(remove));
    end->exit_status =
        status ? *status
               : status_after_clearing(tl::unexpected(status.error()), "an audit leaves nothing half made");
  });
}

}  // namespace loopgate
