"""Publishing to S3, against a server on this machine."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from rich.console import Console

from harness.errors import BadInput, PreconditionError, PublishError
from harness.report import publish as publishing
from tests.unit.report.publish.conftest import FIRST, Place


def test_browsers_are_told_the_types(tree: Path, s3: Place, console: Console) -> None:
    publishing.publish(tree, s3.to, console=console)
    bucket = s3.to.split("/")[2]
    client = boto3.client("s3", region_name="us-east-1")
    for name, type_ in (
        ("index.html", "text/html; charset=utf-8"),
        (f"{FIRST}/statement.json", "application/json"),
    ):
        assert client.head_object(Bucket=bucket, Key=f"pages/{name}")["ContentType"] == type_
    client.close()


def test_objects_that_came_in_parts_are_compared_by_their_bytes(
    tree: Path, s3: Place, console: Console
) -> None:
    """Their entity tag is no MD5."""
    bucket = s3.to.split("/")[2]
    where = {"Bucket": bucket, "Key": f"pages/{FIRST}/statement.json"}
    client = boto3.client("s3", region_name="us-east-1")
    upload = client.create_multipart_upload(**where)["UploadId"]
    body = (tree / FIRST / "statement.json").read_bytes()
    part = client.upload_part(**where, UploadId=upload, PartNumber=1, Body=body)
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)
    client.close()
    assert publishing.publish(tree, s3.to, console=console).nights == ()


def test_a_missing_bucket_is_told(tree: Path, s3: Place, console: Console) -> None:
    with pytest.raises(BadInput, match="there is no bucket 'no-such'"):
        publishing.publish(tree, "s3://no-such", console=console)
    with pytest.raises(BadInput, match="Invalid bucket name"):
        publishing.publish(tree, "s3://no such", console=console)


def test_missing_credentials_are_told(
    tree: Path, s3: Place, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(PreconditionError, match="AWS_ACCESS_KEY_ID"):
        publishing.publish(tree, s3.to, console=console)


def test_a_server_that_does_not_answer_is_told(
    tree: Path, s3: Place, console: Console, monkeypatch: pytest.MonkeyPatch, nobody: int
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{nobody}")
    with pytest.raises(PublishError, match=r"(?s)Could not connect.*AWS_ENDPOINT_URL"):
        publishing.publish(tree, s3.to, console=console)
