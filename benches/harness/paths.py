"""Where things are."""

from pathlib import Path

BENCHES = Path(__file__).resolve().parents[1]
ROOT = BENCHES.parent
PEERS = BENCHES / "peers"

# Everything that is built or measured goes here.
OUT = ROOT / "target" / "benches"
RELEASE = OUT / "release"
WORK = OUT / "work"

# The environment of Python's peer.
PYTHON = OUT / "python" / "bin" / "python"

# The function as `make build` and the end-to-end run make it for Lambda.
DEPLOYED = ROOT / "target" / "lambda" / "bootstrap" / "bootstrap"
