"""Reads a PyTorch checkpoint without PyTorch, and without letting it run anything."""

from __future__ import annotations

import hashlib
import pickle
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import attrs
import numpy as np
import numpy.typing as npt

from contracts.errors import BadInput

MAGIC = 0x1950A86A20F9469CFC6C  # how a checkpoint of PyTorch before 1.6 begins
PROTOCOL = 1001
TYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
Tensors = dict[str, npt.NDArray[Any]]


@attrs.define
class _Storage:
    """The numbers several tensors may share; they follow after the pickles."""

    dtype: np.dtype[Any]
    count: int
    values: npt.NDArray[Any] | None = None


@attrs.frozen
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> npt.NDArray[Any]:
        values = self.storage.values
        steps = sum((size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True))
        if values is None or min(*self.strides, self.offset, 0) < 0 or self.offset + steps >= len(values):
            raise BadInput("checkpoint", "tensor", "numbers that lie within its storage", self.shape)
        strides = tuple(stride * values.itemsize for stride in self.strides)
        return np.lib.stride_tricks.as_strided(values[self.offset :], self.shape, strides).copy()


class _Reader(pickle.Unpickler):
    """Knows tensors, their numbers and ordered dictionaries, and refuses every other name."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Callable[..., Any] | str:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: _Tensor(storage, offset, tuple(shape), tuple(strides))
        if module == "torch" and name in TYPES:
            return name
        raise BadInput("checkpoint", "pickle", "tensors alone", f"{module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, _, count, *_ = pid
        return self.storages.setdefault(key, _Storage(TYPES[kind], int(count)))


def read_checkpoint(path: Path, sha256: str) -> Tensors:
    """Return the named arrays of a checkpoint written by PyTorch before 1.6.

    Args:
        path: the file.
        sha256: what its bytes must hash to; checked before anything is read from it.

    Raises:
        BadInput: another file, or one that holds anything but arrays.
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            raise BadInput(path.name, "SHA-256", sha256, found)
        file.seek(0)
        return _read(file)


def _read(file: BinaryIO) -> Tensors:
    if _Reader(file).load() != MAGIC or _Reader(file).load() != PROTOCOL:
        raise BadInput("checkpoint", "header", "that of PyTorch before 1.6", "another")
    _Reader(file).load()  # the machine that wrote it
    reader = _Reader(file)
    named = reader.load()
    for key in _Reader(file).load():
        storage = reader.storages[key]
        count = int.from_bytes(file.read(8), "little")
        if count != storage.count:
            raise BadInput("checkpoint", key, f"{storage.count} numbers", count)
        storage.values = np.frombuffer(file.read(storage.count * storage.dtype.itemsize), storage.dtype)
    return {name: tensor.array() for name, tensor in named.items()}
