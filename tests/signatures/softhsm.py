"""A token in software: SoftHSM2, with its files in a folder of the test."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

LIBRARY = next(
    (
        path
        for path in (
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/local/lib/softhsm/libsofthsm2.so",
            "/opt/homebrew/lib/softhsm/libsofthsm2.so",
        )
        if Path(path).exists() and shutil.which("softhsm2-util")
    ),
    None,
)
PIN = "1234"


def make_tokens(folder: Path) -> Any:  # noqa: ANN401 - the library has no types for its C part
    """Make two tokens, "build" with keys and "empty", and return the library that knows them."""
    import pkcs11  # noqa: PLC0415 - an extra
    from pkcs11.util.ec import encode_named_curve_parameters  # noqa: PLC0415

    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(config)
    for label in ("build", "empty"):
        command = ["softhsm2-util", "--init-token", "--free", "--label", label]
        subprocess.run(
            [*command, "--so-pin", PIN, "--pin", PIN], check=True, capture_output=True, timeout=60
        )
    library: Any = pkcs11.lib(str(LIBRARY))
    library.reinitialize()
    token = library.get_token(token_label="build")  # noqa: S106 - a label
    with token.open(user_pin=PIN, rw=True) as session:
        for number, (name, curve) in enumerate(
            [
                ("p256", "secp256r1"),
                ("p384", "secp384r1"),
                ("p521", "secp521r1"),
                ("twin", "secp256r1"),
                ("odd", "1.3.132.0.8"),  # secp160r1
            ]
        ):
            session.create_domain_parameters(
                pkcs11.KeyType.EC,
                {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)},
                local=True,
            ).generate_keypair(label=name, id=bytes([number]), store=True)
        session.generate_keypair(pkcs11.KeyType.RSA, 2048, label="rsa", id=b"\x0a", store=True)
        session.create_domain_parameters(
            pkcs11.KeyType.EC,
            {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")},
            local=True,
        ).generate_keypair(label="twin", id=b"\x0b", store=True)
    return library
