// nlohmann::json with its parser and serializer compiled once, in json.cpp. Without this, every source that
// reads or writes JSON compiles them again: a third of such a source's time. The host's precompiled header
// holds this file, so a source that includes <nlohmann/json.hpp> gets it, too.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace loopgate {
// How a std::string is read.
using JsonInput = nlohmann::detail::iterator_input_adapter<std::string::const_iterator>;
}  // namespace loopgate

extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class nlohmann::detail::serializer<nlohmann::ordered_json>;
extern template class nlohmann::detail::lexer<nlohmann::json, loopgate::JsonInput>;
extern template class nlohmann::detail::parser<nlohmann::json, loopgate::JsonInput>;
