"""What callables of Python, and operators of TorchScript, matter to who reads source."""

from __future__ import annotations

IMPORTERS = frozenset({"__import__", "importlib.import_module", "builtins.__import__"})
BUILTINS = frozenset(  # those that can do anything of note
    {
        "__import__", "breakpoint", "builtins", "__builtins__", "compile", "delattr", "eval",
        "exec", "getattr", "globals", "input", "locals", "open", "setattr", "vars", "sys",
    }
)  # fmt: skip
OPENERS = frozenset({"open", "io.open", "codecs.open", "os.fdopen", "gzip.open"})
HANDING_ON = frozenset({"functools.partial", "operator.attrgetter", "staticmethod"})
CALLERS = frozenset(  # what calls a function that it is given, as `list(map(os.system, x))` does
    {
        "map", "filter", "sorted", "max", "min", "iter", "functools.reduce", "atexit.register",
        "itertools.starmap", "itertools.accumulate", "weakref.finalize", "signal.signal",
        "threading.Thread", "threading.Timer", "multiprocessing.Process",
        "_thread.start_new_thread", "operator.call", "contextlib.ExitStack.callback",
        "types.new_class", "concurrent.futures.ThreadPoolExecutor.submit",
        "concurrent.futures.ThreadPoolExecutor.map",
    }
)  # fmt: skip
OPERATORS = frozenset(  # of TorchScript, whose code imports nothing: what does more than compute
    {
        "torch.save", "torch.from_file", "ops.aten.save", "ops.aten.from_file",
        "ops.image.write_file", "ops.torchaudio.sox_io_save_audio_file", "rpc_async", "rpc_sync",
        "rpc_remote",
    }
)  # fmt: skip
