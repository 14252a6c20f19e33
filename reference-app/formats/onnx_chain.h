// Of a graph with QuantizeLinear and DequantizeLinear around its operators (QDQ): what stands between an
// operator and the QuantizeLinear that gives its output's scale.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/network_builder.h"
#include "formats/onnx_file.h"
#include "formats/onnx_node.h"

namespace loopgate::inspection {

// The output of a layer: its name, scale and zero point, what an activation function leaves of it, and its
// type in the file.
struct Ending {
  Given given;
  Limits limits;
  TensorType type = TensorType::int8;
};

class OnnxChains {
 public:
  explicit OnnxChains(const OnnxFile& file);

  // Follows the node's output through activation functions (it may be one itself) to its QuantizeLinear;
  // those nodes are read then.
  Ending after(const NodeReader& read);
  // A bias that an addition of its own, the only reader of the node's output, adds; null when there is none.
  const OnnxNode* addition_after(const NodeReader& read) const;
  void take(const OnnxNode& node) { taken_.insert(&node); }
  bool is_taken(const OnnxNode& node) const { return taken_.contains(&node); }

 private:
  // The only node that reads the tensor; null when there are others, or none.
  const OnnxNode* only_reader(const std::string& tensor) const;

  const OnnxFile& file_;
  std::map<std::string, std::vector<const OnnxNode*>> readers_;
  std::set<const OnnxNode*> taken_;
};

}  // namespace loopgate::inspection
