"""Walks through a bucket as a file system with s3fs and prints what it saw as JSON."""

import json
import sys

import s3fs

MIB = 1 << 20
bucket = sys.argv[1]
fs = s3fs.S3FileSystem(default_block_size=5 * MIB, skip_instance_cache=True)
steps = {}

fs.mkdir(bucket)
line = b"a line of text, and one more\n"
with fs.open(f"{bucket}/d/large", "wb") as file:
    for _ in range(13 * MIB // len(line)):
        file.write(line)
steps["large"] = [fs.info(f"{bucket}/d/large")["size"] == 13 * MIB // len(line) * len(line), fs.isfile(f"{bucket}/d/large")]
with fs.open(f"{bucket}/d/large", "rb", block_size=MIB) as file:
    file.seek(29 * 200_000)
    steps["read"] = file.readline() == line
with fs.open(f"{bucket}/d/text", "w") as file:
    file.write("one\n")
fs.pipe({f"{bucket}/d/{n}": b"%d" % n for n in range(5)})
steps["cat"] = {path.rsplit("/")[-1]: body.decode() for path, body in fs.cat([f"{bucket}/d/{n}" for n in range(3)]).items()}
fs.cp(f"{bucket}/d/text", f"{bucket}/e/copy")
fs.mv(f"{bucket}/d/4", f"{bucket}/e/a b+é")
steps["listed"] = sorted(path.split("/", 1)[1] for path in fs.find(bucket))
steps["glob"] = sorted(path.split("/", 1)[1] for path in fs.glob(f"{bucket}/d/[0-2]"))
steps["walk"] = [[sorted(folders), sorted(files)] for _, folders, files in fs.walk(bucket)]
fs.setxattr(f"{bucket}/d/text", colour="red")
steps["about"] = fs.metadata(f"{bucket}/d/text", refresh=True)
fs.rm(f"{bucket}/d", recursive=True)
fs.invalidate_cache()
steps["left"] = [fs.exists(f"{bucket}/d/text"), fs.exists(f"{bucket}/e/copy")]
fs.rm(bucket, recursive=True)
fs.invalidate_cache()
steps["gone"] = fs.exists(bucket)
try:
    fs.open(f"{bucket}/nothing", "rb")
except FileNotFoundError:
    steps["missing"] = True
print(json.dumps(steps))
