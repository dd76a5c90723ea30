"""Descriptors of stored pictures."""

from __future__ import annotations

from matchers.images.descriptor import VERSION, Descriptor, describe
from triage.derived import Derived

DESCRIPTORS = Derived(
    version=VERSION, make=describe, dump=Descriptor.to_bytes, load=Descriptor.from_bytes, suffix="npz"
)
descriptor = DESCRIPTORS.of
prepare = DESCRIPTORS.prepare
