"""What a format's id stands for in a bill of materials, at hand without importing any parser.

The formats themselves (`formats`) say the same; a test holds the two together. A process that only
judges and writes would import every parser of hostile bytes for these few words, and wait for it.
"""

MEDIA_TYPES = {
    "zip": "application/zip",
    "torch-zip": "application/x-pytorch",
    "tar": "application/x-tar",
    "gzip": "application/gzip",
    "bzip2": "application/x-bzip2",
    "xz": "application/x-xz",
    "joblib-zf": "application/octet-stream",
    "pickle": "application/x-python-pickle",
    "torch-legacy": "application/x-pytorch",
    "npy": "application/x-npy",
    "zlib": "application/zlib",
    "lzma": "application/x-lzma",
    "safetensors": "application/vnd.safetensors",
    "gguf": "application/vnd.gguf",
    "onnx": "application/onnx",
    "git-lfs-pointer": "text/plain",
    "json": "application/json",
    "model-card": "text/markdown",
    "jinja": "text/plain",
    "licence-text": "text/plain",
    "pem": "application/x-pem-file",
    "python-pth": "text/plain",
    "python": "text/x-python",
    "pyc": "application/x-python-bytecode",
    "marshal": "application/x-python-marshal",
    "7z": "application/x-7z-compressed",
    "rar": "application/vnd.rar",
    "cab": "application/vnd.ms-cab-compressed",
    "zstd": "application/zstd",
    "lz4": "application/octet-stream",
    "hdf5": "application/x-hdf5",
    "tflite": "application/octet-stream",
    "ort": "application/octet-stream",
    "executorch": "application/octet-stream",
    "catboost": "application/octet-stream",
    "tensorrt": "application/octet-stream",
    "ggml": "application/octet-stream",
    "parquet": "application/vnd.apache.parquet",
    "elf": "application/x-executable",
    "pe": "application/x-executable",
    "mach-o": "application/x-executable",
    "llamafile": "application/x-executable",
}

MODELS = frozenset(  # formats that carry weights or a graph
    {
        "torch-zip",
        "pickle",
        "torch-legacy",
        "npy",
        "safetensors",
        "gguf",
        "onnx",
        "hdf5",
        "tflite",
        "ort",
        "executorch",
        "catboost",
        "tensorrt",
        "ggml",
    }
)
