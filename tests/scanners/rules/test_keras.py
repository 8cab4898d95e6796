"""What is said of the names in configurations of Keras."""

from __future__ import annotations

import pytest

from aibom.scanners.facts import Configured
from aibom.scanners.rules.keras.names import Kind, judge

HARMFUL = """
    os.system posix.system subprocess.Popen builtins.exec builtins.__import__ builtins.getattr
    builtins.open shutil.rmtree pty.spawn importlib.import_module ctypes.CDLL runpy.run_path
    urllib.request.urlretrieve webbrowser.open pickle.loads marshal.loads timeit.timeit numpy.load
    torch.hub.load joblib.load pandas.read_pickle
    keras.utils.get_file keras.api.utils.get_file keras._tf_keras.keras.utils.get_file
    keras.src.utils.file_utils.get_file tf_keras.utils.get_file tensorflow.keras.utils.get_file
    tensorflow.python.keras.utils.data_utils.get_file keras.config.enable_unsafe_deserialization
    keras.src.saving.serialization_lib.enable_unsafe_deserialization keras.models.load_model
    keras.saving.load_model keras.models.model_from_json keras.src.utils.python_utils.func_load
    keras.utils.deserialize_keras_object keras.layers.deserialize keras.initializers.get
    keras.preprocessing.image.save_img keras.utils.plot_model
    tensorflow.io.write_file tensorflow.py_function tensorflow.load_op_library
    tensorflow.raw_ops.WriteFile tensorflow.raw_ops.ReadFile tensorflow.raw_ops.EagerPyFunc
    antigravity.anything this.thing
"""
ODD = """
    builtins.print builtins.hash json.load functools.partial
    keras.src.backend.common.global_state.set_global_attribute keras.backend.clear_session
    keras.applications.ResNet50 keras.callbacks.LambdaCallback keras.utils.set_random_seed
    keras.layers.__init__ keras.layers.__class__.__base__ tensorflow.keras.callbacks.Callback
"""
ORDINARY = """
    builtins.relu builtins.mse builtins.categorical_accuracy keras.activations.gelu
    keras.losses.mean_squared_error keras.ops.add keras.src.ops.numpy.mean keras.layers.add
    keras.backend.relu keras.applications.resnet.preprocess_input keras.initializers.zeros
    keras.layers.Dense keras.Sequential keras.src.models.functional.Functional
    keras.src.applications.convnext.LayerScale keras.src.ops.numpy.Add keras.utils.FeatureSpace
    tf_keras.layers.Dense tensorflow.python.keras.engine.functional.Functional
    tensorflow.math.add tensorflow.__operators__.add tensorflow.io.decode_jpeg
    tensorflow.raw_ops.Add tensorflow.raw_ops.SaveV2 torch.nn.Linear
"""
OTHERS = """
    builtins.my_loss builtins.MyPkg>my_loss my_package.layers.Attention keras_hub.models.Backbone
    transformers.TFBertModel tensorflow_addons.layers.WeightNormalization
"""


def kind(dotted: str) -> Kind:
    module, _, name = dotted.rpartition(".")
    return judge(Configured(loader="keras", kind="function", key="", module=module, name=name)).kind


def unlike(names: str, wanted: Kind) -> list[tuple[str, Kind]]:
    """Return the names that are judged to be of another kind."""
    return [(each, kind(each)) for each in names.split() if kind(each) is not wanted]


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (HARMFUL, Kind.RUNS),
        (ODD, Kind.ODD),
        (ORDINARY, Kind.MODEL),
        (OTHERS, Kind.OTHERS),
    ],
    ids=["harmful", "odd", "ordinary", "of others"],
)
def test_a_name_is_judged_by_where_it_leads(names: str, wanted: Kind) -> None:
    assert unlike(names, wanted) == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("Dense", Kind.MODEL), ("Custom>Adam", Kind.MODEL), ("MyPkg>MyLayer", Kind.OTHERS)],
)
def test_a_name_without_a_module_is_asked_of_keras(name: str, wanted: Kind) -> None:
    assert judge(Configured(loader="keras", kind="class", key="", name=name)).kind is wanted


@pytest.mark.parametrize("module", ["keras.losses", "my_package", "builtins"])
def test_a_function_in_the_place_of_a_layer_is_odd_whatever_it_does(module: str) -> None:
    found = Configured(loader="keras", kind="layer", key="", module=module, name="mean")
    assert judge(found).kind is Kind.ODD


@pytest.mark.parametrize(
    "module", ["keras.losses.__loader__", "os.path;x", "a b", "..", "x/y", "keras\n"]
)
def test_a_module_that_is_no_name_is_odd(module: str) -> None:
    found = Configured(loader="keras", kind="class", key="", module=module, name="Layer")
    assert judge(found).kind is Kind.ODD
