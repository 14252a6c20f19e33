// Defines a network in XNNPACK's terms: one subgraph of int8 tensors.
#pragma once

#include <xnnpack.h>

#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "engine/network.h"

namespace loopgate::inspection {

inline constexpr std::uint32_t xnnpack_input_id = 0;
inline constexpr std::uint32_t xnnpack_output_id = 1;
inline constexpr std::uint32_t xnnpack_external_ids = 2;

// What a subgraph's constants point to. The runtime packs weights into its own memory, but a constant operand
// of an addition stays where it is. A list: its elements do not move.
struct XnnpackConstants {
  std::list<std::vector<std::int8_t>> bytes;
  std::list<std::vector<std::int32_t>> biases;
  std::list<std::vector<float>> scales;
};

// XNNPACK reads up to XNN_EXTRA_BYTES behind a tensor, and keeps the addresses of constants.
std::vector<std::int8_t> with_margin(std::vector<std::int8_t> values);

const char* text_of(xnn_status status);

// Empty, or what XNNPACK refused.
std::string define(const Network& network, xnn_subgraph_t subgraph, XnnpackConstants* constants);

}  // namespace loopgate::inspection
