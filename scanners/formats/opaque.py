"""Formats that are known by their first bytes and not read yet, and native programs.

A file of one of the former is never called clean: it becomes `Unread`. A native program is a fact.
Each row of the tables becomes one format. Layouts: the specification that the row names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Metadata, Reason, Unread
from ..format import Format, Match, Parsed, Subject
from ..record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..limits import Budget


@record
class _Known:
    id: str
    title: str
    magics: tuple[bytes, ...]
    spec: str
    suffixes: tuple[str, ...] = ()
    offsets: tuple[int, ...] = (0,)  # where a magic may stand
    media_type: str = "application/octet-stream"
    model: bool = False
    tail: bytes = b""  # the last bytes, where the first ones could be text


_KNOWN = (
    _Known("rar", "RAR archive", (b"Rar!\x1a\x07",), "https://www.rarlab.com/technote.htm",
           (".rar",), media_type="application/vnd.rar"),
    _Known("cab", "cabinet archive", (b"MSCF\0\0\0\0",), "https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-mci",
           (".cab",), media_type="application/vnd.ms-cab-compressed"),
    _Known("zstd-old", "Zstandard stream (before 1.0)", tuple(
               bytes([first]) + b"\xb5\x2f\xfd" for first in (0x1E, *range(0x22, 0x28))),
           "https://github.com/facebook/zstd/tree/dev/lib/legacy"),
    _Known("litert-lm", "LiteRT-LM bundle", (b"LITERTLM",), "https://github.com/google-ai-edge/LiteRT-LM",
           (".litertlm",), model=True),
    _Known("riegeli", "Riegeli records, such as a SavedModel in parts",
           (bytes.fromhex("83af70d10d884a3f000000000000000040"),),
           "https://github.com/google/riegeli/blob/master/doc/riegeli_records_file_format.md",
           ("saved_model.cpb",)),
    _Known("ort", "ONNX Runtime model", (b"ORTM",), "https://onnxruntime.ai/docs/performance/model-optimizations/ort-format-models.html",
           (".ort",), (4,), model=True),
    _Known("executorch", "ExecuTorch program", (b"ET12",), "https://docs.pytorch.org/executorch/stable/pte-file-format.html",
           (".pte",), (4,), model=True),
    _Known("catboost", "CatBoost model", (b"CBM1",), "https://github.com/catboost/catboost",
           (".cbm",), model=True),
    _Known("tensorrt", "TensorRT engine", (b"ptrt", b"ftrt"), "https://docs.nvidia.com/deeplearning/tensorrt/",
           model=True),
    _Known("ggml", "GGML (before GGUF)", (b"lmgg", b"tjgg", b"fmgg", b"algg"), "https://github.com/ggml-org/ggml/blob/master/docs/gguf.md",
           model=True),
    _Known("parquet", "Parquet table", (b"PAR1",), "https://parquet.apache.org/docs/file-format/",
           (".parquet",), media_type="application/vnd.apache.parquet", tail=b"PAR1"),
)  # fmt: skip
UNREAD = frozenset(known.id for known in _KNOWN)  # ids of formats that make a scan incomplete

DOS, PE, PE_OFFSET = b"MZ", b"PE\0\0", slice(0x3C, 0x40)
LLAMAFILE = b"MZqFpD"  # a program of Cosmopolitan Libc; runs on Unix and Windows alike
MACH_O = tuple(bytes.fromhex(each) for each in ("feedface", "feedfacf", "cefaedfe", "cffaedfe"))
MACH_O_FAT, MOST_ARCHITECTURES = b"\xca\xfe\xba\xbe", 30  # Java classes start so, with 45 or more


def _recogniser(known: _Known) -> Callable[[Subject], Match]:
    magics, offsets, tail = known.magics, known.offsets, known.tail

    def recognise(subject: Subject) -> Match:
        """Tell it by its magic bytes."""
        for offset in offsets:
            if subject.head.startswith(magics, offset):
                break
        else:
            return Match.NO
        source = subject.source
        at_end = not tail or source.read_at(source.size - len(tail), len(tail)) == tail
        return Match.CERTAIN if at_end else Match.NO

    return recognise


def _parser(known: _Known) -> Callable[[Subject, Budget], Parsed]:
    def parse(subject: Subject, budget: Budget) -> Parsed:
        """Say that the content was not read."""
        del subject, budget
        yield Unread(reason=Reason.UNSUPPORTED, detail=f"{known.title}: known, not read yet")

    return parse


def _is_elf(head: bytes) -> bool:
    return head.startswith((b"\x7fELF\x01", b"\x7fELF\x02"))


def _is_pe(head: bytes) -> bool:
    at = int.from_bytes(head[PE_OFFSET], "little")
    return head.startswith(DOS) and head.startswith(PE, at)


def _is_mach_o(head: bytes) -> bool:
    is_fat = head.startswith(MACH_O_FAT) and int.from_bytes(head[4:8], "big") < MOST_ARCHITECTURES
    return is_fat or head.startswith(MACH_O)


def _is_llamafile(head: bytes) -> bool:
    return head.startswith(LLAMAFILE)


_PROGRAMS: tuple[tuple[str, str, str, Callable[[bytes], bool]], ...] = (
    ("elf", "ELF", "https://refspecs.linuxfoundation.org/elf/elf.pdf", _is_elf),
    ("pe", "PE", "https://learn.microsoft.com/en-us/windows/win32/debug/pe-format", _is_pe),
    ("mach-o", "Mach-O", "https://github.com/apple-oss-distributions/xnu", _is_mach_o),
    ("llamafile", "llamafile", "https://github.com/mozilla-ai/llamafile", _is_llamafile),
)


def _program(id_: str, title: str, spec: str, is_one: Callable[[bytes], bool]) -> Format:
    def recognise(subject: Subject) -> Match:
        """Tell it by its first header."""
        return Match.CERTAIN if is_one(subject.head) else Match.NO

    def parse(subject: Subject, budget: Budget) -> Parsed:
        """Say that it is native code."""
        del subject, budget
        yield Metadata(key="executable", value=title)

    return Format(
        id=id_,
        title=f"{title} program",
        media_type="application/x-executable",
        spec=spec,
        suffixes=(),
        recognise=recognise,
        parse=parse,
        refines=("pe",) if id_ == "llamafile" else (),
    )


FORMATS: tuple[Format, ...] = (
    *(
        Format(
            id=known.id,
            title=known.title,
            media_type=known.media_type,
            spec=known.spec,
            suffixes=known.suffixes,
            recognise=_recogniser(known),
            parse=_parser(known),
            model=known.model,
        )
        for known in _KNOWN
    ),
    *(_program(*program) for program in _PROGRAMS),
)
