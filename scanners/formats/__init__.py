"""Every format, in the order in which artifacts list them.

Adding a format is one file, one line here and one in `media_types`. A parser turns bytes into facts
and judges nothing.
"""

from ..format import Format
from . import (
    card,
    gguf,
    jinja,
    json_text,
    lfs,
    licence_text,
    npy,
    onnx,
    opaque,
    package_metadata,
    pem,
    pickle,
    pyc,
    python_pth,
    python_source,
    safetensors,
    seven_zip,
    streams,
    tar,
    torch_legacy,
    torch_tar,
    torch_zip,
    zip_inside,
    zip_models,
    zlib_stream,
)
from . import zip as zip_archive

FORMATS: tuple[Format, ...] = (
    zip_archive.FORMAT,
    torch_zip.FORMAT,
    zip_inside.FORMAT,
    *zip_models.FORMATS,
    tar.FORMAT,
    seven_zip.FORMAT,
    *streams.FORMATS,
    pickle.FORMAT,
    torch_legacy.FORMAT,
    torch_tar.FORMAT,
    npy.FORMAT,
    zlib_stream.ZLIB_STREAM,
    zlib_stream.LZMA_STREAM,
    safetensors.FORMAT,
    gguf.FORMAT,
    onnx.FORMAT,
    lfs.FORMAT,
    json_text.FORMAT,
    card.FORMAT,
    jinja.FORMAT,
    licence_text.FORMAT,
    package_metadata.FORMAT,
    pem.FORMAT,
    python_pth.FORMAT,
    python_source.FORMAT,
    *pyc.FORMATS,
    *opaque.FORMATS,
)
