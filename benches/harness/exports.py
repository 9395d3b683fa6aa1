"""A table's export, as DynamoDB writes it: gzip files of lines, a manifest of them, and a summary."""

import base64
import gzip
import hashlib
import json
import random
from pathlib import Path

from harness import inputs

ID = "01689103530000-0123abcd"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
PREFIX = f"AWSDynamoDB/{ID}"

# The keys of the items.
KEYS = "pk,sk"

FILES, ITEMS_PER_FILE = 4, 20_000


def generate(folder: Path, repeated: tuple = (1,) * FILES) -> tuple[Path, int]:
    """Writes an export of orders. The items of each file are repeated as often as `repeated` says. Returns the export's
    folder and the bytes of text in its files."""
    folder = folder / PREFIX
    (folder / "data").mkdir(parents=True, exist_ok=True)
    manifest, size = [], 0
    for index, times in enumerate(repeated):
        text = lines(index)
        size += len(text) * times
        manifest.append(data_file(folder, index, text, times))
    described = "".join(json.dumps(line) + "\n" for line in manifest).encode()
    write(folder, "manifest-files", described)
    items = sum(line["itemCount"] for line in manifest)
    write(folder, "manifest-summary", json.dumps(summary(items)).encode())
    return folder, size


def lines(file: int) -> bytes:
    chance = random.Random(inputs.SEED + file)
    first = file * ITEMS_PER_FILE
    items = ({"Item": inputs.order(chance, first + index)} for index in range(ITEMS_PER_FILE))
    return "".join(json.dumps(item, ensure_ascii=False, separators=(",", ":")) + "\n" for item in items).encode()


def data_file(folder: Path, index: int, text: bytes, times: int) -> dict:
    """Writes a data file and returns its line of the manifest."""
    content = gzip.compress(text, compresslevel=6, mtime=0)
    name = f"data/{index:026}.json.gz"
    stored = hashlib.md5()
    with (folder / name).open("wb") as file:
        for _ in range(times):
            file.write(content)
            stored.update(content)
    checksum = {"md5Checksum": base64.b64encode(stored.digest()).decode(), "etag": f"{stored.hexdigest()}-1"}
    return {"itemCount": ITEMS_PER_FILE * times, **checksum, "dataFileS3Key": f"{PREFIX}/{name}"}


def summary(items: int) -> dict:
    return {
        "version": "2020-06-30",
        "exportArn": f"{TABLE}/export/{ID}",
        "startTime": "2023-07-11T19:26:00.000Z",
        "endTime": "2023-07-11T19:31:00.000Z",
        "tableArn": TABLE,
        "tableId": "ec9b3b3c-5b7c-4b5a-8f0e-2f0f4f7d7c11",
        "exportTime": "2023-07-11T19:25:30.000Z",
        "s3Bucket": "bench",
        "s3Prefix": None,
        "s3SseAlgorithm": "AES256",
        "s3SseKmsKeyId": None,
        "manifestFilesS3Key": f"{PREFIX}/manifest-files.json",
        "billedSizeBytes": 1,
        "itemCount": items,
        "outputFormat": "DYNAMODB_JSON",
    }


def write(folder: Path, name: str, content: bytes) -> None:
    (folder / f"{name}.json").write_bytes(content)
    (folder / f"{name}.md5").write_text(md5(content))


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content).digest()).decode()
