"""A configuration of Keras that names what can run code, write, connect or change the loader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Configured
from ...rule import Rule, Severity
from .names import Kind, judge, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(found: Configured) -> Iterator[str]:
    """Keras imports what its configuration names and calls it with arguments that stand there too.

    Versions up to 3.8 take any module; later ones still take functions of Keras itself, some of
    which fetch files, or switch off the very protection against this.

    What to do: do not load it. No model needs such a function; ask its author why it is there.
    """
    judged = judge(found)
    if judged.kind is Kind.RUNS:
        yield f"{spoken(found)}, {judged.why}"


def _named(kind: str, module: str, name: str) -> Configured:
    return Configured(loader="keras", kind=kind, key="config.layers[1]", module=module, name=name)


RULE = Rule(
    id="keras-runs-function",
    title="The Keras configuration names what can run code, write or connect",
    severity=Severity.CRITICAL,
    on=Configured,
    check=check,
    refs=("CWE-502", "CWE-94", "AML.T0011.000"),
    flags=(
        _named("function", "builtins", "eval"),
        _named("function", "os", "system"),
        _named("class", "subprocess", "run"),
        _named("function", "keras.utils", "get_file"),
        _named("class", "keras.src.utils.file_utils", "get_file"),
        _named("function", "keras.config", "enable_unsafe_deserialization"),
        _named("function", "tf_keras.src.saving.serialization_lib", "func_load"),
        _named("function", "keras.losses", "deserialize"),
        _named("function", "tensorflow", "io.write_file"),
        _named("function", "tensorflow.raw_ops", "WriteFile"),
        _named("class", "antigravity", "Layer"),
    ),
    passes=(
        _named("class", "keras.layers", "Dense"),
        _named("function", "builtins", "relu"),
        _named("function", "builtins", "my_loss"),
        _named("function", "keras.activations", "gelu"),
        _named("function", "keras.src.losses.losses", "mean_squared_error"),
        _named("function", "keras.layers", "add"),
        _named("function", "tensorflow", "math.add"),
        _named("function", "tensorflow", "io.decode_jpeg"),
        _named("function", "tensorflow.raw_ops", "Add"),
        _named("class", "mypackage.layers", "Attention"),
        Configured(loader="keras", kind="code", key="config"),
    ),
)
