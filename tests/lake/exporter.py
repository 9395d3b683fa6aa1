"""Full exports in DynamoDB JSON, laid out as DynamoDB lays them out ("DynamoDB table export output format")."""

import base64
import gzip
import hashlib
import json
from datetime import datetime, timezone

import history
import items


def write(folder, random, export, files=16):
    """The manifests and data files below `folder`/AWSDynamoDB/ID; returns that folder."""
    place = folder / "AWSDynamoDB" / export.id
    (place / "data").mkdir(parents=True)
    manifest = []
    for index in range(files):
        lines = [line(random, item) for _, item in export.items[index::files]]
        body = gzip.compress("".join(lines).encode(), compresslevel=1, mtime=0)
        name = f"data/{index:026}.json.gz"
        (place / name).write_bytes(body)
        manifest.append({
            "itemCount": len(lines), "md5Checksum": md5(body), "etag": f"{hashlib.md5(body).hexdigest()}-1",
            "dataFileS3Key": f"AWSDynamoDB/{export.id}/{name}",
        })  # fmt: skip
    write_manifest(place, "manifest-files", "".join(json.dumps(entry) + "\n" for entry in manifest))
    write_manifest(place, "manifest-summary", json.dumps(summary(export)))
    return place


def line(random, item):
    """Attributes in any order, strings escaped as any writer may."""
    return json.dumps({"Item": items.shuffled(random, item)}, ensure_ascii=random.random() < 0.5, separators=(",", ":")) + "\n"


def summary(export):
    moment = datetime.fromtimestamp(export.at / history.SECOND, timezone.utc)
    return {
        "version": "2020-06-30", "exportArn": export.arn, "startTime": iso(moment), "endTime": iso(moment),
        "tableArn": export.arn.split("/export/")[0], "tableId": "ec9b3b3c-5b7c-4b5a-8f0e-2f0f4f7d7c11",
        "exportTime": iso(moment), "s3Bucket": "exports", "s3Prefix": None, "s3SseAlgorithm": "AES256",
        "s3SseKmsKeyId": None, "manifestFilesS3Key": f"AWSDynamoDB/{export.id}/manifest-files.json",
        "billedSizeBytes": 0, "itemCount": len(export.items), "outputFormat": "DYNAMODB_JSON",
    }  # fmt: skip


def write_manifest(place, name, text):
    (place / f"{name}.json").write_text(text)
    (place / f"{name}.md5").write_text(md5(text.encode()))


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"


def md5(body):
    return base64.b64encode(hashlib.md5(body).digest()).decode()
