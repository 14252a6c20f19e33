"""From the trained network to the shipped file: ONNX in the QOperator format, int8 activations and weights."""

import io
import tempfile
import warnings

import onnx
import torch
from network import INPUT
from onnxruntime import quantization
from onnxruntime.quantization.shape_inference import quant_pre_process
from recipe import METADATA, SIZE_LIMIT

OPSET = 17
CALIBRATION_IMAGES = 300
# What the program's engine reads.
OPERATORS = {
    "QuantizeLinear", "QLinearConv", "QLinearAdd", "QLinearGlobalAveragePool", "Reshape", "QGemm", "DequantizeLinear",
}  # fmt: skip


class Calibration(quantization.CalibrationDataReader):
    def __init__(self, inputs):
        self._rest = iter([{"image": one.unsqueeze(0).contiguous().numpy()} for one in inputs])

    def get_next(self):
        return next(self._rest, None)


def export(network, path):
    image = torch.zeros(1, 1, INPUT, INPUT)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's deprecation notes
        torch.onnx.export(
            network.eval(), image, buffer, opset_version=OPSET, dynamo=False, input_names=["image"], output_names=["logits"]
        )
    path.write_bytes(buffer.getvalue())


def quantise(network, inputs, path):
    """Writes `path`; `inputs` are images that the ranges are measured with."""
    with tempfile.TemporaryDirectory() as folder:
        plain, prepared = f"{folder}/plain.onnx", f"{folder}/prepared.onnx"
        export(network, type(path)(plain))
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        quantization.quantize_static(
            prepared,
            str(path),
            Calibration(inputs[:CALIBRATION_IMAGES]),
            quant_format=quantization.QuantFormat.QOperator,
            per_channel=True,
            activation_type=quantization.QuantType.QInt8,
            weight_type=quantization.QuantType.QInt8,
            calibrate_method=quantization.CalibrationMethod.MinMax,
        )
    model = onnx.load(path)
    onnx.helper.set_model_props(model, METADATA)
    onnx.save(model, path)


def operators(path):
    """How often each operator is in the graph."""
    counts = {}
    for node in onnx.load(path).graph.node:
        counts[node.op_type] = counts.get(node.op_type, 0) + 1
    return counts


def problems(path):
    """Why the program could not use this file; nothing when it can."""
    model = onnx.load(path)
    found = [f"the graph has {name}, which the engine does not read" for name in set(operators(path)) - OPERATORS]
    if path.stat().st_size > SIZE_LIMIT:
        found.append(f"it has {path.stat().st_size} bytes; at most {SIZE_LIMIT} are wanted")
    values = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "QLinearConv" and values[node.input[5]].any():
            found.append(f"the weights of {node.name} have a zero point other than 0")
    return found
