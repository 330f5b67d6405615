"""A bucket of any S3: `--to s3://bucket/prefix`; endpoint and credentials as boto3 finds them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config

from harness.errors import BadInput, PreconditionError, PublishError
from harness.report.publish.target import Sent, Stored, side_by_side
from harness.report.publish.tree import File

# Checksums that only newer servers know are left out; the MD5 that each put tells is checked by all.
_CONFIG = Config(
    connect_timeout=20,
    read_timeout=120,
    retries={"mode": "standard", "max_attempts": 4},
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)
_REGION = "us-east-1"
"""Where none is configured: servers other than Amazon's have no regions, but requests must name one."""

_DENIED = {"401", "403", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
_ABSENT = {"404", "NoSuchBucket", "NoSuchKey"}


class S3:
    """The objects of a bucket below a prefix."""

    def __init__(self, bucket: str, prefix: str, client: Any) -> None:
        self._bucket, self._client = bucket, client
        self._prefix = f"{prefix}/" if prefix else ""
        self._shown = f"s3://{bucket}/{prefix}"

    @classmethod
    def open(cls, bucket: str, prefix: str) -> S3:
        """Find endpoint and credentials, and see that the bucket is there."""
        session = boto3.session.Session()
        target = cls(bucket, prefix, None)
        with target._told():
            target._client = session.client(
                "s3", region_name=session.region_name or _REGION, config=_CONFIG
            )
            target._client.head_bucket(Bucket=bucket)
        return target

    def look(self, names: Sequence[str]) -> Mapping[str, Stored]:
        """Return those of the files that are there."""
        found: dict[str, Stored] = {}

        def ask(name: str) -> None:
            try:
                answer = self._client.head_object(Bucket=self._bucket, Key=self._prefix + name)
            except exceptions.ClientError as error:
                if _code(error) not in _ABSENT:
                    raise
            else:
                found[name] = Stored(answer["ContentLength"], _md5(answer["ETag"]))

        with self._told():
            side_by_side(ask, names, lambda _: None)
        return found

    def below(self, folder: str) -> Mapping[str, Stored]:
        """Return all files below a folder."""
        pages = self._client.get_paginator("list_objects_v2")
        with self._told():
            return {
                item["Key"].removeprefix(self._prefix): Stored(item["Size"], _md5(item["ETag"]))
                for page in pages.paginate(Bucket=self._bucket, Prefix=f"{self._prefix}{folder}/")
                for item in page.get("Contents", ())
            }

    def read(self, name: str) -> bytes:
        """Return a file that is there."""
        with self._told():
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
            content: bytes = answer["Body"].read()
            return content

    def put(self, files: Sequence[File], sent: Sent) -> None:
        """Put several objects at the same time; each is there at once, or not at all."""

        def store(file: File) -> None:
            with file.path.open("rb") as content:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=self._prefix + file.name,
                    Body=content,
                    ContentType=file.content_type,
                    ContentMD5=base64.b64encode(bytes.fromhex(file.md5)).decode(),
                )

        with self._told():
            side_by_side(store, files, sent)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say what went wrong."""
        try:
            yield
        except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
            raise PreconditionError(f"{self._shown}: {error}. {_CREDENTIALS}") from error
        except exceptions.ClientError as error:
            if _code(error) in _DENIED:
                raise PreconditionError(
                    f"{self._shown}: access is denied ({error}). {_CREDENTIALS}"
                ) from error
            if _code(error) in _ABSENT:
                raise BadInput(
                    f"{self._shown}: there is no bucket {self._bucket!r}. Create it first, "
                    "readable for your readers: `aws s3 mb`, or your provider's command."
                ) from error
            raise PublishError(self._shown, str(error)) from error
        except (exceptions.ParamValidationError, ValueError) as error:
            raise BadInput(f"{self._shown}: {error}") from error
        except exceptions.BotoCoreError as error:
            raise PublishError(
                self._shown, f"{error}. AWS_ENDPOINT_URL selects the S3 service."
            ) from error


_CREDENTIALS = (
    "The key is looked up where every tool for S3 looks it up (AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY, or a profile); it must be allowed to list, read and write there."
)


def _code(error: exceptions.ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _md5(tag: str) -> str | None:
    """Read the MD5 out of an entity tag; one of an object that came in parts is none."""
    tag = tag.strip('"')
    return tag if re.fullmatch("[0-9a-f]{32}", tag) else None
