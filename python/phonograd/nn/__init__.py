"""Layers and models: frozen descriptions that fetch their parameters by name from the record they are called in.

A module holds no arrays. Called on a tensor, it fetches what it needs from the store that the tensor's record is bound
to, or draws it into the store when it is not there yet. How a module is reached from the model names its parameters.

The rooms::

    module        Module: paths, parameters, calls
    summary       a module as text
    init          first values
    linear        Linear, Bilinear, Embedding
    layout        Flatten, Unflatten, PixelShuffle, PixelUnshuffle, ZeroPad1d to 3d
    conv pool     Conv1d to 3d, ConvTranspose1d to 3d; MaxPool, AvgPool, AdaptiveAvgPool, AdaptiveMaxPool
                  of as many axes
    norm          LayerNorm, RMSNorm, BatchNorm, GroupNorm
    activations   ReLU, LeakyReLU, PReLU, ELU, GELU, SiLU, Sigmoid, Tanh, Softplus, Softmax and many more
    containers    Sequential, Residual, Lambda, Identity, Dropout, Dropout1d to 3d
    attention     MultiHeadAttention, KVCache, TransformerBlock
    recurrent     RNN, GRU, LSTM, and their cells

Example:
    >>> import phonograd as pg
    >>> model = pg.nn.Sequential(pg.nn.Linear(3, 4), pg.nn.Tanh(), pg.nn.Linear(4, 1))
    >>> store = pg.ParameterStore(seed=0)
    >>> for _ in range(3):
    ...     rec = pg.Record(store)
    ...     loss = model(rec.tensor([[1.0, 2.0, 3.0]])).square().sum()
    ...     pg.optim.SGD(0.1).step(store, loss.grad())
    >>> list(store)
    ['0.weight', '0.bias', '2.weight', '2.bias']
"""

from typing import TYPE_CHECKING

from phonograd._hints import missing

from . import init
from .activations import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    Softplus,
    Softshrink,
    Softsign,
    Tanh,
    Tanhshrink,
    Threshold,
)
from .attention import KVCache, MultiHeadAttention, TransformerBlock
from .containers import Dropout, Dropout1d, Dropout2d, Dropout3d, Identity, Lambda, Residual, Sequential
from .conv import Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from .layout import Flatten, PixelShuffle, PixelUnshuffle, Unflatten, ZeroPad1d, ZeroPad2d, ZeroPad3d
from .linear import Bilinear, Embedding, Linear
from .module import Module
from .norm import BatchNorm, GroupNorm, LayerNorm, RMSNorm
from .pool import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
    AvgPool1d,
    AvgPool2d,
    AvgPool3d,
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
)
from .recurrent import GRU, LSTM, RNN, GRUCell, LSTMCell, LSTMState, RNNCell

# Channels are on axis 1, whatever comes behind it.
BatchNorm1d = BatchNorm2d = BatchNorm3d = BatchNorm

__all__ = [
    "Module",
    "Sequential",
    "Residual",
    "Linear",
    "Bilinear",
    "Embedding",
    "Flatten",
    "Unflatten",
    "PixelShuffle",
    "PixelUnshuffle",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "LayerNorm",
    "RMSNorm",
    "BatchNorm",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "GroupNorm",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "Identity",
    "Lambda",
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "ReLU6",
    "ELU",
    "CELU",
    "SELU",
    "GELU",
    "GLU",
    "SiLU",
    "Mish",
    "Sigmoid",
    "LogSigmoid",
    "Hardsigmoid",
    "Hardswish",
    "Tanh",
    "Hardtanh",
    "Hardshrink",
    "Softshrink",
    "Tanhshrink",
    "Threshold",
    "Softplus",
    "Softsign",
    "Softmax",
    "Softmin",
    "LogSoftmax",
    "MultiHeadAttention",
    "KVCache",
    "TransformerBlock",
    "RNN",
    "GRU",
    "LSTM",
    "RNNCell",
    "GRUCell",
    "LSTMCell",
    "LSTMState",
    "init",
]

# First guesses that have another answer here.
_HINTS = {
    "ModuleList": "a list of modules in an attribute names them by their places",
    "ModuleDict": "attributes name modules",
    **dict.fromkeys(
        ("ParameterList", "ParameterDict"),
        "`self.parameter(x, name, shape)` in `forward` is drawn when first asked for",
    ),
    "Parameter": "`self.parameter(x, name, shape)` in `forward` is drawn when it is first asked for",
    "functional": "functions are in `phonograd` itself, and are methods of tensors",
    "utils": "`phonograd.optim` clips gradients: `clip_by_global_norm`, `clip_by_norm`, `clip_by_value`",
    "MultiheadAttention": "`MultiHeadAttention(features, heads)` is called on queries, and on what they look at",
    "TransformerEncoderLayer": "`TransformerBlock(features, heads)` normalises first",
    **dict.fromkeys(
        ("TransformerDecoder", "TransformerDecoderLayer"),
        "`TransformerBlock(features, heads, causal=True)` sees its own positions; for memory, a module of your own has "
        "`MultiHeadAttention`, called on queries and memory",
    ),
    **dict.fromkeys(
        ("Transformer", "TransformerEncoder"), "`Sequential(*(TransformerBlock(features, heads) for _ in range(n)))`"
    ),
    **dict.fromkeys(
        ("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"), "`phonograd.interpolate` is a function"
    ),
    **dict.fromkeys(("AlphaDropout", "FeatureAlphaDropout"), "`Dropout` sets to 0 what it drops"),
    "EmbeddingBag": "`Embedding`, and `sum` or `mean` of its rows",
    "RReLU": "`LeakyReLU(slope)` has one slope, which is not drawn",
    "CosineSimilarity": "`phonograd.cosine_similarity` is a function",
    "LocalResponseNorm": "`GroupNorm(groups, channels)` normalises over neighbouring channels",
    "Softmax2d": "`Softmax(axis=-3)` is it",
    "SyncBatchNorm": "everything runs in one process: `BatchNorm`",
    **{
        f"{kind}Pad{n}d": f"`phonograd.pad` puts one number around, `ZeroPad{n}d` zeros"
        for kind in ("Constant", "Reflection", "Replication", "Circular")
        for n in (1, 2, 3)
    },
    **dict.fromkeys(
        ["LazyLinear", *(f"Lazy{kind}{n}d" for kind in ("Conv", "ConvTranspose", "BatchNorm") for n in (1, 2, 3))],
        "layers are told the sizes of their inputs",
    ),
    **dict.fromkeys(("Unfold", "Fold"), "`phonograd.unfold` and `phonograd.fold` are functions"),
    **dict.fromkeys(("InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"), "`phonograd.instance_norm` is a function"),
    **dict.fromkeys(
        (
            "CrossEntropyLoss",
            "NLLLoss",
            "BCELoss",
            "BCEWithLogitsLoss",
            "MSELoss",
            "L1Loss",
            "SmoothL1Loss",
            "HuberLoss",
            "KLDivLoss",
            "GaussianNLLLoss",
            "PoissonNLLLoss",
            "CTCLoss",
            "HingeEmbeddingLoss",
            "TripletMarginLoss",
            "CosineEmbeddingLoss",
            "MarginRankingLoss",
            "MultiMarginLoss",
            "MultiLabelMarginLoss",
            "MultiLabelSoftMarginLoss",
            "SoftMarginLoss",
        ),
        "losses are functions: `phonograd.cross_entropy`, `phonograd.mse_loss` and so on",
    ),
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        raise missing(f"module {__name__!r}", name, _HINTS)
