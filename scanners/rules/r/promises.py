"""What the rules about R share: which functions of R an expression may call and do no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...artifact import Artifact
    from ...source import Span

# Of R's base and stats packages: they compute. None evaluates a text, opens a file or looks up a
# function by a name that it is given.
HARMLESS = frozenset(
    {
        "(", "{", "[", "[[", "$", "@", "+", "-", "*", "/", "^", "%", "%%", "%/%", "%in%", "%*%",
        "<", ">", "<=", ">=", "==", "!=", "!", "&", "&&", "|", "||", ":", "~", "=", "<-", "if",
        "for", "while", "repeat", "break", "next", "function", "return", "c", "list", "vector",
        "numeric", "character", "logical", "integer", "double", "factor", "data.frame", "matrix",
        "array", "names", "colnames", "rownames", "dimnames", "dim", "length", "nrow", "ncol",
        "NROW", "NCOL", "seq", "seq_len", "seq_along", "rep", "rev", "sort", "order", "unique",
        "which", "which.max", "which.min", "any", "all", "is.null", "is.na", "is.numeric",
        "is.character", "is.factor", "is.function", "is.list", "inherits", "missing", "match.arg",
        "nargs", "identity", "sum", "mean", "min", "max", "range", "abs", "sqrt", "exp", "log",
        "log2", "log10", "log1p", "round", "floor", "ceiling", "cumsum", "prod", "var", "sd",
        "median", "quantile", "paste", "paste0", "sprintf", "format", "nchar", "substr",
        "toupper", "tolower", "as.numeric", "as.integer", "as.character", "as.logical",
        "as.factor", "as.vector", "as.matrix", "as.data.frame", "as.list", "as.formula",
        "formula", "terms", "model.frame", "model.matrix", "na.omit", "na.fail", "levels",
        "cbind", "rbind", "t", "crossprod", "solve", "diag", "stop", "warning", "invisible",
        "structure", "attr", "attributes", "class", "unclass", "quote", "substitute",
        "expression", "NULL", "TRUE", "FALSE", "NA", "Inf", "NaN", "pi", "T", "F",
    }
)  # fmt: skip
# Functions that start programs, run text, load code, or change files; "…" are too many to tell.
REACHING = frozenset(
    {
        "…",
        "system", "system2", "shell", "shell.exec", "pipe", "eval", "evalq", "parse", "source",
        "sys.source", "do.call", "match.fun", "get", "get0", "mget", "assign", "Recall",
        "dyn.load", "library.dynam", ".C", ".Call", ".External", ".Internal", "url", "file",
        "socketConnection", "download.file", "readLines", "readRDS", "load", "loadNamespace",
        "requireNamespace", "library", "require", "attachNamespace", "install.packages",
        "writeLines", "write", "cat", "sink", "unlink", "file.remove", "file.rename", "file.copy",
        "Sys.setenv", "Sys.chmod", "setwd", "q", "quit", "fifo", "gzfile", "serialize",
        "unserialize", "Reduce", "Map", "lapply", "sapply", "vapply", "Filter", "local", "with",
        "within", "delayedAssign", "makeActiveBinding", "reg.finalizer", "trace", "::", ":::",
        "getFromNamespace", "getExportedValue", "browseURL", "rawConnection", "socketSelect",
        "nsl", "curlGetHeaders", "on.exit", "environment<-", "body<-", "formals<-", "as.function",
        "rapply", "outer", "mapply", "Vectorize", "tryCatch", "try",
    }
)  # fmt: skip


def evaluated(artifact: Artifact, start: str) -> Iterator[tuple[Span, str, str, set[str]]]:
    """Yield each expression under a key that begins so: place, key, as R writes it, its names."""
    found: dict[tuple[Span, str, str], set[str]] = {}
    for fact in artifact.facts:
        if isinstance(fact, Named) and fact.by == "R" and fact.key.startswith(start):
            shown = fact.texts[0] if fact.texts else ""
            found.setdefault((fact.at, fact.key, shown), set()).add(fact.name)
    for (at, key, shown), names in found.items():
        yield at, key, shown, names
