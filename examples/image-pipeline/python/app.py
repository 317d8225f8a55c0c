"""Called for each image that is uploaded: makes it smaller in three sizes, upright and with a watermark, stores them in
another bucket, and tells the bus."""

import json
import os
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote_plus

import boto3
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

# The longer side, in pixels.
SIZES = {"small": 160, "medium": 640, "large": 1280}
QUALITY = 80
ORIENTATION = ExifTags.Base.Orientation
# The watermark's width, of the image's.
SHARE = 0.25
# Pillow takes what has more pixels for an attack. A camera's pictures have fifty million and more.
Image.MAX_IMAGE_PIXELS = 120_000_000

MARK = Image.open(Path(__file__).parent / "watermark.png").convert("RGBA")

s3, events = boto3.client("s3"), boto3.client("events")


class UnreadableImage(Exception):
    """What was uploaded is no image, or a damaged one: trying again won't help."""


def handler(event, _context):
    return [process(record["s3"]) for record in event["Records"]]


def process(uploaded):
    # Keys in notifications are encoded as in a form.
    bucket, key = uploaded["bucket"]["name"], unquote_plus(uploaded["object"]["key"])
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    image, (width, height) = upright(body, key)
    made = [store(image, key, name, most) for name, most in SIZES.items()]
    detail = {
        "bucket": bucket,
        "key": key,
        "width": width,
        "height": height,
        "bytes": len(body),
        "by": "python",
        "thumbnails": made,
    }
    tell(detail)
    return detail


def upright(body, key):
    """The pixels as a viewer shows them (cameras note only in EXIF how they were held), and the size of the original."""
    try:
        image = Image.open(BytesIO(body))
        size = image.size
        # A JPEG is decoded at a half, a quarter or an eighth if that is still large enough.
        image.draft("RGB", (2 * SIZES["large"], 2 * SIZES["large"]))
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UnreadableImage(f"{key} can't be read as an image: {error}") from error
    on_its_side = image.getexif().get(ORIENTATION, 1) >= 5
    return ImageOps.exif_transpose(image).convert("RGB"), size[::-1] if on_its_side else size


def store(image, key, name, most):
    small = image.copy()
    small.thumbnail((most, most), Image.Resampling.LANCZOS)
    watermark(small)
    out = BytesIO()
    small.save(out, "JPEG", quality=QUALITY, optimize=True)
    target = f"{key.rsplit('.', 1)[0]}/{name}.jpg"
    s3.put_object(Bucket=os.environ["RESULTS"], Key=target, Body=out.getvalue(), ContentType="image/jpeg")
    return {"key": target, "width": small.width, "height": small.height, "bytes": len(out.getvalue())}


def watermark(image):
    """At the bottom, on the right."""
    width = max(1, round(image.width * SHARE))
    mark = MARK.resize((width, max(1, round(width * MARK.height / MARK.width))))
    image.paste(mark, (image.width - mark.width, image.height - mark.height), mark)


def tell(detail):
    entry = {
        "EventBusName": os.environ["BUS"],
        "Source": "image-pipeline",
        "DetailType": "image.processed",
        "Detail": json.dumps(detail),
    }
    answer = events.put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus refused the event: {answer['Entries']}")
