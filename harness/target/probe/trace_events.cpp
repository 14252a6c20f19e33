#include "target/probe/trace_events.h"

namespace loopgate {
namespace {

using EventKind = TraceEvent::Kind;

constexpr std::int64_t sleeps_in_a_call = 1;  // of prev_state: TASK_INTERRUPTIBLE

struct Wanted {
  EventKind kind;
  std::string TraceTexts::* text;
  const char* first;
  const char* second;
};

constexpr Wanted followed_events[] = {{EventKind::handler_entry, &TraceTexts::handler_entry, "irq", "irq"},
                                      {EventKind::waking, &TraceTexts::waking, "pid", "pid"},
                                      {EventKind::switched, &TraceTexts::switched, "next_pid", "prev_state"},
                                      {EventKind::pin_set, &TraceTexts::gpio_value, "get", "get"}};

}  // namespace

std::optional<TraceEvents> TraceEvents::of(const TraceTexts& texts) {
  TraceEvents events;
  for (const Wanted& wanted : followed_events) {
    const auto format = TraceFormat::parse(texts.*wanted.text);
    if (!format || format->id() < 0) return std::nullopt;
    const TraceField* type = format->find("common_type");
    const TraceField* task = format->find("common_pid");
    const TraceField* first = format->find(wanted.first);
    const TraceField* second = format->find(wanted.second);
    if (type == nullptr || task == nullptr || first == nullptr || second == nullptr) return std::nullopt;
    events.type_ = *type;  // every event's is at one place
    events.known_.push_back({wanted.kind, format->id(), *task, *first, *second});
  }
  const auto switched = TraceFormat::parse(texts.switched);
  events.switched_ = switched->id();
  for (const char* which : {"prev", "next"}) {
    const TraceField* pid = switched->find(std::string(which) + "_pid");
    const TraceField* name = switched->find(std::string(which) + "_comm");
    if (pid == nullptr || name == nullptr) return std::nullopt;
    events.named_.push_back({*pid, *name});
  }
  return events;
}

void TraceEvents::add_names(const PageEvent& event, std::map<std::int32_t, std::string>* names) const {
  if (type_.number_in(event.bytes) != switched_) return;
  for (const auto& [pid, name] : named_) {
    const auto number = pid.number_in(event.bytes);
    if (!number || name.offset + name.size > event.bytes.size()) continue;
    const std::string_view field = event.bytes.substr(name.offset, name.size);
    (*names)[static_cast<std::int32_t>(*number)] = field.substr(0, field.find('\0'));
  }
}

std::optional<TraceEvent> TraceEvents::read(const PageEvent& event) const {
  const auto type = type_.number_in(event.bytes);
  for (const Known& known : known_) {
    if (type != known.id) continue;
    const auto task = known.task.number_in(event.bytes);
    const auto first = known.first.number_in(event.bytes);
    const auto second = known.second.number_in(event.bytes);
    if (!task || !first || !second) return std::nullopt;
    if (known.kind == EventKind::pin_set && *first != 0) return std::nullopt;  // it was read
    return TraceEvent{known.kind, event.at_ns, static_cast<std::int32_t>(*task),
                      static_cast<std::int32_t>(*first), (*second & sleeps_in_a_call) != 0};
  }
  return std::nullopt;
}

}  // namespace loopgate
