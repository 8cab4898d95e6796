"""A configuration of Keras that names what can run code, write, connect or change the loader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Configured
from ...rule import Rule, Severity
from .names import Kind, example, judge, spoken

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


RULE = Rule(
    id="keras-runs-function",
    title="The Keras configuration names what can run code, write or connect",
    severity=Severity.CRITICAL,
    on=Configured,
    check=check,
    refs=("CWE-502", "CWE-94", "AML.T0011.000"),
    flags=(
        example("function", "builtins", "eval"),
        example("function", "os", "system"),
        example("class", "subprocess", "run"),
        example("function", "keras.utils", "get_file"),
        example("class", "keras.src.utils.file_utils", "get_file"),
        example("function", "keras.config", "enable_unsafe_deserialization"),
        example("function", "tf_keras.src.saving.serialization_lib", "func_load"),
        example("function", "keras.losses", "deserialize"),
        example("function", "tensorflow", "io.write_file"),
        example("function", "tensorflow.raw_ops", "WriteFile"),
        example("class", "antigravity", "Layer"),
    ),
    passes=(
        example("class", "keras.layers", "Dense"),
        example("function", "builtins", "relu"),
        example("function", "builtins", "my_loss"),
        example("function", "keras.activations", "gelu"),
        example("function", "keras.src.losses.losses", "mean_squared_error"),
        example("function", "keras.layers", "add"),
        example("function", "tensorflow", "math.add"),
        example("function", "tensorflow", "io.decode_jpeg"),
        example("function", "tensorflow.raw_ops", "Add"),
        example("class", "mypackage.layers", "Attention"),
        Configured(loader="keras", kind="code", key="config"),
    ),
)
