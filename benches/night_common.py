"""What the bare nights in Python share: the date, the key, and keyed hashes of identifiers."""

import datetime
import hmac
import pathlib

NIGHT = datetime.date(2026, 3, 10)
AHEAD = NIGHT + datetime.timedelta(days=21)
YEAR_AGO = NIGHT.replace(year=NIGHT.year - 1)


def places(arguments):
    """Workspace, output folder and snapshot folder."""
    workspace, output = pathlib.Path(arguments[1]), pathlib.Path(arguments[2])
    output.mkdir(parents=True, exist_ok=True)
    directory = workspace / "directory"
    return workspace, output, directory / (directory / "CURRENT").read_text().strip()


def hasher(workspace):
    """HMAC-SHA-256 of a message, the first 16 bytes in hex: what stands for a person."""
    line = workspace.with_name(workspace.name + ".key").read_text().strip()
    key = bytes.fromhex(line.split(":")[1])
    return lambda message: hmac.digest(key, message.encode(), "sha256")[:16].hex()


def learner(identifier):
    return f"learner\x1f\x1f{identifier.strip().upper()}"


def staff(establishment, code):
    return f"staff\x1f{establishment}\x1f{code.strip().upper()}"
