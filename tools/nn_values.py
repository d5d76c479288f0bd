"""Writes tests/data/nn.json: what torch's layers make of random inputs in double precision, and their gradients.

Usage: `python tools/nn_values.py`, with torch installed. Names and layouts are phonograd's: a linear weight is
`(inputs, outputs)`, the transpose of torch's. The tests need the file only.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

TARGET = Path(__file__).resolve().parent.parent / "tests" / "data" / "nn.json"
torch.set_default_dtype(torch.float64)
torch.manual_seed(0)
CASES: dict[str, Any] = {}


def listed(x: torch.Tensor) -> Any:
    return x.detach().tolist()


def case(
    name: str,
    layer: nn.Module,
    inputs: list[torch.Tensor],
    names: dict[str, str],
    call: Any = None,
    after: dict[str, str] | None = None,
) -> None:
    """Notes inputs, parameters, output, the cotangent of the output, and gradients.

    Args:
        name: What the case is called.
        layer: The layer; its parameters are drawn anew.
        inputs: Its inputs; those of floats are differentiated.
        names: Our name for each of torch's parameters; a trailing `.T` transposes, and `[i:j]` takes rows first.
        call: How to call it, if not on the inputs.
        after: Our names for buffers, as they are after the call.
    """
    layer.zero_grad()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.5)
    leaves = [x.requires_grad_() if x.is_floating_point() else x for x in inputs]
    before = {ours: listed(dict(layer.named_buffers())[theirs]) for ours, theirs in (after or {}).items()}
    y = (call or layer)(*leaves)
    cotangent = torch.randn(y.shape)
    y.backward(cotangent)
    parameters, gradients = {}, {}
    for ours, theirs in names.items():
        path, _, rest = theirs.partition("[")
        transposed = theirs.endswith(".T")
        path = path.removesuffix(".T")
        rows = slice(*map(int, rest.partition("]")[0].split(":"))) if rest else slice(None)
        parameter = dict(layer.named_parameters())[path]
        for found, value in ((parameters, parameter.detach()), (gradients, parameter.grad)):
            found[ours] = listed(value[rows].T if transposed else value[rows])
    CASES[name] = {
        "inputs": [listed(x) for x in inputs],
        "parameters": parameters,
        "state": before,
        "output": listed(y),
        "cotangent": listed(cotangent),
        "input_gradients": [listed(x.grad) if x.is_floating_point() else None for x in leaves],
        "gradients": gradients,
        "next_state": {ours: listed(dict(layer.named_buffers())[theirs]) for ours, theirs in (after or {}).items()},
    }


def attention(prefix: str, torch_prefix: str, width: int) -> dict[str, str]:
    """Names of the four layers of attention, three of which torch packs into one."""
    names = {}
    for i, part in enumerate(("query", "key", "value")):
        rows = f"[{i * width}:{(i + 1) * width}]"
        names[f"{prefix}{part}.weight"] = f"{torch_prefix}in_proj_weight{rows}.T"
        names[f"{prefix}{part}.bias"] = f"{torch_prefix}in_proj_bias{rows}"
    return names | {
        f"{prefix}out.weight": f"{torch_prefix}out_proj.weight.T",
        f"{prefix}out.bias": f"{torch_prefix}out_proj.bias",
    }


def recurrent(layers: int) -> dict[str, str]:
    names = {}
    for i in range(layers):
        for side in ("ih", "hh"):
            names[f"cells.{i}.weight_{side}"] = f"weight_{side}_l{i}.T"
            names[f"cells.{i}.bias_{side}"] = f"bias_{side}_l{i}"
    return names


def main() -> None:
    plain = {"weight": "weight", "bias": "bias"}
    linear = {"weight": "weight.T", "bias": "bias"}
    case("linear", nn.Linear(4, 3), [torch.randn(2, 5, 4)], linear)
    case("bilinear", nn.Bilinear(3, 4, 2), [torch.randn(5, 3), torch.randn(5, 4)], plain)
    case("embedding", nn.Embedding(6, 3), [torch.tensor([[0, 5, 2], [2, 2, 1]])], {"weight": "weight"})
    case("layernorm", nn.LayerNorm(6), [torch.randn(2, 3, 6)], plain)
    case("rmsnorm", nn.RMSNorm(6, eps=1e-5), [torch.randn(2, 3, 6)], {"weight": "weight"})
    case("groupnorm", nn.GroupNorm(2, 6), [torch.randn(3, 6, 4)], plain)
    running = {"running_mean": "running_mean", "running_var": "running_var"}
    for form, shape in (("", (5, 3)), ("-sequence", (4, 3, 5))):
        norm = nn.BatchNorm1d(3)
        case(f"batchnorm{form}", norm, [torch.randn(shape)], plain, after=running)
        norm.eval()
        case(f"batchnorm{form}-eval", norm, [torch.randn(shape)], plain, after=running)

    heads = nn.MultiheadAttention(8, 2, batch_first=True)
    hidden = nn.Transformer.generate_square_subsequent_mask(5)
    names = attention("", "", 8)
    case("attention", heads, [torch.randn(2, 5, 8)], names, lambda x: heads(x, x, x)[0])
    case("attention-causal", heads, [torch.randn(2, 5, 8)], names, lambda x: heads(x, x, x, attn_mask=hidden)[0])
    seen = torch.tensor([[True, False, True, True], [False, False, False, True], [True, True, True, True]])
    case(
        "attention-memory",
        heads,
        [torch.randn(2, 3, 8), torch.randn(2, 4, 8)],
        names,
        lambda x, m: heads(x, m, m, attn_mask=~seen)[0],
    )
    CASES["attention-memory"]["mask"] = seen.tolist()
    block = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
    case(
        "block",
        block,
        [torch.randn(2, 5, 8)],
        attention("attention.", "self_attn.", 8)
        | {f"{ours}.weight": f"{theirs}.weight.T" for ours, theirs in (("up", "linear1"), ("down", "linear2"))}
        | {f"{ours}.bias": f"{theirs}.bias" for ours, theirs in (("up", "linear1"), ("down", "linear2"))}
        | {f"{norm}.{part}": f"{norm}.{part}" for norm in ("norm1", "norm2") for part in ("weight", "bias")},
        lambda x: block(x, src_mask=hidden, is_causal=True),
    )
    for name, kind in (("rnn", nn.RNN), ("gru", nn.GRU), ("lstm", nn.LSTM)):
        layer = kind(3, 4, num_layers=2, batch_first=True)
        case(name, layer, [torch.randn(2, 6, 3)], recurrent(2), lambda x, layer=layer: layer(x)[0])
    case("batchnorm-image", nn.BatchNorm2d(3), [torch.randn(2, 3, 2, 3)], plain, after=running)
    for n, size in ((1, (7,)), (2, (5, 4)), (3, (3, 2, 4))):
        conv = getattr(nn, f"Conv{n}d")(4, 6, 3, 2, 1, groups=2)
        case(f"conv{n}d", conv, [torch.randn(1, 4, *size)], plain)
        back = getattr(nn, f"ConvTranspose{n}d")(4, 6, 3, 2, 1, 1, groups=2)
        case(f"convtranspose{n}d", back, [torch.randn(1, 4, *(k // 2 + 1 for k in size))], plain)
    case("conv2d-dilated", nn.Conv2d(2, 3, (2, 3), (1, 2), (0, 2), (2, 1)), [torch.randn(2, 2, 4, 5)], plain)
    case("conv2d-same", nn.Conv2d(2, 3, (2, 4), padding="same"), [torch.randn(2, 2, 4, 3)], plain)
    case("layernorm-axes", nn.LayerNorm((3, 2)), [torch.randn(2, 4, 3, 2)], plain)
    case("rmsnorm-axes", nn.RMSNorm((3, 2), eps=1e-5), [torch.randn(2, 4, 3, 2)], {"weight": "weight"})
    case("prelu", nn.PReLU(), [torch.randn(3, 4)], {"weight": "weight"})
    case("prelu-channels", nn.PReLU(3), [torch.randn(2, 3, 4)], {"weight": "weight"})
    padded = [torch.tensor([[0, 5, 2], [2, 2, 1]])]
    case("embedding-padding", nn.Embedding(6, 3, padding_idx=-4), padded, {"weight": "weight"})
    case("layernorm-plain", nn.LayerNorm(6, elementwise_affine=False), [torch.randn(4, 6)], {})
    case("rmsnorm-plain", nn.RMSNorm(6, 1e-5, elementwise_affine=False), [torch.randn(4, 6)], {})
    case("groupnorm-plain", nn.GroupNorm(2, 6, affine=False), [torch.randn(3, 6, 2)], {})
    case("batchnorm-plain", nn.BatchNorm1d(3, affine=False), [torch.randn(5, 3)], {}, after=running)
    case("hardshrink", nn.Hardshrink(0.3), [torch.randn(3, 4)], {})
    case("softshrink", nn.Softshrink(0.3), [torch.randn(3, 4)], {})
    case("tanhshrink", nn.Tanhshrink(), [torch.randn(3, 4)], {})
    case("threshold", nn.Threshold(0.1, -2.0), [torch.randn(3, 4)], {})
    case("softmin", nn.Softmin(0), [torch.randn(3, 4)], {})
    case("flatten", nn.Flatten(1, 2), [torch.randn(2, 3, 2, 2)], {})
    case("flatten-end", nn.Flatten(-3, -2), [torch.randn(2, 3, 2, 2)], {})
    case("unflatten", nn.Unflatten(1, (3, 2)), [torch.randn(2, 6, 2)], {})
    case("unflatten-rest", nn.Unflatten(-1, (2, -1, 3)), [torch.randn(2, 12)], {})
    case("pixelshuffle", nn.PixelShuffle(3), [torch.randn(1, 18, 2, 1)], {})
    case("pixelshuffle-single", nn.PixelShuffle(2), [torch.randn(8, 2, 3)], {})
    case("pixelunshuffle", nn.PixelUnshuffle(2), [torch.randn(2, 1, 4, 6)], {})
    case("zeropad1d", nn.ZeroPad1d((1, 2)), [torch.randn(2, 2, 3)], {})
    case("zeropad2d", nn.ZeroPad2d((1, 2, 0, 3)), [torch.randn(1, 2, 2, 3)], {})
    case("zeropad2d-single", nn.ZeroPad2d(2), [torch.randn(2, 1, 2)], {})
    case("zeropad3d", nn.ZeroPad3d((1, 2, 0, 3, 1, 0)), [torch.randn(1, 1, 2, 2, 1)], {})
    case("adaptiveavgpool2d", nn.AdaptiveAvgPool2d((1, None)), [torch.randn(2, 2, 3, 4)], {})
    case("adaptiveavgpool2d-single", nn.AdaptiveAvgPool2d((None, 2)), [torch.randn(2, 3, 5)], {})
    TARGET.write_text(json.dumps(CASES, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
