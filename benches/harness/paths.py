"""Where things are."""

from pathlib import Path

BENCHES = Path(__file__).resolve().parents[1]
ROOT = BENCHES.parent
PEERS = BENCHES / "peers"

# Everything that is built or measured goes here.
OUT = ROOT / "target" / "benches"
RELEASE = OUT / "release"
WORK = OUT / "work"
