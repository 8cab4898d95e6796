"""Several JSON texts in one file, one a line, as ``gh`` writes attestations and trusted roots.

https://jsonlines.org: a text that is written over several lines is no such file, but one text.
"""

from .errors import SignatureError


def lines(raw: bytes, *, most: int) -> tuple[bytes, ...]:
    """Return the JSON texts in `raw`; itself if it is one text, however that is written.

    Nothing is parsed: of each line only the first and last byte are looked at.

    Raises:
        SignatureError: `json-too-big` if there are more than `most`, empty lines included.
    """
    first, _, rest = raw.lstrip().partition(b"\n")
    if not _is_object(first) or not rest.strip():
        return (raw,)
    others = rest.split(b"\n", most)
    if any(each.strip() for each in others[most - 1 :]):
        raise SignatureError("json-too-big", f"more than {most} lines of JSON, the limit is {most}")
    return (first, *(each for each in others if each.strip()))


def _is_object(line: bytes) -> bool:
    text = line.strip()
    return text.startswith(b"{") and text.endswith(b"}")
