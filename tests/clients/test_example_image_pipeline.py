"""examples/image-pipeline, deployed by its own script: real images go in, and their thumbnails are looked at pixel by pixel."""

import io
import json
import os
import subprocess
import sys
import time

import pytest
from PIL import Image, ImageDraw

from harness.clients import Clients
from harness.platform import ROOT
from harness.wait import STEP

DEPLOY = ROOT / "examples" / "image-pipeline" / "deploy.py"
BUILD = ROOT / "target" / "image-pipeline"
LANGUAGES = ("python", "node")
SIZES = {"small": 160, "medium": 640, "large": 1280}
RED, GREEN, BLUE, YELLOW = (200, 40, 40), (40, 170, 60), (40, 60, 200), (220, 200, 40)
ORIENTATION = 0x0112
# The watermark's height, of the image's width.
MARK = 0.075
# Seconds that time is moved on by when nothing happens: Lambda tries again after one minute, and after two more.
STRIDE = 100


def picture(width, height):
    """A quarter of each colour, with the grain that photographs have."""
    image = Image.new("RGB", (width, height), RED)
    draw = ImageDraw.Draw(image)
    draw.rectangle((width // 2, 0, width, height // 2), fill=GREEN)
    draw.rectangle((0, height // 2, width // 2, height), fill=BLUE)
    draw.rectangle((width // 2, height // 2, width, height), fill=YELLOW)
    grain = Image.effect_noise((min(width, 2000), min(height, 2000)), 60).resize((width, height)).convert("RGB")
    return Image.blend(image, grain, 0.15)


def encoded(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def on_its_side(image):
    """As a camera that was held upright stores it."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return encoded(image.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=92, exif=exif)


@pytest.fixture(scope="module")
def images():
    """{name: (bytes, width and height as they are to be seen)}"""
    return {
        "held upright+1.jpg": (on_its_side(picture(1200, 1600)), (1200, 1600)),
        "a drawing.png": (encoded(picture(900, 700), "PNG"), (900, 700)),
        "Größe/wide.webp": (encoded(picture(2400, 800), "WEBP", quality=90), (2400, 800)),
        "fifty-megapixels.jpg": (encoded(picture(8660, 5774), "JPEG", quality=90), (8660, 5774)),
    }


@pytest.fixture(scope="module")
def corrupt():
    """A camera's card was pulled out."""
    whole = encoded(picture(1000, 800), "JPEG", quality=90)
    return whole[:200]


@pytest.fixture
def made(fresh):
    platform = fresh().start()
    clients = Clients(platform.url)
    command = [sys.executable, DEPLOY, "--build", BUILD]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, env=environment(clients))
    assert done.returncode == 0, done.stderr
    yield platform, clients, json.loads(done.stdout)
    assert platform.terminate() == 0


def environment(clients):
    kept = {name: value for name, value in os.environ.items() if name.startswith(("npm_", "PIP_", "NODE_")) or "proxy" in name}
    return {**kept, **clients.environment()}


class Seen:
    """What has come to a queue, by the key of the image that it is about."""

    def __init__(self, clients, url, key_of):
        self.sqs, self.url, self.key_of = clients.boto("sqs"), url, key_of
        self.messages = {}

    def keys(self):
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=600)
        for message in answer.get("Messages", []):
            told = json.loads(message["Body"])
            self.messages[self.key_of(told)] = told
        return set(self.messages)


def await_all(platform, seen, wanted, seconds=240):
    """Moves the platform's time on whenever nothing happens by itself any more."""
    deadline, last, since = time.monotonic() + seconds, None, time.monotonic()
    while (found := seen.keys()) < wanted:
        if found != last:
            last, since = found, time.monotonic()
        elif time.monotonic() - since > 10:
            platform.advance(STRIDE, within=120)
            since = time.monotonic()
        assert time.monotonic() < deadline, f"missing after {seconds} s: {wanted - found}"
        time.sleep(STEP * 10)
    assert found == wanted


@pytest.mark.timeout(900)
def test_images_become_thumbnails_and_others_are_told(made, images, corrupt):
    platform, clients, names = made
    s3 = clients.boto("s3")
    for language in LANGUAGES:
        for name, (body, _) in images.items():
            s3.put_object(Bucket=names["uploads"], Key=f"{language}/{name}", Body=body)
        s3.put_object(Bucket=names["uploads"], Key=f"{language}/corrupt.jpg", Body=corrupt)
    s3.put_object(Bucket=names["uploads"], Key="elsewhere/a.jpg", Body=corrupt)

    processed = Seen(clients, names["processed"], lambda told: told["detail"]["key"])
    wanted = {f"{language}/{name}" for language in LANGUAGES for name in images}
    await_all(platform, processed, wanted)
    for language in LANGUAGES:
        for name, (body, size) in images.items():
            told = processed.messages[f"{language}/{name}"]["detail"]
            assert told["by"] == language and (told["width"], told["height"]) == size and told["bytes"] == len(body)
            for thumbnail in told["thumbnails"]:
                look_at(s3.get_object(Bucket=names["results"], Key=thumbnail["key"]), thumbnail, body, size)
    in_the_catalog(clients, names["table"], wanted)
    failures(platform, clients, names)


def look_at(answer, thumbnail, original, size):
    body = answer["Body"].read()
    assert answer["ContentType"] == "image/jpeg" and len(body) == thumbnail["bytes"]
    assert len(body) < len(original), "smaller than what was uploaded"
    image = Image.open(io.BytesIO(body)).convert("RGB")
    most = SIZES[thumbnail["key"].rsplit("/", 1)[1].removesuffix(".jpg")]
    scale = min(1, most / max(size))
    assert image.size == (thumbnail["width"], thumbnail["height"])
    assert all(abs(side - of * scale) <= 1 for side, of in zip(image.size, size, strict=True)), "in proportion"
    for colour, x, y in ((RED, 0.25, 0.25), (GREEN, 0.75, 0.25), (BLUE, 0.25, 0.75), (YELLOW, 0.6, 0.6)):
        assert is_near(around(image, x, y), colour), f"{thumbnail['key']}: the right way up, {colour} at {x}, {y}"
    # The middle of its height, where it has no letters any more.
    height = 1 - MARK / 2 * image.width / image.height
    marked, beside = around(image, 0.97, height), around(image, 0.7, height)
    assert is_near(beside, YELLOW), "beside the watermark"
    assert sum(marked) < 0.75 * sum(YELLOW), f"{thumbnail['key']}: under the watermark it is darker, not {marked}"


def around(image, x, y):
    """The mean colour about a place."""
    x, y = int(image.width * x), int(image.height * y)
    reach = max(1, min(image.size) // 100)
    box = (max(0, x - reach), max(0, y - reach), min(image.width, x + reach), min(image.height, y + reach))
    return image.crop(box).resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))


def is_near(found, colour):
    """The grain makes colours greyer."""
    grained = [0.85 * part + 0.15 * 128 for part in colour]
    return all(abs(one - other) < 40 for one, other in zip(found, grained, strict=True))


def in_the_catalog(clients, table, wanted):
    rows = clients.boto("dynamodb").scan(TableName=table, ConsistentRead=True)["Items"]
    assert {row["key"]["S"] for row in rows} == wanted


def failures(platform, clients, names):
    """What can't be read is tried three times, and then lies in a queue with the reason."""
    failed = Seen(clients, names["failed"], lambda told: told["requestPayload"]["Records"][0]["s3"]["object"]["key"])
    await_all(platform, failed, {f"{language}/corrupt.jpg" for language in LANGUAGES})
    for key, told in failed.messages.items():
        assert told["requestContext"]["condition"] == "RetriesExhausted"
        assert told["requestContext"]["approximateInvokeCount"] == 3
        error = told["responsePayload"]
        assert error["errorType"] == "UnreadableImage" and f"{key} can't be read as an image" in error["errorMessage"]
