"""The careful ear's network, taken apart and put together again so that it loads and runs quickly.

The shipped graphs expand their 8-bit weights to floats in every call, and the decoder holds itself
twice behind an `If`. Here they become two graphs: *listen* (sound to the keys and values that the
decoder attends to) and *write* (one more token for each row), whose 8-bit weights are multiplied
as they are. Files, folders and the cache are not touched here.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from voiceskill.errors import ModelError

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

LAYERS, HEADS, HEAD_SIZE = 8, 8, 52
KINDS = ("key", "value")
BLOCK = 32
"""Weights that share one scale in a quantised product; 416 and 1664 divide by it."""

INT8_PRODUCT = 4
"""`accuracy_level` of MatMulNBits that rounds the inputs to 8 bits too, block by block."""

EMBEDDING = "model.decoder.embed_tokens.weight_merged_0"
TRANSPOSED_EMBEDDING = "model.decoder.embed_tokens.weight_transposed"
CROSS = tuple(f"present.{layer}.encoder.{kind}" for layer in range(LAYERS) for kind in KINDS)
"""Outputs of *listen*: float32 [1, 8, frames, 52] each."""


class Weight(NamedTuple):
    """An 8-bit matrix: value = scale * (byte - zero)."""

    bytes: "TensorProto"
    scales: "TensorProto"
    zeros: "TensorProto"
    outputs: int
    inputs: int


def listen_graph(encoder: "ModelProto", decoder: "ModelProto") -> "ModelProto":
    """Sound, float32 [1, samples], to the decoder's cross-attention keys and values."""
    from onnx import TensorProto, helper  # noqa: PLC0415

    weights = _tensors(encoder.graph) | _tensors(decoder.graph)
    first = next(a.g for a in _switch(decoder).attribute if a.name == "else_branch")
    nodes = [*encoder.graph.node, *_outside(decoder), *_projections(first)]
    weights["heads"] = helper.make_tensor("heads", TensorProto.INT64, [4], [0, 0, HEADS, HEAD_SIZE])
    sound = helper.make_tensor_value_info("input_values", TensorProto.FLOAT, [1, "samples"])
    return _assemble(nodes, weights, [sound], CROSS)


def write_graph(decoder: "ModelProto") -> "ModelProto":
    """Token ids, int64 [rows, 1], and what came before to logits, float32 [rows, 1, 32768]."""
    past = next(a.g for a in _switch(decoder).attribute if a.name == "then_branch")
    weights = _tensors(decoder.graph) | _tensors(past)
    nodes = [*_outside(decoder), *_embed_bytes(past.node)]
    inputs = [i for i in decoder.graph.input if i.name == "input_ids" or i.name.startswith("past")]
    present = [f"present.{i}.decoder.{kind}" for i in range(LAYERS) for kind in KINDS]
    return _assemble(nodes, weights, inputs, ["logits", *present])


def _switch(decoder: "ModelProto") -> "NodeProto":
    switch: NodeProto | None = next((n for n in decoder.graph.node if n.op_type == "If"), None)
    if switch is not None:
        return switch
    raise ModelError(
        "The careful ear's decoder is not built as expected, so it cannot be made quick. "
        "Run: pip install --force-reinstall moonshine-cpp==0.1.4"
    )


def _outside(decoder: "ModelProto") -> "list[NodeProto]":
    return [node for node in decoder.graph.node if node.op_type != "If"]


def _tensors(graph: "GraphProto") -> "dict[str, TensorProto]":
    return {tensor.name: tensor for tensor in graph.initializer}


def _projections(first: "GraphProto") -> "list[NodeProto]":
    """The products that turn what was heard into keys and values, free of the decoder's shapes."""
    from onnx import helper  # noqa: PLC0415

    maker = {output: node for node in first.node for output in node.output}
    nodes = []
    for name in CROSS:
        transpose = maker[name]
        product = maker[maker[transpose.input[0]].input[0]]
        flat, split = f"{name}.flat", f"{name}.split"
        nodes += [
            helper.make_node("MatMul", ["last_hidden_state", product.input[1]], [flat], name=flat),
            helper.make_node("Reshape", [flat, "heads"], [split], name=split),
            helper.make_node("Transpose", [split], [name], name=name, perm=[0, 2, 1, 3]),
        ]
    return nodes


def _embed_bytes(nodes: "Iterable[NodeProto]") -> "list[NodeProto]":
    """Look tokens up in the 8-bit table and expand only what was found, not the whole table."""
    from onnx import TensorProto, helper  # noqa: PLC0415

    result = []
    for node in nodes:
        if node.op_type == "Gather" and node.input[0] == f"{EMBEDDING}_add_tensor":
            raw, cast, scaled = "embedded.raw", "embedded.cast", "embedded.scaled"
            table, scale = f"{EMBEDDING}_quantized", f"{EMBEDDING}_scale"
            offset, found = f"{EMBEDDING}_zero_point", node.output[0]
            result += [
                helper.make_node("Gather", [table, node.input[1]], [raw], name=raw),
                helper.make_node("Cast", [raw], [cast], name=cast, to=TensorProto.FLOAT),
                helper.make_node("Mul", [cast, scale], [scaled], name=scaled),
                helper.make_node("Add", [scaled, offset], [found], name=found),
            ]
        else:
            result.append(node)
    return result


def _assemble(
    nodes: "Iterable[NodeProto]",
    tensors: "dict[str, TensorProto]",
    inputs: "list[ValueInfoProto]",
    outputs: Iterable[str],
) -> "ModelProto":
    """One model of the nodes that the outputs need, with their weights in 8 bits."""
    from onnx import TensorProto, helper  # noqa: PLC0415

    names = list(outputs)
    made, packed = _quantised(nodes, tensors)
    needed = _needed(made, names)
    used = {name for node in needed for name in node.input}
    kept = [tensor for name, tensor in {**tensors, **packed}.items() if name in used]
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
    graph = helper.make_graph(needed, "moonshine", inputs, results, kept)
    domains = [helper.make_opsetid("", 14), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=domains, ir_version=10)


def _needed(nodes: "list[NodeProto]", outputs: list[str]) -> "list[NodeProto]":
    maker = {output: i for i, node in enumerate(nodes) for output in node.output}
    wanted, found = list(outputs), set[int]()
    while wanted:
        at = maker.get(wanted.pop())
        if at is not None and at not in found:
            found.add(at)
            wanted += nodes[at].input
    return [node for i, node in enumerate(nodes) if i in found]


def _quantised(
    nodes: "Iterable[NodeProto]", tensors: "dict[str, TensorProto]"
) -> "tuple[list[NodeProto], dict[str, TensorProto]]":
    """Replace each product with an expanded 8-bit matrix by a product with its bytes."""
    from onnx import helper  # noqa: PLC0415

    result, packed = [], dict[str, "TensorProto"]()
    for node in nodes:
        weight = _weight(node, tensors) if node.op_type == "MatMul" else None
        if weight is None:
            result.append(node)
            continue
        parts = [weight.bytes, weight.scales, weight.zeros]
        packed |= {part.name: part for part in parts}
        result.append(
            helper.make_node(
                "MatMulNBits",
                [node.input[0], *(part.name for part in parts)],
                list(node.output),
                name=node.name,
                domain="com.microsoft",
                K=weight.inputs,
                N=weight.outputs,
                bits=8,
                block_size=BLOCK,
                accuracy_level=INT8_PRODUCT,
            )
        )
    return result, packed


def _weight(node: "NodeProto", tensors: "dict[str, TensorProto]") -> Weight | None:
    """The matrix of a product, or None where it multiplies two things that were computed.

    The shipped bytes are signed, and their offset is a whole number of scales (-65 to 25 in all
    of them), so adding 128 to both loses nothing.
    """
    import numpy as np  # noqa: PLC0415
    from onnx import numpy_helper  # noqa: PLC0415

    is_table = node.input[1] == TRANSPOSED_EMBEDDING
    base = EMBEDDING if is_table else node.input[1].removesuffix("_add_tensor")
    if f"{base}_quantized" not in tensors:
        return None
    signed = numpy_helper.to_array(tensors[f"{base}_quantized"])
    scale = numpy_helper.to_array(tensors[f"{base}_scale"])[0]
    offset = numpy_helper.to_array(tensors[f"{base}_zero_point"])[0]
    rows = signed if is_table else signed.T
    outputs, inputs = rows.shape
    blocks = (rows.astype(np.int16) + 128).astype(np.uint8).reshape(outputs, -1, BLOCK)
    count = blocks.shape[0] * blocks.shape[1]
    zero = np.full(count, 128 - round(float(offset / scale)), np.uint8)
    return Weight(
        bytes=numpy_helper.from_array(blocks, f"{base}.bytes"),
        scales=numpy_helper.from_array(np.full(count, scale, np.float32), f"{base}.scales"),
        zeros=numpy_helper.from_array(zero, f"{base}.zeros"),
        outputs=outputs,
        inputs=inputs,
    )
