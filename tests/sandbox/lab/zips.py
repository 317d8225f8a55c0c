"""Archives that no tool would make."""

import io
import os
import stat
import struct
import zipfile
import zlib

MAIN = "import os\ndef handler(event, context):\n    return sorted(os.listdir('/var/task'))\n"


def archive(*entries, main=MAIN):
    """A zip of a working function and of (name, content, mode) entries, with names and modes as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content, mode in (("main.py", main, stat.S_IFREG | 0o644), *entries):
            info = zipfile.ZipInfo("x")
            info.filename = name
            info.create_system, info.external_attr = 3, mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(info, content)
    return buffer.getvalue()


def link(name, target):
    return name, target, stat.S_IFLNK | 0o777


def file(name, content="evil", mode=0o644):
    return name, content, stat.S_IFREG | mode


def _local(name, crc, packed, size, method, extra=b""):
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, method, 0, 0x21, crc, packed, size, len(name), len(extra)) + name + extra


def _central(name, crc, packed, size, method, at, mode, extra=b""):
    head = struct.pack("<4sBB5H3L5H2L", b"PK\1\2", 20, 3, 20, 0, method, 0, 0x21, crc, packed, size, len(name), len(extra), 0, 0, 0, mode << 16, at)
    return head + name + extra


def by_hand(entries, declared=None):
    """(name, content, mode, extra field) entries; `declared` is written as the size of all of them."""
    body, index = b"", b""
    for name, content, mode, extra in entries:
        name, at = name.encode(), len(body)
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush()
        told = (name, zlib.crc32(content), len(packed), len(content) if declared is None or name == b"main.py" else declared, 8)
        body += _local(*told, extra) + packed
        index += _central(*told, at, mode, extra)
    return body + index + _end(len(entries), len(index), len(body))


def _end(count, size, at):
    """With the extension for more than 65,535 entries."""
    if count < 0xFFFF:
        return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, size, at, 0)
    long = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, at)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, at + size, 1)
    return long + locator + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)


def lying(size, declared):
    """A package whose one big file is larger than it says."""
    main = ("main.py", MAIN.encode(), stat.S_IFREG | 0o644, b"")
    return by_hand([main, ("big", bytes(size), stat.S_IFREG | 0o644, b"")], declared)


def hard_link(name, target, main=MAIN):
    """An entry that PKWARE's extension for Unix says to be another name of a file."""
    data = struct.pack("<2L2H", 0, 0, 0, 0) + target.encode()
    extra = struct.pack("<2H", 0x000D, len(data)) + data
    first = ("main.py", main.encode(), stat.S_IFREG | 0o644, b"")
    return by_hand([first, (name, b"", stat.S_IFREG | 0o644, extra)])


def many(count):
    """Entries that share one body, so that many of them take little room."""
    content = MAIN.encode()
    body = _local(b"main.py", zlib.crc32(content), len(content), len(content), 0) + content
    told = zlib.crc32(content), len(content), len(content), 0, 0, stat.S_IFREG | 0o644
    index = b"".join(_central(name.encode(), *told) for name in ["main.py", *(f"{number:x}" for number in range(count - 1))])
    return body + index + _end(count, len(index), len(body))


def unpack_naively(package, root):
    """As a program would that believes what archives say: the control."""
    with zipfile.ZipFile(io.BytesIO(package)) as read:
        for info in read.infolist():
            path, mode = os.path.join(root, info.filename), info.external_attr >> 16
            os.makedirs(os.path.dirname(path), exist_ok=True)
            content = read.read(info)
            if stat.S_ISLNK(mode):
                os.symlink(content.decode(), path)
            else:
                with open(path, "wb") as written:
                    written.write(content)
                os.chmod(path, stat.S_IMODE(mode) or 0o644)
