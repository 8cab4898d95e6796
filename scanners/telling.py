"""What makes a call worth a closer look.

The pickle kernel, which merges calls that are alike, and the rules, which judge one of each kind,
have to agree about it.
"""

from __future__ import annotations

from .patterns import pattern
from .values import Opaque

# Arguments of the calls beyond those that are kept, or keywords of one that stands for many.
MANY = Opaque("more calls, with other arguments")

# Bytes that protocols before 3 write as a text, where a loader of the pickle would load them: they
# were decoded, and are judged as a part.
READ_APART = Opaque("bytes that are read apart")

PATH_OR_CODE = pattern(r"[/\\\\;|&$`(){}<>\s=]|\.\.|://|^[\w-]+\.[\w.-]+$")
SHORTEST_TEXT = 4  # characters; shorter ones name no file, address or command


def is_telling(text: str) -> bool:
    """Whether a text could be a path, an address, a command or code."""
    return len(text) >= SHORTEST_TEXT and PATH_OR_CODE.search(text) is not None


# Classes that run what they are made with: of these a word counts, as it does for a function.
_RUNNER = pattern(
    r"Dispatch|ShellExecute\w*|\w*(?:Popen|Command|Process|Shell|Exec|Execute|Executor|Runner"
    r"|Evaluator|Interpreter|Terminal)"
)
_EXCEPTION = pattern(r"\w*(?:Error|Err|Exception|Warning)")
_SENTENCE = pattern(r"[\w.,:!?'-]+(?: [\w.,:!?'-]+)+")
# Words with which commands begin, and hardly a message or a phrase of a vocabulary.
_COMMAND = pattern(
    r"(?:ba|z|da|k|c)?sh |(?:cmd|powershell|pwsh)(?:\.exe)? |(?:curl|wget|ncat|nc|socat|scp|ssh) "
    r"|(?:rm|chmod|chown|chattr|mkdir|mkfifo|touch|sudo|crontab|nohup|whoami|xargs) "
    r"|(?:python[\d.]*|perl|ruby|node|php) \S+\.(?:py|pl|rb|js|php)\b"
)
# An exception keeps its message: of the classes named as exceptions in the analysed packages none
# opens or runs it (docs/capability.md). Commands and addresses count all the same.
_NO_MESSAGE = pattern(r"://|^\s*-|`|\$\(|[|&]\s*\w+\s*$")
_JOINED = pattern(r"[;|&\n]\s*")
_NO_SENTENCE = pattern(r"\.\.| -|^-|://|(?<!\w)'|'(?!\w)")
_OPTION = pattern(r"--?[A-Za-z][\w=.,:/-]*(?<!-)")
_WORD = pattern(r"[\w./\\:+-]+")
_PRINTABLE = pattern(rb"[ -~\t\n\r]*")
LONGEST_COMMAND = 4096  # bytes; what is longer is data


def is_runner(name: str) -> bool:
    """Whether a class, by the last part of its name, runs what it is made with."""
    return _RUNNER.fullmatch(name.rpartition(".")[2]) is not None


def is_exception(name: str) -> bool:
    """Whether a class, by the last part of its name, is an exception."""
    return _EXCEPTION.fullmatch(name.rpartition(".")[2]) is not None


def is_sentence(text: str) -> bool:
    """Whether a text is words and marks alone: no path, option, quote, assignment or command."""
    is_command = _COMMAND.match(text) or _NO_SENTENCE.search(text)
    return _SENTENCE.fullmatch(text) is not None and not is_command


def is_message(text: str) -> bool:
    """Whether a text says something, perhaps of a file or a value: no address and no command."""
    is_command = any(_COMMAND.match(each) for each in _JOINED.split(text))
    return not is_command and _NO_MESSAGE.search(text) is None


def is_command_line(items: tuple[object, ...]) -> bool:
    """Whether items are a program and its arguments, of which one is an option."""
    if len(items) < len(("program", "option")):
        return False
    first, *rest = items
    return (
        isinstance(first, str)
        and _WORD.fullmatch(first) is not None
        and all(isinstance(each, str) for each in rest)
        and any(_OPTION.fullmatch(str(each)) for each in rest)
    )


def text_in(head: bytes, length: int) -> str:
    """Return bytes as a text that could be a command or code, by how they begin; "" for data."""
    is_text = length <= LONGEST_COMMAND and _PRINTABLE.fullmatch(head)
    return head.decode("ascii") if is_text else ""


MAKERS = {"str", "chr", "repr", "ascii", "format"}


def makes_text(module: str, name: str) -> bool:
    """Whether a function of Python returns a text that it puts together."""
    if module in {"codecs", "_codecs"}:
        return name.endswith("decode")
    is_method = name.startswith("str.") or name.endswith(".decode")
    return module == "builtins" and (is_method or name in MAKERS)


TELLING = "telling text"  # the kind beyond which nothing more telling can come


def kind_of(text: str) -> str:
    """Return what is equal for texts that the functions above tell alike, names apart."""
    if is_telling(text):
        if is_sentence(text):
            return "sentence"
        return "message" if is_message(text) else TELLING
    if _OPTION.fullmatch(text):
        return "option"
    return "word" if _WORD.fullmatch(text) else "text"
