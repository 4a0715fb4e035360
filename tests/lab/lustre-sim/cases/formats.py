# SPDX-License-Identifier: Apache-2.0
"""mkfs.lustre and tunefs.lustre: facts 1 and 2."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import time
from pathlib import Path

from .nodes import Bench, Result, wait_until

OST = "--ost --fsname=lustrewt --index=0 --mgsnode=10.9.0.1@tcp"

# facts 1.2: arguments, exit status, a piece of what is said
ARGUMENT_ERRORS = [
    ("--fsname=lustrewt --index=0", 22, "FATAL: must set target type: MDT,OST,MGS"),
    ("--ost --fsname=lustrewt --index=0", 22, "FATAL: Must specify --mgsnode"),
    ("--ost --index=0 --mgsnode=10.9.0.1@tcp", 22, "FATAL: Must specify --fsname for MDT/OST device"),
    ("--ost --fsname=ninechars", 1, "filesystem name must be 1-8 chars"),
    ("--ost --fsname=bad.name", 1, "char '.' not allowed in filesystem name"),
    ("--ost --fsname=bad/na", 1, "char '/' not allowed in filesystem name"),
    ("--ost --mgsnode=10.9.0.999@tcp", 1, "Can't parse NID '10.9.0.999@tcp'"),
    ("--ost --mgsnode=10.9.0.999@tcp", 1, "Unsupported NID '10.9.0.999@tcp': rc = Unknown error -22."),
    ("--ost --index=abc", 1, "wrong index abc. Target index must be decimal or hexadecimal."),
    ("--ost --index=65535", 1, "must be less than 65504"),
    ("--mgs --ost --fsname=lustrewt --index=0", 22, "OST type is exclusive with MDT,MGS"),
    ("--ost --nosuchoption", 22, "exiting with 22 (Invalid argument)"),
    (f"{OST} --failnode=10.9.0.2 --servicenode=10.9.0.2", 1, "servicenode cannot use with --failnode"),
    (f"{OST} -b bogus", 22, "bogus"),
]

# facts 1.1: target, size in GiB, options; what mke2fs is given (dirdata and quota left out here)
COMMANDS = [
    (
        "--mgs",
        8,
        "mke2fs -j -b 4096 -L MGS  -q -O uninit_bg,extents,dir_nlink,huge_file,large_dir,^fast_commit,flex_bg"
        ' -E lazy_journal_init,lazy_itable_init="0",packed_meta_blocks -F DEV 8388608k',
    ),
    (
        "--mgs --mdt --fsname=lustrewt --index=0",
        8,
        "mke2fs -j -b 4096 -L lustrewt:MDT0000  -J size=327 -I 1024 -i 2560 -q -O uninit_bg,extents,"
        "dir_nlink,huge_file,ea_inode,large_dir,^fast_commit,flex_bg"
        ' -E lazy_journal_init,lazy_itable_init="0",packed_meta_blocks -F DEV 8388608k',
    ),
    (
        OST,
        8,
        "mke2fs -j -b 4096 -L lustrewt:OST0000  -J size=327 -I 512 -q -O uninit_bg,extents,dir_nlink,"
        "huge_file,large_dir,^fast_commit,flex_bg -G 256"
        ' -E resize="4290772992",lazy_journal_init,lazy_itable_init="0",packed_meta_blocks -F DEV 8388608k',
    ),
    (OST, 12, "-J size=491 -I 512 -i 69905 "),
    (OST, 4095, "-J size=1024 -I 512 -i 262144 "),
    (OST, 12288, "-i 524288 "),
    (
        f"{OST} --mkfsoptions=-E!nodiscard,stride=64,stripe_width=128,lazy_itable_init=1",
        8,
        '-E nodiscard,stride=64,stripe_width=128,lazy_itable_init=1,resize="4290772992",'
        "lazy_journal_init,packed_meta_blocks -F",
    ),
]


def format_small(bench: Bench, words: str, *more: str) -> tuple[Path, Result]:
    image = bench.file(64)
    return image, bench.here("mkfs.lustre", *words.split(), *more, image)


def label(path: Path | str) -> str:
    done = subprocess.run(["e2label", path], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def dump(bench: Bench, image: Path, name: str) -> bytes:
    copy = bench.folder / "dump"
    copy.unlink(missing_ok=True)
    subprocess.run(
        ["debugfs", "-c", "-R", f"dump {name} {copy}", image], capture_output=True, check=True
    )
    return copy.read_bytes() if copy.exists() else b""


def case_debugfs_knows_lustres_features(bench: Bench) -> None:
    """As the real one says it (facts 12); what it is asked of an image is the machine's own."""
    debugfs = str(bench.programs / "files/debugfs")
    argv = [debugfs, "-c", "-R", "supported_features"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    first = done.stdout.splitlines()[0].split()
    assert first[:2] == ["Supported", "features:"], done
    assert "dirdata" in first and "has_journal" in first, done
    image, _ = format_small(bench, OST)
    done = subprocess.run([debugfs, "-c", "-R", "ls -p /", image], capture_output=True, text=True, check=True)
    assert "/CONFIGS/" in done.stdout, done


def case_argument_errors(bench: Bench) -> None:
    for words, status, text in ARGUMENT_ERRORS:
        image, result = format_small(bench, words)
        assert result.status == status, (words, result)
        assert text in result.err, (words, result)
        assert image.read_bytes() == bytes(64 << 20), f"{words}: something was written"
        image.unlink()


def case_odd_arguments_that_are_accepted(bench: Bench) -> None:
    image, result = format_small(bench, OST.replace("lustrewt", "lus-re"))
    assert result.status == 0 and label(image) == "lus-re:OST0000"
    image, result = format_small(bench, OST.replace("index=0", "index=0x0010"))
    assert label(image) == "lustrewt:OST0010", result
    image, result = format_small(bench, OST.replace("@tcp", ""))
    assert "Parameters: mgsnode=10.9.0.1@tcp\n" in result.out
    image, result = format_small(bench, "--mgs --index=0")
    assert result.status == 0 and result.out.startswith("usage:") and not any(image.read_bytes())
    image, result = format_small(bench, OST.replace("--index=0", ""))
    assert result.status == 0 and label(image) == "lustrewt:OSTffff"
    assert "the target index must be specified with --index" in result.err
    assert "Flags:      0x72\n              (OST needs_index first_time update )" in result.out


def case_missing_device(bench: Bench) -> None:
    result = bench.here("mkfs.lustre", *OST.split(), "/dev/nonexist")
    assert result.status == 2, result
    assert "/dev/nonexist apparently does not exist" in result.err
    assert "FATAL: unable to prepare backend (2)" in result.err
    assert not os.path.exists("/dev/nonexist")


def fake_mke2fs(bench: Bench, script: str) -> None:
    path = bench.folder / "bin" / "mke2fs"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def case_mke2fs_commands(bench: Bench) -> None:
    fake_mke2fs(bench, 'echo "Invalid filesystem option set: x"; exit 1')
    for words, gigabytes, expected in COMMANDS:
        image = bench.file(gigabytes * 1024)
        argv = [word.replace("!", " ") for word in words.split()]
        result = bench.here("mkfs.lustre", *argv, image)
        command = next(x for x in result.out.splitlines() if x.startswith("mkfs_cmd = "))
        assert expected.replace("DEV", str(image)) in command, (expected, command)
        assert result.status == 1, result
        assert "   Invalid filesystem option set: x\n" in result.out
        assert f"FATAL: Unable to build fs {image} (256)\n" in result.err
        assert "mkfs failed 256" in result.err
        image.unlink()


def case_mke2fs_gets_words_not_quotes(bench: Bench) -> None:
    fake_mke2fs(bench, f'printf "%s\\n" "$@" >{bench.folder}/argv; exit 1')
    image = bench.file(64)
    bench.here("mkfs.lustre", *OST.split(), image)
    words = (bench.folder / "argv").read_text().splitlines()
    assert "lazy_journal_init,lazy_itable_init=0,packed_meta_blocks" in words, words
    assert words[-2:] == [str(image), "65536k"]


def case_mkfs_options(bench: Bench) -> None:
    for letter in "EO":
        _, result = format_small(bench, OST, f"--mkfsoptions=-{letter} a -{letter} b")
        assert result.status == 22, result
        assert f"mkfs.lustre: don't specify multiple -{letter} options" in result.err
        assert "mkfs failed 22" in result.err
    image = bench.file(20)
    result = bench.here("mkfs.lustre", *OST.split(), image)
    assert result.status == 22
    assert "size of filesystem must be larger than 32MB, but is set to 20480KB" in result.err


def case_no_mke2fs_in_path(bench: Bench) -> None:
    image = bench.file(64)
    result = bench.here("env", "PATH=/nowhere", bench.folder / "bin/mkfs.lustre", *OST.split(), image)
    assert result.status == 22, result
    assert '"-O quota" must be supported by e2fsprogs' in result.err
    result = bench.here("env", "-i", bench.folder / "bin/mkfs.lustre", *OST.split(), image)
    assert result.status == 0, result


def case_quiet_verbose_dryrun(bench: Bench) -> None:
    _, result = format_small(bench, f"{OST} --quiet")
    assert (result.status, result.out, result.err) == (0, "", "")
    image, result = format_small(bench, f"{OST} --dryrun")
    assert result.status == 0 and "Permanent disk data" in result.out
    assert "mkfs_cmd" not in result.out and not any(image.read_bytes())
    _, result = format_small(bench, f"{OST} --verbose")
    assert result.status == 0 and " -q " not in result.out


def case_refuses_lustre_and_nothing_else(bench: Bench) -> None:
    image = bench.file(64)
    subprocess.run(["mke2fs", "-q", "-F", "-L", "precious", image], check=True)
    assert bench.here("mkfs.lustre", *OST.split(), image).status == 0
    result = bench.here("mkfs.lustre", *OST.replace("index=0", "index=7").split(), image)
    assert result.status == 1, result
    assert f"Device {image} was previously formatted for lustre. Use --reformat" in result.err
    assert label(image) == "lustrewt:OST0000"
    result = bench.here("mkfs.lustre", *OST.split(), "--reformat", "--device-size=65536", image)
    assert result.status == 0, result


def case_half_finished_format(bench: Bench) -> None:
    image = bench.file(64)
    subprocess.run(["mke2fs", "-q", "-F", "-L", "lustrewt:OST0002", image], check=True)
    result = bench.here("tunefs.lustre", "--dryrun", image)
    assert result.status == 19, result
    assert f"FATAL: Device {image} has not been formatted with mkfs.lustre" in result.err
    assert bench.here("mkfs.lustre", *OST.split(), image).status == 0


def case_mountdata_bytes(bench: Bench) -> None:
    image, _ = format_small(bench, OST)
    data = dump(bench, image, "CONFIGS/mountdata")
    assert len(data) == 12288 and data[:4] == bytes.fromhex("0100d01d")
    assert struct.unpack("<IIII", data[16:32]) == (1, 0x62, 0, 1)
    assert data[0x20:0x60].rstrip(b"\0") == b"lustrewt"
    assert data[0x60:0xA0].rstrip(b"\0") == b"lustrewt:OST0000"
    assert data[0x1000:0x2000].rstrip(b"\0") == b"errors=remount-ro"
    assert data[0x2000:].rstrip(b"\0") == b" mgsnode=10.9.0.1@tcp"


def case_tunefs_output(bench: Bench) -> None:
    image, _ = format_small(bench, OST)
    result = bench.here("tunefs.lustre", "--dryrun", image)
    expected = f"""checking for existing Lustre data: found

   Read previous values:
Device:     {image}
Target:     lustrewt-OST0000
Index:      0
Lustre FS:  lustrewt
Mount type: ldiskfs
Flags:      0x62
              (OST first_time update )
Persistent mount opts: errors=remount-ro
Parameters: mgsnode=10.9.0.1@tcp

exiting because there is no change.
"""
    assert (result.status, result.out, result.err) == (0, expected, ""), result
    result = bench.here("tunefs.lustre", "--print", image)
    assert result.status == 22 and "Target:     lustrewt-OST0000" in result.out


def case_flags_and_labels(bench: Bench) -> None:
    for words, flags, names in (
        ("--mgs", "0x64", "MGS first_time update "),
        ("--mdt --fsname=lustrewt --mgsnode=10.9.0.1", "0x61", "MDT first_time update "),
        ("--mdt --mgs --fsname=lustrewt", "0x65", "MDT MGS first_time update "),
        (f"{OST} --replace", "0x42", "OST update "),
    ):
        image, result = format_small(bench, words)
        shown = bench.here("tunefs.lustre", "--dryrun", image).out
        for text in (result.out, shown):
            assert f"Flags:      {flags}\n              ({names})\n" in text, (words, text)
    assert label(image) == "lustrewt-OST0000"
    image, _ = format_small(bench, "--mgs")
    shown = bench.here("tunefs.lustre", "--dryrun", image).out
    assert "Target:     MGS\nIndex:      unassigned\nLustre FS:  \n" in shown


def case_writeconf(bench: Bench) -> None:
    image, _ = format_small(bench, OST)
    result = bench.here("tunefs.lustre", "--writeconf", image)
    assert result.status == 0 and label(image) == "lustrewt=OST0000", result
    assert "writeconf" in bench.here("tunefs.lustre", "--dryrun", image).out


def case_signal_reaches_only_mkfs(bench: Bench) -> None:
    """facts 3.4: SIGTERM to mkfs.lustre leaves sh and mke2fs running."""
    mark = bench.folder / "mke2fs.pid"
    fake_mke2fs(bench, f"echo $$ >{mark}; exec sleep 30")
    image = bench.file(64)
    child = subprocess.Popen(
        ["mkfs.lustre", *OST.split(), str(image)],
        env=bench.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        executable=bench.folder / "bin/mkfs.lustre",
    )
    assert wait_until(lambda: mark.exists() and mark.read_text().strip() != "")
    pid = int(mark.read_text())
    child.send_signal(signal.SIGTERM)
    assert child.wait() == -signal.SIGTERM
    time.sleep(0.2)
    status = Path(f"/proc/{pid}/status").read_text()
    parent = int(status.split("PPid:")[1].split()[0])
    assert Path(f"/proc/{parent}/comm").read_text().strip() == "sh"
    os.kill(pid, signal.SIGKILL)
