#include "engine/xnnpack_engine.h"

#include <xnnpack.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "engine/refusal.h"
#include "engine/xnnpack_subgraph.h"

namespace loopgate::inspection {

namespace {

template <class Handle, xnn_status (*release)(Handle*)>
struct Release {
  void operator()(Handle* handle) const { release(handle); }
};
using Subgraph = std::unique_ptr<xnn_subgraph, Release<xnn_subgraph, xnn_delete_subgraph>>;
using Runtime = std::unique_ptr<xnn_runtime, Release<xnn_runtime, xnn_delete_runtime>>;

std::vector<std::int8_t> buffer_for(const Network& network, std::size_t place) {
  return with_margin(std::vector<std::int8_t>(count_of(network.activations[place].shape)));
}

class XnnpackEngine : public InferenceEngine {
 public:
  explicit XnnpackEngine(const Network& network)
      : input_end_(network.activations[network.input]),
        output_end_(network.activations[network.output]),
        picture_(buffer_for(network, network.input)),
        output_(buffer_for(network, network.output)) {}

  const char* name() const override { return "xnnpack"; }
  std::span<std::int8_t> picture() override {
    return std::span(picture_).first(picture_.size() - XNN_EXTRA_BYTES);
  }
  bool run() override { return xnn_invoke_runtime(runtime_.get()) == xnn_status_success; }
  std::span<const std::int8_t> output() const override {
    return std::span(output_).first(output_.size() - XNN_EXTRA_BYTES);
  }

  // Empty, or what XNNPACK refused.
  std::string load(const Network& network) {
    if (const xnn_status status = xnn_initialize(nullptr); status != xnn_status_success)
      return std::string("XNNPACK does not start: ") + text_of(status);
    xnn_subgraph_t created = nullptr;
    if (const xnn_status status = xnn_create_subgraph(xnnpack_external_ids, 0, &created);
        status != xnn_status_success)
      return std::string("XNNPACK has no subgraph: ") + text_of(status);
    const Subgraph subgraph(created);
    std::string refused = define(network, subgraph.get(), &constants_);
    return refused.empty() ? start(subgraph.get()) : refused;
  }

 private:
  std::string start(xnn_subgraph_t subgraph) {
    xnn_runtime_t created = nullptr;
    xnn_status status = xnn_create_runtime_v2(subgraph, nullptr, 0, &created);
    runtime_.reset(created);
    if (status == xnn_status_success) status = xnn_reshape_runtime(runtime_.get());
    if (status == xnn_status_success)
      if (std::string refused = other_shapes(); !refused.empty()) return refused;
    const std::array<xnn_external_value, xnnpack_external_ids> ends = {
        {{xnnpack_input_id, picture_.data()}, {xnnpack_output_id, output_.data()}}};
    if (status == xnn_status_success) status = xnn_setup_runtime_v2(runtime_.get(), ends.size(), ends.data());
    return status == xnn_status_success ? ""
                                        : std::string("XNNPACK can't run the network: ") + text_of(status);
  }

  // XNNPACK computes every shape itself, and writes as much of the output as it computed. Of the tensors
  // between, which are its own, it tells none. Empty, or what is not the network's.
  std::string other_shapes() const {
    for (const auto& [id, end] :
         {std::pair(xnnpack_input_id, &input_end_), {xnnpack_output_id, &output_end_}}) {
      Shape shape(XNN_MAX_TENSOR_DIMS);
      std::size_t axes = 0;
      const xnn_status status = xnn_get_external_value_shape(runtime_.get(), id, &axes, shape.data());
      if (status != xnn_status_success)
        return "XNNPACK does not tell the shape of \"" + end->name + "\": " + text_of(status);
      shape.resize(std::min<std::size_t>(axes, XNN_MAX_TENSOR_DIMS));
      if (shape != end->shape)
        return "XNNPACK makes \"" + end->name + "\" " + shape_text(shape) + ", where the network has " +
               shape_text(end->shape);
    }
    return {};
  }

  Activation input_end_, output_end_;
  std::vector<std::int8_t> picture_;
  std::vector<std::int8_t> output_;
  XnnpackConstants constants_;
  Runtime runtime_;
};

}  // namespace

Result<std::unique_ptr<InferenceEngine>> make_xnnpack_engine(const Network& network,
                                                             const std::string& name) {
  auto engine = std::make_unique<XnnpackEngine>(network);
  if (std::string refused = engine->load(network); !refused.empty())
    return fail(exit_model, name + ": " + refused);
  return engine;
}

}  // namespace loopgate::inspection
