"""The reference libraries of compressed streams, with types."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false

from __future__ import annotations

import lz4.block  # type: ignore[import-untyped]
import lz4.frame  # type: ignore[import-untyped]
import zstandard


def lz4_frame(
    data: bytes, level: int = 0, block: int = 0, *, is_summed: bool = False, is_linked: bool = True
) -> bytes:
    """Return a frame of blocks whose size has the code `block`."""
    return bytes(
        lz4.frame.compress(
            data,
            level,
            block,
            is_summed,
            is_summed,
            block_linked=is_linked,
            store_size=is_summed,
        )
    )


def lz4_block(data: bytes) -> bytes:
    """Return a compressed block with nothing around it."""
    return bytes(lz4.block.compress(data, store_size=False))


def zstd(data: bytes, level: int = 3, *, is_summed: bool = False, is_sized: bool = True) -> bytes:
    """Return a Zstandard frame."""
    packer = zstandard.ZstdCompressor(
        level=level, write_checksum=is_summed, write_content_size=is_sized
    )
    return packer.compress(data)
