"""How often decisions are right."""

import numpy
import onnxruntime


def decide(path, images):
    """1 for each image (uint8) that the int8 model finds good."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    values = images.astype(numpy.float32)[:, None, None] / 255
    logits = numpy.concatenate([session.run(None, {"image": value})[0] for value in values])
    return (logits[:, 1] > logits[:, 0]).astype(numpy.uint8)


def score(labels, decisions):
    """Rows are the truth, columns the decision."""
    names = ((0, "NG"), (1, "OK"))
    confusion = {
        f"{truth} as {decision}": int(((labels == is_good) & (decisions == found_good)).sum())
        for is_good, truth in names
        for found_good, decision in names
    }
    return {"accuracy": round(float((labels == decisions).mean()), 5), "confusion": confusion}
