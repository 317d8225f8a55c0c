// The same as python/app.py, with sharp: three sizes of each uploaded image, upright and with a watermark, stored in
// another bucket, and an event on the bus.

import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import sharp from "sharp";
import { fileURLToPath } from "node:url";

// The longer side, in pixels.
const SIZES = { small: 160, medium: 640, large: 1280 };
const QUALITY = 80;
// The watermark's width, of the image's.
const SHARE = 0.25;
const MARK = fileURLToPath(new URL("watermark.png", import.meta.url));

const s3 = new S3Client({ forcePathStyle: true });
const events = new EventBridgeClient({});

/** What was uploaded is no image, or a damaged one: trying again won't help. */
class UnreadableImage extends Error {
  name = "UnreadableImage";
}

export async function handler(event) {
  const done = [];
  for (const record of event.Records) done.push(await thumbnailsOf(record.s3));
  return done;
}

async function thumbnailsOf(uploaded) {
  // Keys in notifications are encoded as in a form.
  const bucket = uploaded.bucket.name;
  const key = decodeURIComponent(uploaded.object.key.replaceAll("+", " "));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const body = await Body.transformToByteArray();
  const size = await sizeOf(body, key);
  const thumbnails = [];
  for (const [name, most] of Object.entries(SIZES)) thumbnails.push(await store(body, key, name, most));
  const detail = { bucket, key, ...size, bytes: body.length, by: "node", thumbnails };
  await tell(detail);
  return detail;
}

/** As a viewer shows it: cameras note only in EXIF how they were held. */
async function sizeOf(body, key) {
  const { width, height, orientation } = await readable(key, () => sharp(body).metadata());
  return (orientation ?? 1) >= 5 ? { width: height, height: width } : { width, height };
}

async function readable(key, work) {
  try {
    return await work();
  } catch (error) {
    throw new UnreadableImage(`${key} can't be read as an image: ${error.message}`);
  }
}

async function store(body, key, name, most) {
  const fit = { width: most, height: most, fit: "inside", withoutEnlargement: true };
  const { data, info } = await readable(key, () =>
    sharp(body).rotate().resize(fit).flatten().toColorspace("srgb").raw().toBuffer({ resolveWithObject: true }),
  );
  const mark = await sharp(MARK).resize({ width: Math.max(1, Math.round(info.width * SHARE)) }).png().toBuffer();
  const jpeg = await sharp(data, { raw: info })
    .composite([{ input: mark, gravity: "southeast" }])
    .jpeg({ quality: QUALITY })
    .toBuffer();
  const target = `${key.replace(/\.[^.]*$/, "")}/${name}.jpg`;
  const { RESULTS: Bucket } = process.env;
  await s3.send(new PutObjectCommand({ Bucket, Key: target, Body: jpeg, ContentType: "image/jpeg" }));
  return { key: target, width: info.width, height: info.height, bytes: jpeg.length };
}

async function tell(detail) {
  const { BUS: EventBusName } = process.env;
  const entry = { EventBusName, Source: "image-pipeline", DetailType: "image.processed", Detail: JSON.stringify(detail) };
  const answer = await events.send(new PutEventsCommand({ Entries: [entry] }));
  if (answer.FailedEntryCount) throw new Error(`the bus refused the event: ${JSON.stringify(answer.Entries)}`);
}
