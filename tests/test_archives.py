"""Hostile and damaged archives are rejected with a reason, cost little, and harm nobody else."""

from __future__ import annotations

import gzip
import io
import random
import stat
import struct
import tarfile
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import pytest

from grader import tars
from grader.submissions import Submission, find_submissions, read_submission

EXERCISES = ("losses", "optimizers")
LOSSES = b"def l1_loss(input, target): ...\n"
MIB = 1024 * 1024


def graded(*paths: Path) -> dict[str, Submission]:
    found = find_submissions(paths, EXERCISES)
    return {each.id: read_submission(each, EXERCISES) for each in found}


def reason_of(path: Path) -> str:
    """Why the one submission in a path is rejected."""
    (submission,) = graded(path).values()
    assert submission.files == {}
    assert submission.reason is not None and submission.reason.isprintable()
    return submission.reason


def zip_of(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore", UserWarning)  # names twice are what is tried here
        for name, content in members:
            archive.writestr(name, content)
    return path


def tar_of(path: Path, *members: tuple[str | tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def archive_of(path: Path, *members: tuple[str, bytes]) -> Path:
    return zip_of(path, *members) if path.suffix == ".zip" else tar_of(path, *members)


IN_ZIPS_AND_TARS = pytest.mark.parametrize("name", ["eve.zip", "eve.tar.gz"])


@IN_ZIPS_AND_TARS
@pytest.mark.parametrize(
    "member",
    [
        "../../evil.py",
        "/etc/evil.py",
        "exercises/../../evil.py",
        "..\\evil.py",
        "C:\\evil.py",
        "\\\\server\\evil.py",
    ],
)
def test_a_member_that_leads_out_rejects_the_submission(
    tmp_path: Path, name: str, member: str
) -> None:
    reason = reason_of(archive_of(tmp_path / name, ("losses.py", LOSSES), (member, b"")))
    assert "evil.py', a path that leads out of it" in reason
    assert [each.name for each in tmp_path.iterdir()] == [name]


@IN_ZIPS_AND_TARS
def test_a_hostile_member_rejects_its_own_submission_alone(tmp_path: Path, name: str) -> None:
    path = archive_of(
        tmp_path / name,
        ("alice/losses.py", LOSSES),
        ("eve/losses.py", LOSSES),
        ("eve/../../evil.py", b""),
        ("mallory/losses.py", LOSSES),
        ("mallory/losses.py", b"x = 2"),
        ("trent/../evil.py", b""),
    )
    submissions = graded(path)
    assert submissions["alice"].files == {"losses.py": LOSSES}
    assert "'eve/../../evil.py', a path that leads out" in (submissions["eve"].reason or "")
    assert "'mallory/losses.py' twice" in (submissions["mallory"].reason or "")
    assert "'trent/../evil.py', a path that leads out" in (submissions["trent"].reason or "")


@IN_ZIPS_AND_TARS
def test_a_name_that_is_both_file_and_folder_is_rejected(tmp_path: Path, name: str) -> None:
    path = archive_of(tmp_path / name, ("losses.py", LOSSES), ("losses.py/x.py", b""))
    assert reason_of(path) == "the archive holds 'losses.py' twice: leave one out"


@pytest.mark.parametrize(
    "type", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_in_a_tar_are_no_files(tmp_path: Path, type: bytes) -> None:
    odd = tarfile.TarInfo("losses.py")
    odd.type, odd.linkname = type, "/etc/passwd"
    assert "is a link or a special file" in reason_of(tar_of(tmp_path / "eve.tgz", (odd, b"")))
    odd.name = "venv/bin/python"
    path = tar_of(tmp_path / "bob.tgz", (odd, b""), ("losses.py", LOSSES))
    assert graded(path)["bob.tgz"].files == {"losses.py": LOSSES}


def test_links_in_a_zip_are_no_files(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("losses.py")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    path = zip_of(tmp_path / "eve.zip", (link, b"/etc/passwd"))
    assert "is a link or a special file" in reason_of(path)
    link.filename = "optimizers.py"
    path = zip_of(tmp_path / "bob.zip", ("losses.py", LOSSES), (link, b"../solutions.py"))
    files = graded(path)["bob.zip"].files
    assert files["losses.py"] == LOSSES
    assert b"'optimizers.py' is a link" in files["optimizers.py"]


def test_an_encrypted_zip_is_rejected_as_such(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "eve.zip", ("losses.py", LOSSES))
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[directory + 8] |= 1
    path.write_bytes(data)
    assert reason_of(path) == "the archive is encrypted: make it without a password"


def test_a_packing_that_explodes_in_one_step_is_not_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "eve.zip", "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("losses.py", b"#" * MIB)
    assert "by another method than deflate" in reason_of(tmp_path / "eve.zip")


@IN_ZIPS_AND_TARS
def test_a_large_member_is_rejected_only_where_it_is_a_source(tmp_path: Path, name: str) -> None:
    path = archive_of(tmp_path / name, ("losses.py", b"#" * (MIB + 1)))
    assert reason_of(path) == "'losses.py' is larger than 1 MiB: leave data out"
    path = archive_of(tmp_path / name, ("losses.py", LOSSES), ("weights.pt", b"\0" * (3 * MIB)))
    assert graded(path)[name].files == {"losses.py": LOSSES}


def test_a_bomb_whose_header_lies_is_read_no_further_than_allowed(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "eve.zip", ("losses.py", b"#" * (64 * MIB)))
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\x01\x02")
    for place in (22, directory + 24):
        data[place : place + 4] = struct.pack("<I", 100)
    path.write_bytes(data)
    tracemalloc.start()
    reason = reason_of(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "the archive is damaged" in reason
    assert most < 16 * MIB


def test_a_tar_that_unpacks_without_end_is_rejected(tmp_path: Path) -> None:
    headers = tar_header(b"losses.py", b"0", b"0") + tar_header(b"data.bin", b"0", b"2000000001")
    packed = gzip.compress(headers) + gzip.compress(bytes(8 * MIB)) * 33
    (tmp_path / "eve.tar.gz").write_bytes(packed)  # 0o2000000001 bytes are 256 MiB and one
    reason = "the archive unpacks to more than 256 MiB: leave data out"
    assert reason_of(tmp_path / "eve.tar.gz") == reason


@IN_ZIPS_AND_TARS
def test_more_files_beside_the_work_than_are_ever_read_cost_nothing(
    tmp_path: Path, name: str
) -> None:
    files = [(f"venv/lib/{number}.py", b"") for number in range(12_000)]
    path = archive_of(tmp_path / name, *files, ("losses.py", LOSSES))
    assert graded(path)[name].files == {"losses.py": LOSSES}


def test_sources_anywhere_in_a_tar_are_read_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in the order of their names, each would unpack the whole tar from its start."""
    helpers = [(f"h{number:03}.py", b"x = 1") for number in range(150)]
    filler = ("data.bin", bytes(8 * MIB))
    path = tar_of(tmp_path / "bob.tar.gz", *reversed(helpers), filler, ("losses.py", LOSSES))
    starts: list[int] = []
    restart = tars._Gunzipped._restart

    def counted(self: tars._Gunzipped) -> None:
        starts.append(1)
        restart(self)

    monkeypatch.setattr(tars._Gunzipped, "_restart", counted)
    assert len(graded(path)["bob.tar.gz"].files) == 151
    assert len(starts) <= 4


@pytest.mark.parametrize(("name", "inside"), [("eve.zip", "x.tar.gz"), ("eve.tar.gz", "x.zip")])
def test_an_archive_under_another_archives_name_is_read(
    tmp_path: Path, name: str, inside: str
) -> None:
    archive_of(tmp_path / inside, ("losses.py", LOSSES)).rename(tmp_path / name)
    assert graded(tmp_path / name)[name].files == {"losses.py": LOSSES}


@pytest.mark.parametrize(
    "start", [b"Rar!\x1a\7\1\0", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ\0", b"BZh9"]
)
def test_an_archive_of_a_kind_that_is_not_read_is_told_from_a_damaged_one(
    tmp_path: Path, start: bytes
) -> None:
    (tmp_path / "eve.zip").write_bytes(start + bytes(1000))
    assert "which is not read: make a .zip or .tar.gz of it" in reason_of(tmp_path / "eve.zip")


@IN_ZIPS_AND_TARS
@pytest.mark.parametrize("litter", [b"\0" * 10_000, b"litter" * 1_000, b"\x1f"])
def test_litter_after_an_archives_end_is_passed_over(
    tmp_path: Path, name: str, litter: bytes
) -> None:
    path = archive_of(tmp_path / name, ("losses.py", LOSSES))
    path.write_bytes(path.read_bytes() + litter)
    assert graded(path)[name].files == {"losses.py": LOSSES}


@IN_ZIPS_AND_TARS
def test_what_is_wrong_with_a_file_that_is_not_read_is_no_matter(tmp_path: Path, name: str) -> None:
    twice = ("data.csv", b"1"), ("data.csv", b"2")
    path = archive_of(tmp_path / name, ("losses.py", LOSSES), *twice)
    assert graded(path)[name].files == {"losses.py": LOSSES}


def test_a_zip_directory_of_an_absurd_size_is_not_loaded(tmp_path: Path) -> None:
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 40 * MIB, 0, 0)
    (tmp_path / "eve.zip").write_bytes(b"\0" * (40 * MIB) + end)
    tracemalloc.start()
    assert "directory is too large" in reason_of(tmp_path / "eve.zip")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 40 * MIB


def tar_header(name: bytes, type: bytes, size: bytes) -> bytes:
    block = bytearray(512)
    block[: len(name)] = name
    block[124 : 124 + len(size)] = size
    block[148:156], block[156:157], block[257:263] = b" " * 8, type, b"ustar\0"
    block[148:155] = b"%06o\0" % sum(block)
    return bytes(block)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (tar_header(b"x", b"x", b"77777777777\0") * 3, "too long to be read"),
        (tar_header(b"a", b"0", b"-0000000001\0"), "wrong number"),
        (tar_header(b"a", b"0", b"\xff" * 12), "wrong number"),
        (
            tar_header(b"a", b"0", b"\x80" + (2**40).to_bytes(11)) + b"\0" * 512,
            "unpacks to more than",
        ),
        (tar_header(b"a", b"x", b"00000000020\0") + b"16 size=-9999999\n".ljust(512, b"\0"), ""),
        (tar_header(b"a", b"x", b"00000000020\0") + b"9" * 512, "pax header is wrong"),
        (tar_header(b"a", b"0", b"0")[:-1] + b"x" + b"\0" * 512, "checksum"),
        (tar_header(b"losses.py", b"0", b"00000001000\0") + b"#" * 100, "in the middle of a file"),
    ],
)
def test_a_tar_that_lies_about_sizes_is_rejected(tmp_path: Path, data: bytes, reason: str) -> None:
    for name, content in (("eve.tar", data), ("eve.tar.gz", gzip.compress(data))):
        (tmp_path / name).write_bytes(content)
        assert reason in reason_of(tmp_path / name)


def test_many_nested_headers_need_no_stack(tmp_path: Path) -> None:
    header = tar_header(b"a", b"x", b"00000000013\0") + b"11 a=bcdef\n".ljust(512, b"\0")
    data = header * 20_000 + tar_header(b"losses.py", b"0", b"00000000000\0") + b"\0" * 1024
    (tmp_path / "eve.tgz").write_bytes(gzip.compress(data))
    assert graded(tmp_path / "eve.tgz")["eve.tgz"].files == {"losses.py": b""}


@pytest.mark.parametrize("name", ["eve.zip", "eve.tar.gz", "eve.tgz", "eve.tar"])
def test_what_is_no_archive_is_rejected_as_damaged(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\x1f\x8b nothing of the kind" * 100)
    assert "the archive is damaged" in reason_of(tmp_path / name)


@IN_ZIPS_AND_TARS
def test_no_damage_anywhere_in_an_archive_raises(tmp_path: Path, name: str) -> None:
    chance = random.Random(0)
    whole = archive_of(
        tmp_path / name,
        ("eve/losses.py", LOSSES * 50),
        ("eve/x.py", b""),
        ("bob/losses.py", LOSSES),
    ).read_bytes()
    if name != "eve.zip":
        whole = gzip.decompress(whole)[:4096]
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(chance.choice([1, 3, 30])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        del data[chance.randrange(1, len(data)) if chance.random() < 0.2 else len(data) :]
        path = tmp_path / ("damaged.zip" if name == "eve.zip" else "damaged.tar")
        path.write_bytes(data)
        for submission in graded(path).values():
            assert submission.id.isprintable()
            assert (submission.reason is None) == bool(submission.files)


def test_a_gzip_header_without_end_is_not_walked_byte_by_byte(tmp_path: Path) -> None:
    name_follows = b"\x1f\x8b\x08\x08" + b"\0" * 6
    (tmp_path / "eve.tgz").write_bytes(name_follows + b"x" * (16 * MIB))
    assert "ends too early" in reason_of(tmp_path / "eve.tgz")


def test_several_gzips_in_a_row_are_one_stream(tmp_path: Path) -> None:
    path = tar_of(tmp_path / "bob.tgz", ("losses.py", LOSSES), ("data.bin", bytes(100_000)))
    data = gzip.decompress(path.read_bytes())
    path.write_bytes(b"".join(gzip.compress(part) for part in (data[:700], b"", data[700:])))
    assert graded(path)["bob.tgz"].files == {"losses.py": LOSSES}


def test_names_that_cannot_be_decoded_do_not_crash(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "eve.zip", ("lossés.py", LOSSES), ("losses.py", LOSSES))
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xfe"))
    assert "a name in it cannot be decoded" in reason_of(path)
    odd = tarfile.TarInfo("l\udcffsses.py")
    path = tar_of(tmp_path / "bob.tgz", (odd, b""), ("losses.py", LOSSES))
    assert graded(path)["bob.tgz"].files == {"losses.py": LOSSES}


def test_odd_names_in_an_archive_become_printable_ids(tmp_path: Path) -> None:
    path = zip_of(
        tmp_path / "class.zip", ("eve\n\x1b[2J/losses.py", LOSSES), ("bob/losses.py", LOSSES)
    )
    assert list(graded(path)) == ["bob", "eve\\n\\x1b[2J"]


@IN_ZIPS_AND_TARS
def test_an_archive_in_an_archive_is_read_once_and_no_deeper(tmp_path: Path, name: str) -> None:
    inner = archive_of(tmp_path / name, ("hw/losses.py", LOSSES)).read_bytes()
    deeper = archive_of(tmp_path / name, (name, inner)).read_bytes()
    deepest = archive_of(tmp_path / name, (name, deeper)).read_bytes()
    path = archive_of(
        tmp_path / f"class.{name}",
        (f"alice/{name}", inner),
        ("bob/empty.zip", b""),
        (f"eve/{name}", deepest),
    )
    submissions = graded(path)
    assert submissions["alice"].files == {"losses.py": LOSSES}
    assert submissions["bob"].reason == "'empty.zip' is empty, 0 bytes long: hand it in again"
    assert "no exercise file" in (submissions["eve"].reason or "")


def test_the_archives_file_is_closed_after_each_read(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "class.zip", ("bob/losses.py", LOSSES), ("eve/losses.py", LOSSES))
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir())) if descriptors.exists() else 0
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        assert list(graded(path)) == ["bob", "eve"]
    assert not descriptors.exists() or len(list(descriptors.iterdir())) == before
