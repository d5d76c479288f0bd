"""Files: what is written comes back bit for bit; hostile files are refused by name, at bounded cost."""

from __future__ import annotations

import json
import os
import pickle
import re
import stat
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import phonograd as pg
from fresh_process import run
from phonograd.checkpoint import load, load_weights, save

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="as Linux does it")
NAMES = ["plain", "..", "../../etc/passwd", "a\nb", "nul\0", "", "ünïcödé", "x" * 1000, "with space", '"quoted"']


def container(header: Any, data: bytes = b"", *, length: int | None = None) -> bytes:
    """A file as the format describes it, by other code than ours."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(dtype: str, shape: list[Any], start: Any, end: Any) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def read_plainly(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """A reader by the format's description."""
    kinds = {"F32": "<f4", "F64": "<f8", "I32": "<i4", "I64": "<i8", "U8": "u1", "BOOL": "?"}
    raw = path.read_bytes()
    (length,) = struct.unpack("<Q", raw[:8])
    header, data = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    text = header.pop("__metadata__", {})
    arrays = {}
    for name, info in header.items():
        start, end = info["data_offsets"]
        arrays[name] = np.frombuffer(data[start:end], kinds[info["dtype"]]).reshape(info["shape"])
    return arrays, text


@pytest.fixture
def store() -> pg.ParameterStore:
    rng = np.random.default_rng(0)
    made = pg.ParameterStore(seed=2**64 - 1)
    for i, name in enumerate(NAMES):
        made[name] = rng.normal(size=(i, 3)).astype("f4")
    made["wide"] = rng.normal(size=5)
    made["scalar"] = 7
    made["small"] = np.arange(6, dtype="u1").reshape(1, 2, 3)
    made["int"] = np.array([-(2**31), 2**31 - 1], "i4")
    made["truth"] = np.array([True, False, True])
    made["nan"] = np.frombuffer(struct.pack("<4I", 0x7FC00001, 0xFFA00000, 0x7F800000, 0x80000000), "f4")
    return made


def same_bits(a: Any, b: Any) -> bool:
    return list(a) == list(b) and all(
        (a[n].dtype, a[n].shape, a[n].tobytes()) == (b[n].dtype, b[n].shape, b[n].tobytes()) for n in a
    )


# Round trips ---------------------------------------------------------------------------------------------------------


def test_what_was_saved_is_loaded(store: pg.ParameterStore, tmp_path: Path) -> None:
    path = tmp_path / "store.safetensors"
    store.state["adam/not in this file/m"] = 1.0
    store.state["norm.running_mean"] = [1.0, 2.0]
    store.save(path)
    again = pg.ParameterStore.load(str(path))
    assert same_bits(store, again)
    assert (type(again), again.seed) == (pg.ParameterStore, 2**64 - 1)
    assert {name: value.tolist() for name, value in again.state.items()} == {"norm.running_mean": [1.0, 2.0]}
    assert os.listdir(tmp_path) == ["store.safetensors"]


def test_others_read_our_files_and_we_theirs(store: pg.ParameterStore, tmp_path: Path) -> None:
    path = tmp_path / "store.safetensors"
    store.save(path)
    arrays, text = read_plainly(path)
    assert same_bits(store, arrays)
    assert list(text) == ["phonograd"]
    (length,) = struct.unpack("<Q", path.read_bytes()[:8])
    assert length % 8 == 0
    header = {"b": entry("F32", [2], 4, 12), "a": entry("F32", [], 0, 4), "__metadata__": {"format": "pt"}}
    path.write_bytes(container(header, np.arange(3, dtype="<f4").tobytes()))
    assert {name: value.tolist() for name, value in pg.ParameterStore.load(path).items()} == {"b": [1.0, 2.0], "a": 0.0}


def test_a_file_is_replaced_while_it_is_open_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    store = pg.ParameterStore()
    store["x"] = np.arange(10_000)
    store.save(path)
    path.chmod(0o640)
    with path.open("rb") as old:
        size = os.fstat(old.fileno()).st_size
        store["x"] = np.arange(3)
        store.save(path)
        assert len(old.read()) == size
    assert pg.ParameterStore.load(path)["x"].tolist() == [0, 1, 2]
    assert sys.platform == "win32" or stat.S_IMODE(path.stat().st_mode) == 0o640


def test_what_killed_processes_left_is_removed_later(tmp_path: Path) -> None:
    names = [".phonograd-1-2.tmp", ".phonograd-1-3.tmp", ".phonograd-1-2.txt", "other.tmp"]
    for name in names:
        (tmp_path / name).touch()
        if name != ".phonograd-1-3.tmp":
            os.utime(tmp_path / name, (0, 0))
    pg.ParameterStore().save(tmp_path / "w")
    assert sorted(os.listdir(tmp_path)) == sorted([*names[1:], "w"])


@LINUX
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link, target = tmp_path / "latest", tmp_path / "folder" / "run.safetensors"
    link.symlink_to(target)
    store = pg.ParameterStore()
    store["x"] = 1.0
    with pytest.raises(pg.MissingFileError):
        store.save(link)
    target.touch()
    store.save(link)
    assert (link.is_symlink(), pg.ParameterStore.load(link)["x"].item()) == (True, 1.0)
    assert sorted(os.listdir(tmp_path)) == ["folder", "latest"]


def test_floats_are_converted_when_asked(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    values = torch.tensor([0.1, -65504.0, 6e-8, float("inf"), 0.0])
    kinds = {"F16": torch.float16, "BF16": torch.bfloat16, "F32": torch.float32, "F64": torch.float64}
    path, header, data = tmp_path / "half.safetensors", {}, b""
    for name, kind in kinds.items():
        raw = values.to(kind).view(torch.uint8).numpy().tobytes()
        header[name] = entry(name, [5], len(data), len(data) + len(raw))
        data += raw
    header["count"] = entry("I64", [], len(data), len(data) + 8)
    path.write_bytes(container(header, data + struct.pack("<q", 9)))
    for dtype in ("float32", "float64"):
        read = pg.ParameterStore.load(path, dtype=dtype)
        for name, kind in kinds.items():
            expected = values.to(kind).to(getattr(torch, dtype)).numpy()
            assert (read[name].dtype, read[name].tobytes()) == (expected.dtype, expected.tobytes())
        assert read["count"].item() == 9
    plain = pg.ParameterStore.load(path)
    for name, kind in kinds.items():
        # NumPy has no bfloat16; float32 has all its numbers.
        expected = values.to(kind).to(torch.float32 if name == "BF16" else kind).numpy()
        assert (plain[name].dtype, plain[name].tobytes()) == (expected.dtype, expected.tobytes())
    with pytest.raises(pg.DTypeError, match="int64 does not fit; expected a float dtype"):
        pg.ParameterStore.load(path, dtype="int64")


@pytest.mark.parametrize("dtype", ["C64", "F8_E4M3"])
def test_other_dtypes_are_refused_by_name(dtype: str, tmp_path: Path) -> None:
    size = 8 if dtype == "C64" else 1
    path = tmp_path / "other.safetensors"
    path.write_bytes(container({"w": entry(dtype, [2], 0, 2 * size)}, bytes(2 * size)))
    for wanted in (None, "float32"):
        with pytest.raises(pg.CheckpointError, match=rf'"w" has dtype {dtype}; bool, integers of 8'):
            pg.ParameterStore.load(path, dtype=wanted)


def test_truth_values_are_0_or_1_whatever_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "bools.safetensors"
    path.write_bytes(container({"b": entry("BOOL", [4], 0, 4)}, bytes([0, 1, 2, 255])))
    assert pg.ParameterStore.load(path)["b"].view("u1").tolist() == [0, 1, 1, 1]


# Hostile files -------------------------------------------------------------------------------------------------------

F4 = entry("F32", [1], 0, 4)
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it has 0 bytes, and the length of the header takes 8"),
    "seven bytes": (b"\0" * 7, "it has 7 bytes"),
    "length 2**63": (container({}, length=2**63), "header of 9223372036854775808 bytes is longer"),
    "length 2**64 - 1": (container({}, length=2**64 - 1), "header of 18446744073709551615 bytes is longer"),
    "length past the end": (container({}, length=3), "header of 3 bytes is longer"),
    "big-endian writer": (struct.pack(">Q", 2) + b"{}", "header of 144115188075855872 bytes is longer"),
    "no header": (container(b""), "header is damaged: EOF"),
    "not UTF-8": (container(b'{"\xff": 1}'), "header is damaged: invalid unicode"),
    "lone surrogate": (container(b'{"\\ud800": 1}'), "header is damaged: "),
    "list": (container([]), "header is damaged: invalid type: sequence, expected an object of arrays"),
    "number": (container(b"7"), "header is damaged: invalid type: integer"),
    "null": (container(b"null"), "header is damaged: invalid type: null"),
    "more than one value": (container(b"{} {}"), "header is damaged: trailing characters"),
    "cut": (container(b'{"a": '), "header is damaged: EOF"),
    "entry of another kind": (container({"a": 5}), "header is damaged: invalid type: integer"),
    "duplicate names": (
        container(b'{"a":%s,"a":%s}' % ((json.dumps(F4).encode(),) * 2), bytes(4)),
        'names "a" twice',
    ),
    "duplicate field": (
        container(b'{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)),
        "duplicate field `dtype`",
    ),
    "unknown field": (container({"a": {**F4, "more": 1}}, bytes(4)), "unknown field `more`"),
    "missing field": (container({"a": {"dtype": "F32", "shape": [1]}}, bytes(4)), "missing field `data_offsets`"),
    "unknown dtype": (container({"a": entry("F33", [1], 0, 4)}, bytes(4)), "unknown variant `F33`"),
    "dtype of another kind": (container({"a": entry(5, [1], 0, 4)}, bytes(4)), "header is damaged: "),  # type: ignore[arg-type]
    "product overflows": (container({"a": entry("F32", [2**40, 2**40], 0, 4)}, bytes(4)), "overflow"),
    "bytes overflow": (container({"a": entry("F64", [2**62], 0, 4)}, bytes(4)), "overflow"),
    "size 2**64": (container({"a": entry("F32", [2**64], 0, 4)}, bytes(4)), "header is damaged: "),
    "no elements of 2**62": (container({"a": entry("F32", [0, 2**62], 0, 0)}), '"a" cannot be an array'),
    "negative size": (container({"a": entry("F32", [-1], 0, 4)}, bytes(4)), "invalid value: integer `-1`"),
    "float size": (container({"a": entry("F32", [1.0], 0, 4)}, bytes(4)), "invalid type: floating point `1.0`"),
    "65 axes": (container({"a": entry("F32", [1] * 65, 0, 4)}, bytes(4)), "invalid length 65"),
    "a million axes": (container({"a": entry("F32", [1] * 10**6, 0, 4)}, bytes(4)), "invalid length 65"),
    "negative offset": (container({"a": entry("F32", [1], -4, 0)}, bytes(4)), "invalid value: integer `-4`"),
    "float offset": (container({"a": entry("F32", [1], 0, 4.0)}, bytes(4)), "invalid type: floating point"),
    "offsets reversed": (container({"a": entry("F32", [1], 4, 0)}, bytes(4)), "invalid offset for tensor `a`"),
    "one offset": (container({"a": {**F4, "data_offsets": [0]}}, bytes(4)), "invalid length 1"),
    "three offsets": (container({"a": {**F4, "data_offsets": [0, 4, 8]}}, bytes(4)), "header is damaged: "),
    "overlapping": (
        container({"a": entry("F32", [2], 0, 8), "b": entry("F32", [1], 4, 8)}, bytes(8)),
        "invalid offset",
    ),
    "the same place twice": (container({"a": F4, "b": F4}, bytes(4)), "invalid offset"),
    "hole": (container({"a": F4, "b": entry("F32", [1], 8, 12)}, bytes(12)), "invalid offset"),
    "hole in front": (container({"a": entry("F32", [1], 4, 8)}, bytes(8)), "invalid offset"),
    "nothing inside of something": (
        container({"a": entry("F32", [2], 0, 8), "b": entry("F32", [0], 4, 4)}, bytes(8)),
        "invalid offset",
    ),
    "past the end": (container({"a": entry("F32", [2], 0, 8)}, bytes(4)), "describes 8 bytes of data, the file has 4"),
    "bytes left over": (container({"a": F4}, bytes(5)), "describes 4 bytes of data, the file has 5"),
    "offsets do not fit the shape": (container({"a": entry("F32", [3], 0, 8)}, bytes(8)), "invalid shape, data type"),
    "half a byte": (container({"a": entry("F4", [1], 0, 1)}, bytes(1)), "header is wrong: "),
    "nested 10,000 deep": (container(b'{"a":' + b"[" * 10_000), "header is damaged: "),
    "metadata nested": (container({"__metadata__": {"a": {}}}), "invalid type: map, expected a string"),
    "metadata twice": (container(b'{"__metadata__":{},"__metadata__":{}}'), "__metadata__ stands there twice"),
    "metadata with duplicates": (container(b'{"__metadata__":{"a":"1","a":"2"}}'), 'names "a" twice'),
    "our text no JSON": (container({"__metadata__": {"phonograd": "{"}}), "its text is damaged"),
    "our text nested 10,000 deep": (container({"__metadata__": {"phonograd": "[" * 10_000}}), "its text is damaged"),
    "our text an endless number": (container({"__metadata__": {"phonograd": "1" * 10_000}}), "its text is damaged"),
    "our text a list": (container({"__metadata__": {"phonograd": "[]"}}), "its text is of the wrong kind"),
    "seed of another kind": (container({"__metadata__": {"phonograd": '{"seed": "x"}'}}), "of the wrong kind"),
    "a zip archive": (
        b"PK\x03\x04" + bytes(40),
        "it is a zip archive, as PyTorch's .pt and NumPy's .npz files are",
    ),
    "an array": (b"\x93NUMPY\x01\x00" + bytes(40), "it is a NumPy array; put what numpy.load reads into a store"),
    "a pickle": (pickle.dumps({"x": 1}), "it is a pickle, which is never read; save the arrays as safetensors"),
    "HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(40), "it is an HDF5 file; save the arrays as safetensors"),
    "GGUF": (b"GGUF\x03\0\0\0" + bytes(40), "it is a GGUF file; save the arrays as safetensors"),
    "later version": (container({"__metadata__": {"phonograd": '{"version": 2}'}}), "it is of version 2, this library"),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_file(case: str, tmp_path: Path) -> None:
    raw, text = HOSTILE[case]
    path = tmp_path / "hostile.safetensors"
    path.write_bytes(raw)
    for reader in (pg.ParameterStore.load, load, lambda path: load_weights(path, pg.ParameterStore())):
        with pytest.raises(pg.CheckpointError) as caught:
            reader(path)
        assert str(caught.value).startswith(f'load: "{path}": ')
        assert text in str(caught.value)
        assert len(str(caught.value)) < 1000
        assert isinstance(caught.value, ValueError)


@LINUX
@pytest.mark.parametrize("case", ["spaces", "names", "shapes", "metadata", "long name", "sparse"])
def test_a_file_costs_its_size_and_a_constant(case: str, tmp_path: Path) -> None:
    """Under a limit on memory of some 300 MB above what the process has."""
    limit = 1 << 24
    one = b'"%07d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},'
    headers = {
        "spaces": b" " * 100_000_000,
        "names": b"{" + b"".join(one % i for i in range(limit // 58))[:-1] + b"}",
        "shapes": b'{"a":{"dtype":"U8","shape":[' + b"0," * (limit // 2 - 50),
        "metadata": b'{"__metadata__":{' + b",".join(b'"%06d":""' % i for i in range(limit // 13)) + b"}}",
        "long name": b'{"' + b"a" * (limit - 100) + b'":{"dtype":"U8","shape":[1],"data_offsets":[0,0]}}',
        "sparse": b'{"a":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' % (10**13, 10**13),
    }
    path = tmp_path / "hostile.safetensors"
    path.write_bytes(container(headers[case]))
    if case == "sparse":
        with path.open("r+b") as file:
            file.truncate(10**13 + path.stat().st_size)
    program = f"""
    with open("/proc/self/statm") as file:
        limit = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") + (300 << 20)
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        print("read", len(pg.ParameterStore.load({str(path)!r})))
    except (pg.CheckpointError, MemoryError) as error:
        print(type(error).__name__, len(str(error)) < 1000)
    print(len(pg.ParameterStore()))
    """
    answers = {"names": f"read {limit // 58}", "metadata": "read 0", "sparse": "AllocationError True"}
    assert run(program, timeout=30) == f"{answers.get(case, 'CheckpointError True')}\n0\n"


@pytest.mark.timeout(30)
def test_a_hundred_thousand_arrays(tmp_path: Path) -> None:
    path, store = tmp_path / "many.safetensors", pg.ParameterStore()
    store.update({f"layer.{i}": i for i in range(100_000)})
    store.save(path)
    again = pg.ParameterStore.load(path)
    assert (len(again), again["layer.99999"].item(), list(again)[:2]) == (100_000, 99_999, ["layer.0", "layer.1"])


def test_arrays_without_elements_share_a_place(tmp_path: Path) -> None:
    path, store = tmp_path / "none.safetensors", pg.ParameterStore()
    store.update({"a": np.zeros((0, 3)), "b": np.zeros((2, 0, 5), "u1"), "c": 1.0, "d": np.zeros(0, "f4")})
    store.save(path)
    assert same_bits(store, pg.ParameterStore.load(path))


# Paths ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [pg.ParameterStore.load, pg.ParameterStore().save], ids=["load", "save"])
def test_paths_that_are_no_files(call: Callable[[Any], object], tmp_path: Path) -> None:
    with pytest.raises(pg.FileError, match="is no regular file") as caught:
        call(tmp_path)
    assert isinstance(caught.value, OSError)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path / "pipe", "/dev/zero", "/dev/null"):
            with pytest.raises(pg.FileError, match="is no regular file"):
                call(path)
    with pytest.raises(FileNotFoundError, match=r"is not there; check the path") as missing:
        call(tmp_path / "no folder" / "file")
    assert type(missing.value) is pg.MissingFileError
    for path in ("nul\0", "x" * 5000):
        with pytest.raises(pg.FileError):
            call(path)
    for wrong in (5, None, b"bytes", ["a"]):
        with pytest.raises(
            pg.InputError, match=f"path: cannot read {type(wrong).__name__}; expected a string or a path"
        ):
            call(wrong)
    assert sorted(os.listdir(tmp_path)) in ([], ["pipe"])


@LINUX
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    program = f"""
    import resource
    store = pg.ParameterStore()
    store["x"] = np.arange(10.0)
    store.save({str(tmp_path / "x")!r})
    store["x"] = np.zeros(1_000_000)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    try:
        store.save({str(tmp_path / "x")!r})
    except pg.FileError as error:
        print("File too large" in str(error), os.listdir({str(tmp_path)!r}))
    print(pg.ParameterStore.load({str(tmp_path / "x")!r})["x"].tolist() == list(range(10)))
    """
    assert run(program) == "True ['x']\nTrue\n"


@LINUX
def test_a_file_that_is_cut_while_it_is_read(tmp_path: Path) -> None:
    """Memory that a file is mapped to would end the process; reading it is an error at most."""
    program = f"""
    path = {str(tmp_path / "x")!r}
    store = pg.ParameterStore()
    store.update({{f"{{i}}": np.zeros(500_000) for i in range(10)}})
    store.save(path)
    raw = open(path, "rb").read()
    start = time.perf_counter()
    pg.ParameterStore.load(path)
    took = time.perf_counter() - start
    outcomes = set()
    for i in range(200):
        if "shorter" in outcomes and i >= 8:
            break
        with open(path, "wb") as file:
            file.write(raw)
        cutter = threading.Timer(took * (i % 8) / 8, os.truncate, (path, 1000))
        cutter.start()
        try:
            pg.ParameterStore.load(path)
            outcomes.add("read")
        except pg.CheckpointError as error:
            outcomes.add("shorter" if "it became shorter while it was read" in str(error) else "wrong size")
        cutter.join()
    print("shorter" in outcomes, outcomes <= {{"read", "shorter", "wrong size"}})
    """
    assert run(program) == "True True\n"


def test_names_that_files_use_for_something_else() -> None:
    for name in ("__metadata__", "phonograd.state/adam/x/m"):
        store = pg.ParameterStore()
        store[name] = 1.0
        with pytest.raises(pg.ArgumentError, match="a parameter's name is"):
            store.save("never written")
        assert not Path("never written").exists()


# Checkpoints ---------------------------------------------------------------------------------------------------------


def test_a_checkpoint_has_it_all(store: pg.ParameterStore, tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    store.state.update({"adam/x/m": [1.0, 2.0], "..\n": 3})
    adam = pg.optim.AdamW(rate=0.1 + 0.2, beta1=1 / 3)
    keys = {"dropout": pg.Key(2**64 - 1), "": pg.Key(0)}
    metadata = {"nested": [1, 2.5, None, True, "ü\0", (pg.Key(3), {"best": float("inf")})], "big": 2**80}
    batches = pg.data.Batches(np.arange(10), 3, key=pg.Key(5))
    next(iter(batches))
    save(path, store, optimizer=adam, step=12345, data=batches, keys=keys, metadata=metadata)
    found = load(path)
    assert same_bits(found.store, store)
    assert same_bits(found.store.state, store.state)
    assert found.store.seed == store.seed
    assert (found.optimizer, found.step, found.data, found.keys, found.metadata) == (
        adam,
        12345,
        batches.position,
        keys,
        metadata,
    )
    assert repr(found).startswith("<Checkpoint of step 12345: 16 parameters, optimizer AdamW(rate=0.30000000000000004")
    assert same_bits(pg.ParameterStore.load(path), store)
    save(path, pg.ParameterStore())
    assert (load(path).optimizer, load(path).step, load(path).data, load(path).keys) == (None, 0, None, {})


EVERYTHING = [
    *(make(rate=0.1) for make in map(pg.optim.__dict__.get, pg.optim.__all__)
      if isinstance(make, type) and issubclass(make, pg.optim.Optimizer)
      and make not in (pg.optim.Optimizer, pg.optim.Groups)),
    pg.optim.Groups({"a.*": None, "*.bias": pg.optim.Groups({"*": pg.optim.SGD(0.5, 0.9)}), "*": pg.optim.Muon(0.1)}),
    pg.optim.LBFGS(history=7),
    pg.optim.schedules.Sequential([pg.optim.schedules.Constant(0.1), pg.optim.schedules.Step(0.1, 3)], [5]),
    pg.optim.ExponentialAverage(0.5),
    pg.optim.StochasticAverage(),
    *(make(0.1, **arguments) for make, arguments in [
        (pg.optim.schedules.Constant, {}), (pg.optim.schedules.Step, {"step_size": 3}),
        (pg.optim.schedules.MultiStep, {"milestones": (3, 5)}),
        (pg.optim.schedules.Polynomial, {"steps": 5}), (pg.optim.schedules.CosineRestarts, {"steps": 3}),
        (pg.optim.schedules.Exponential, {"gamma": 0.5}), (pg.optim.schedules.Linear, {"steps": 3}),
        (pg.optim.schedules.Cosine, {"steps": 9, "warmup": 2}), (pg.optim.schedules.OneCycle, {"steps": 9}),
        (pg.optim.schedules.Plateau, {"best": float("inf")}),
    ]),
]  # fmt: skip


@pytest.mark.parametrize("value", EVERYTHING, ids=lambda value: type(value).__name__)
def test_all_that_optim_makes_is_restored(value: Any, tmp_path: Path) -> None:
    save(tmp_path / "run", pg.ParameterStore(), optimizer=value, metadata=[value])
    found = load(tmp_path / "run")
    assert (found.optimizer, found.metadata) == (value, [value])


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"store": {}}, pg.InputError, "cannot read store from dict; expected a ParameterStore"),
        ({"optimizer": pg.optim.Adam}, pg.InputError, "cannot read optimizer from Spelled; expected an optimiser, or"),
        ({"optimizer": pg.Key(0)}, pg.InputError, "cannot read optimizer from Key; expected an optimiser, or None"),
        ({"step": 1.5}, pg.InputError, "cannot read step from float; expected an integer"),
        ({"step": -1}, pg.ArgumentError, "step is -1; expected an integer of 0 or more"),
        ({"keys": {"a": 3}}, pg.InputError, "cannot read key `a` from int; expected a Key"),
        ({"keys": pg.Key(0)}, pg.InputError, "save: cannot read keys from Key; expected a dict of keys by name"),
        (
            {"metadata": {"a": {1: 2}}},
            pg.ArgumentError,
            "save: metadata['a'] has the name 1; expected strings, and none that is 'phonograd'",
        ),
        (
            {"metadata": {"phonograd": 1}},
            pg.ArgumentError,
            "save: metadata has the name 'phonograd'; expected strings, and none that is 'phonograd'",
        ),
    ],
)
def test_what_could_not_be_loaded_is_not_saved(
    arguments: dict[str, Any], error: type[Exception], text: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=re.escape(text)):
        save(tmp_path / "run", **{"store": pg.ParameterStore(), **arguments})
    assert not (tmp_path / "run").exists()


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    best = [np.float32(0.5), np.float64(0.1), np.int64(2**40), np.bool_(True), np.array(3)]
    save(tmp_path / "run", pg.ParameterStore(), step=np.int64(7), metadata={"best": best})  # type: ignore[arg-type]
    found = load(tmp_path / "run")
    assert (found.step, found.metadata) == (7, {"best": [0.5, 0.1, 2**40, True, 3]})
    assert [type(value) for value in found.metadata["best"]] == [float, float, int, bool, int]


class Halving(pg.optim.Optimizer):
    name = "halving"

    def __init__(self, by: float) -> None:
        self._freeze(by=by)


@pytest.mark.parametrize("field", ['"step": -1', '"step": true', '"version": 0', '"version": true', '"seed": true'])
def test_numbers_that_no_checkpoint_has_are_refused(field: str, tmp_path: Path) -> None:
    name = field.partition(":")[0]
    rest = [f for f in ('"version": 1', '"seed": 0', '"step": 3', '"keys": {}') if not f.startswith(name)]
    path = tmp_path / "run"
    path.write_bytes(container({"__metadata__": {"phonograd": "{" + ", ".join([*rest, field]) + "}"}}))
    with pytest.raises(pg.CheckpointError):
        load(path)
    path.write_bytes(container({"__metadata__": {"phonograd": "{" + ", ".join(rest) + ', "step": 3}'}}))
    assert load(path).step == 3


def test_optimisers_of_other_classes_are_made_only_if_they_are_named(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    save(path, pg.ParameterStore(), optimizer=Halving(0.5))
    with pytest.raises(
        pg.CheckpointError, match=r"it has a 'Halving', which is not in phonograd\.optim; name the class"
    ):
        load(path)
    assert load(path, classes=[Halving]).optimizer == Halving(0.5)


@pytest.mark.parametrize(
    "text",
    [
        '{"phonograd": "optim", "class": "__import__", "arguments": {}}',
        '{"phonograd": "optim", "class": "ParameterStore", "arguments": {}}',
        '{"phonograd": "optim", "class": "SGD", "arguments": {"rate": -1}}',
        '{"phonograd": "optim", "class": "SGD", "arguments": [1]}',
        '{"phonograd": "optim", "class": ["SGD"], "arguments": {}}',
        '{"phonograd": "optim"}',
        '{"phonograd": "key", "bits": "x"}',
        '{"phonograd": "os.system", "items": ["true"]}',
        '{"phonograd": ["list"]}',
        '{"phonograd": "tuple", "items": []}',
        '{"step": 3}',
        '"SGD"',
        "3",
        "[" * 300 + "]" * 300,
        '{"a":' * 300 + "1" + "}" * 300,
    ],
)
def test_text_that_names_what_it_must_not(text: str, tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    whole = f'{{"version": 1, "step": 3, "keys": {{}}, "optimizer": {text}}}'
    path.write_bytes(container({"__metadata__": {"phonograd": whole}}))
    with pytest.raises(pg.CheckpointError):
        load(path)
    whole = whole.replace(text, "null").replace("{}", '{"k": 5}')
    path.write_bytes(container({"__metadata__": {"phonograd": whole}}))
    with pytest.raises(pg.CheckpointError, match="its step, its keys or its optimiser are of the wrong kind"):
        load(path)


def test_weights_alone_are_no_checkpoint(tmp_path: Path) -> None:
    pg.ParameterStore().save(tmp_path / "w")
    with pytest.raises(
        pg.CheckpointError, match=r"it has parameters and nothing else; read it with ParameterStore.load"
    ):
        load(tmp_path / "w")


@pytest.mark.parametrize(
    "value", [{1, 2}, object(), b"x", np.complex64(1), np.longdouble(1), [object()], lambda: 0, np.zeros(3)]
)
def test_what_cannot_be_written_is_refused_before_the_file_changes(value: object, tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    save(path, pg.ParameterStore(), step=1)
    with pytest.raises(pg.ArgumentError, match=r"save: metadata.* is .*; expected None, booleans"):
        save(path, pg.ParameterStore(), step=2, metadata=value)
    assert load(path).step == 1
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(pg.ArgumentError, match="nested more than 50 times"):
        save(path, pg.ParameterStore(), metadata=loop)


def test_copies_share_arrays_and_nothing_else(store: pg.ParameterStore) -> None:
    store.state["m"] = 1.0
    copy = store.copy()
    assert same_bits(copy, store)
    assert same_bits(copy.state, store.state)
    assert np.shares_memory(copy["wide"], store["wide"])
    copy["wide"], copy.state["m"] = 0.0, 5.0
    assert (store["wide"].shape, store.state["m"].item(), copy.seed) == ((5,), 1.0, store.seed)


# Weights of other libraries ------------------------------------------------------------------------------------------


@pytest.fixture
def torch_file(tmp_path: Path) -> Path:
    """A PyTorch state dict, as safetensors writes it."""
    weight = np.arange(6, dtype="<f4").reshape(2, 3)
    bias, mean, count = np.array([7.0, 8.0], "<f4"), np.array([1.0, 2.0], "<f4"), np.array(5, "<i8")
    header, data = {}, b""
    for name, array in {"net.0.weight": weight, "net.0.bias": bias, "bn.mean": mean, "bn.batches": count}.items():
        kind = "I64" if array.dtype == "<i8" else "F32"
        header[name] = entry(kind, list(array.shape), len(data), len(data) + array.nbytes)
        data += array.tobytes()
    path = tmp_path / "torch.safetensors"
    path.write_bytes(container({"__metadata__": {"format": "pt"}, **header}, data))
    return path


def model() -> pg.ParameterStore:
    store = pg.ParameterStore()
    pg.LinearLayer(pg.Record(), 3, 2, store, id="hidden", bias=True)
    store.state["norm.mean"] = np.zeros(2, "f4")
    return store


NAME_MAPS: dict[str, Any] = {
    "dict": {"net.0.weight": "hidden.weight", "net.0.bias": "hidden.bias", "bn.mean": "norm.mean", "bn.batches": None},
    "function": lambda name: None if name == "bn.batches" else name.replace("net.0", "hidden").replace("bn.", "norm."),
}


@pytest.mark.parametrize("names", NAME_MAPS.values(), ids=NAME_MAPS)
def test_weights_by_name_map(names: Any, torch_file: Path) -> None:
    store = model()
    load_weights(torch_file, store, names, transpose=r"\.weight$")
    assert store["hidden.weight"].tolist() == [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
    assert store["hidden.bias"].tolist() == [7.0, 8.0]
    assert store.state["norm.mean"].tolist() == [1.0, 2.0]


def test_weights_by_patterns(torch_file: Path) -> None:
    store = model()
    store.state["norm.batches"] = 0
    load_weights(
        torch_file, store, [(r"^net\.(\d+)\.", r"layer\1."), ("^layer0", "hidden"), ("^bn", "norm")], transpose="w"
    )
    assert (store["hidden.weight"].shape, store.state["norm.batches"].item()) == ((3, 2), 5)
    store = model()
    load_weights(torch_file, store, [("batches$", None), ("^net.0", "hidden"), ("^bn", "norm")], transpose="weight")
    assert (store["hidden.bias"].tolist(), list(store.state)) == ([7.0, 8.0], ["norm.mean"])


def test_one_array_becomes_several(tmp_path: Path) -> None:
    file, store = pg.ParameterStore(), pg.ParameterStore()
    file["all"] = np.arange(12.0, dtype="f4").reshape(6, 2)
    file.save(tmp_path / "file")
    store.update({name: np.zeros((2, 2), "f4") for name in "qkv"})
    for names in ({"all": ("q", "k", "v")}, [("all", ["q", "k", "v"])], lambda name: ["q", "k", "v"]):
        load_weights(tmp_path / "file", store, names, transpose="k")
        assert {name: value.tolist() for name, value in store.items()} == {
            "q": [[0.0, 1.0], [2.0, 3.0]], "k": [[4.0, 6.0], [5.0, 7.0]], "v": [[8.0, 9.0], [10.0, 11.0]]
        }  # fmt: skip
    with pytest.raises(pg.CheckpointError) as caught:
        load_weights(tmp_path / "file", store, {"all": ("q", "k", "v", "x")})
    assert str(caught.value) == (
        f'load_weights: "{tmp_path / "file"}": `all` has shape (6, 2), which cannot be cut into 4 equal parts; name '
        "a number of parts that divides its first axis"
    )


def test_a_mismatch_names_every_entry_at_once(torch_file: Path) -> None:
    store = model()
    store.update({f"head.{i}": 0.0 for i in range(30)})
    before = store.copy()
    with pytest.raises(pg.CheckpointError) as caught:
        load_weights(torch_file, store, [("net.0", "hidden")])
    missing = ", ".join(f"`head.{i}`" for i in range(30))
    assert str(caught.value) == (
        f'load_weights: "{torch_file}": missing in the file: {missing}, `norm.mean`; not known here: `bn.mean`, '
        "`bn.batches`; misshaped: `hidden.weight` is float32 (2, 3) in the file, float32 (3, 2) here; "
        "name or leave out entries with `names`, and say with `transpose` which lie the other way: `model` for "
        "PyTorch's layers, `()` for none"
    )
    assert same_bits(store, before)
    with pytest.raises(pg.CheckpointError, match=r"^(?!.*missing).*not known here"):
        load_weights(torch_file, store, [("net.0", "hidden")], partial=True)
    with pytest.raises(pg.CheckpointError, match=r"`hidden.bias` is float64 \(2,\) in the file, float32 \(2,\) here"):
        load_weights(torch_file, store, NAME_MAPS["dict"], dtype="float64")
    with pytest.raises(pg.ArgumentError, match=r"two arrays become `x`, the second is `net\.0\.bias`"):
        load_weights(torch_file, store, lambda name: "x")
    load_weights(torch_file, store, NAME_MAPS["dict"], transpose="weight", partial=True)
    assert store["hidden.bias"].tolist() == [7.0, 8.0]


def test_how_square_matrices_lie_must_be_said_of_files_of_others(tmp_path: Path) -> None:
    square = np.array([[1.0, 2.0], [3.0, 4.0]], "<f4")
    store, theirs, own = pg.ParameterStore(), tmp_path / "theirs", tmp_path / "own"
    theirs.write_bytes(container({"a": entry("F32", [2, 2], 0, 16)}, square.tobytes()))
    store["a"] = square * 0
    with pytest.raises(pg.CheckpointError, match="square, so that they fit either way: `a`; say with `transpose`"):
        load_weights(theirs, store)
    assert store["a"].tolist() == [[0.0] * 2] * 2
    for transpose, want in (((), square), ("a", square.T), (["b", "a$"], square.T), ("b", square)):
        load_weights(theirs, store, transpose=transpose)
        assert store["a"].tolist() == want.tolist()
    store.save(own)
    load_weights(own, store)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"store": {}}, pg.InputError, "cannot read store from dict; expected a ParameterStore"),
        (
            {"transpose": True},
            pg.InputError,
            "cannot read transpose from bool; expected regular expressions, or the model",
        ),
        ({"transpose": pg.nn.Linear}, pg.InputError, "cannot read transpose from _Sealing; expected regular"),
        ({"transpose": [1]}, pg.InputError, "cannot read a pattern from int; expected a string"),
        ({"transpose": "("}, pg.ArgumentError, "'(' is no regular expression, missing ), unterminated subpattern"),
        ({"names": [("(", "x")]}, pg.ArgumentError, "'(' is no regular expression"),
        ({"names": 3}, pg.InputError, "cannot read names from int; expected a dict, a function, or pairs of a regular"),
        ({"names": ["a"]}, pg.InputError, "cannot read names from list; expected a dict"),
        ({"names": {"net.0.bias": 3}}, pg.InputError, "cannot read a new name from int; expected a string, a"),
        ({"names": lambda name: [3]}, pg.InputError, "cannot read a new name from list; expected a string"),
    ],
)
def test_what_weights_cannot_be_loaded_by_is_refused(
    arguments: dict[str, Any], error: type[Exception], text: str, torch_file: Path
) -> None:
    with pytest.raises(error, match=re.escape(f"load_weights: {text}")):
        load_weights(**{"path": torch_file, "store": model(), **arguments})


def test_load_is_of_the_class_alone() -> None:
    store = pg.ParameterStore()
    assert not hasattr(store, "load")
    with pytest.raises(AttributeError) as caught:
        store.load("weights.safetensors")
    assert str(caught.value) == (
        "'ParameterStore' object has no attribute 'load'; `ParameterStore.load(path)` makes one, "
        "`phonograd.checkpoint.load_weights(path, store)` loads into one"
    )


def test_running_statistics_come_along_with_weights(tmp_path: Path) -> None:
    model = pg.nn.Sequential(pg.nn.Linear(3, 4), pg.nn.BatchNorm(4), pg.nn.Linear(4, 1))
    store, average, x = pg.ParameterStore(seed=1), pg.optim.ExponentialAverage(0.5), np.eye(3, dtype="f4") * 5 + 2
    for _ in range(5):
        loss = model(pg.Record(store).tensor(x), train=True).square().sum()
        pg.optim.SGD(0.01, momentum=0.9).step(store, loss.grad())
        average.update(store)
    expected = model(pg.Record(store).tensor(x)).data()
    store.save(tmp_path / "w")
    loaded = pg.ParameterStore.load(tmp_path / "w")
    assert sorted(loaded.state) == ["1.running_mean", "1.running_var"]
    assert (model(pg.Record(loaded).tensor(x)).data() == expected).all()
    fresh = model.init(pg.ParameterStore(), x)
    load_weights(tmp_path / "w", fresh)
    assert (model(pg.Record(fresh).tensor(x)).data() == expected).all()
    averaged = average.values(store)
    assert same_bits(averaged.state, loaded.state)
    without = pg.ParameterStore()
    without.update(dict(store.items()))
    without.save(tmp_path / "without")
    with pytest.raises(pg.CheckpointError, match=r"missing in the file: `1\.running_mean`, `1\.running_var`; name"):
        load_weights(tmp_path / "without", fresh)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_narrow_weights_and_states_stay_narrow(dtype: str, tmp_path: Path) -> None:
    model, rows = (
        pg.nn.Sequential(pg.nn.Linear(3, 2, dtype=dtype), pg.nn.BatchNorm(2, dtype=dtype)),
        np.eye(3, dtype="f4"),
    )

    def dtypes(store: pg.ParameterStore) -> set[str]:
        rec = pg.Record(store)
        return {rec.load(kept, name).dtype.name for kept in (store, store.state) for name in kept}

    store = model.init(pg.ParameterStore(seed=0), rows.astype("f2"))
    model(pg.Record(store).tensor(rows, dtype), train=True)
    assert dtypes(store) == {dtype}
    store.save(tmp_path / "w")
    loaded, into = pg.ParameterStore.load(tmp_path / "w"), model.init(pg.ParameterStore(seed=1), rows.astype("f2"))
    load_weights(tmp_path / "w", into)
    for found in (loaded, into):
        assert dtypes(found) == {dtype}
        assert same_bits(found, store)
    wide = pg.nn.Sequential(pg.nn.Linear(3, 2), pg.nn.BatchNorm(2)).init(pg.ParameterStore(), rows)
    with pytest.raises(
        pg.CheckpointError, match=rf"`0\.weight` is {dtype} \(3, 2\) in the file, float32 \(3, 2\) here"
    ):
        load_weights(tmp_path / "w", wide)
    load_weights(tmp_path / "w", wide, dtype="float32")
    assert same_bits(wide, {name: value.astype("f4") for name, value in store.items()})


# No call executes anything -------------------------------------------------------------------------------------------


def test_reading_opens_one_file_and_imports_no_pickle(tmp_path: Path) -> None:
    save(tmp_path / "run", pg.ParameterStore(), optimizer=pg.optim.SGD(0.1), keys={"a": pg.Key(1)})
    program = f"""
    pg.optim, pg.checkpoint
    import json, re
    opened = []
    sys.addaudithook(lambda event, arguments: opened.append((event, arguments)))
    pg.checkpoint.load({str(tmp_path / "run")!r})
    events = {{event for event, _ in opened}}
    bad = {{"compile", "exec", "import", "pickle.find_class", "os.system", "subprocess.Popen", "socket.connect"}}
    print(sorted(events & bad))
    """
    assert run(program) == "[]\n"
