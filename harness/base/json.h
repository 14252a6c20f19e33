// nlohmann::json with its parser and serializer compiled once, in json.cpp. Without this, every source that
// reads or writes JSON compiles them again: a third of such a source's time. The host's precompiled header
// holds this file, so a source that includes <nlohmann/json.hpp> gets it, too.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class nlohmann::detail::serializer<nlohmann::ordered_json>;

namespace loopgate {

// What the text says; discarded (is_discarded()) where it is no JSON, or where anything follows it.
template <class Json = nlohmann::json>
Json parse_json(std::string_view text);

extern template nlohmann::json parse_json(std::string_view text);
extern template nlohmann::ordered_json parse_json(std::string_view text);

}  // namespace loopgate
