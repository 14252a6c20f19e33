#include "base/json.h"

template class nlohmann::detail::serializer<nlohmann::json>;
template class nlohmann::detail::serializer<nlohmann::ordered_json>;
template class nlohmann::detail::lexer<nlohmann::json, loopgate::JsonInput>;
template class nlohmann::detail::parser<nlohmann::json, loopgate::JsonInput>;
