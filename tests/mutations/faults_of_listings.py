"""Faults of stored listings of folders and of the order of classes."""

from __future__ import annotations

from tests.mutations.fault import Fault

DATA = "adq_core/data/"
MODULES = {
    "listings": DATA + "folders/listings.py",
    "folder_files": DATA + "folders/folder_files.py",
    "classes": DATA + "labels/classes.py",
    "arrays": DATA + "arrays.py",
    "open": DATA + "open.py",
    "digests": "adq_core/digests.py",
    "scan": DATA + "scan.py",
    "exports": DATA + "exports.py",
    "checksums": "adq_core/storage/checksums.py",
    "record_files": "adq_core/storage/record_files.py",
    "scratch": "adq_core/storage/scratch.py",
    "cache_folder": "adq_core/storage/cache_folder.py",
}
TESTS = {
    "listings": ["tests/data/test_listings.py", "tests/data/test_fingerprints.py"],
    "fingerprints": ["tests/data/test_fingerprints.py"],
    "damage": ["tests/storage/test_damage.py"],
    "cache": ["tests/storage/test_cache_folder.py", "tests/storage/test_files.py"],
    "exports": ["tests/cli/test_replays.py"],
    "classes": ["tests/data/test_classes.py"],
}

FAULTS = [
    Fault(
        "listings",
        "the number of entries is not compared",
        "folder_files",
        "n_entries=len(os.listdir(place))) != known",
        "n_entries=known.n_entries) != known",
    ),
    Fault(
        "listings",
        "the time of a directory is not compared",
        "folder_files",
        "status.st_mtime_ns, status.st_ctime_ns, n_entries",
        "0, 0, n_entries",
    ),
    Fault(
        "listings",
        "only the top directory is compared",
        "folder_files",
        "for known in directories:",
        "for known in directories[:1]:",
    ),
    Fault("fingerprints", "the time of a file is not compared", "digests", ":{status.st_mtime_ns}:", "::"),
    Fault("fingerprints", "the change time of a file is not compared", "digests", ":{status.st_ctime_ns}", ""),
    Fault("fingerprints", "the inode of a file is not compared", "digests", "{status.st_ino}:", ""),
    Fault(
        "listings",
        "a file that has changed leaves the scan",
        "scan",
        "                shutil.rmtree(self.cached_scan, ignore_errors=True)\n",
        "                pass\n",
    ),
    Fault("listings", "the command line does not compare files", "open", "unchanged and not verify:", "unchanged:"),
    Fault("listings", "all files are compared at every opening", "open", "unchanged and not verify:", "False:"),
    Fault(
        "listings",
        "a touched directory is compared every time",
        "open",
        "cache is not None and not unchanged:",
        "cache is not None and listing is None:",
    ),
    Fault(
        "listings",
        "a changed file leaves the listing",
        "listings",
        "        shutil.rmtree(self.listing, ignore_errors=True)\n",
    ),
    Fault(
        "listings",
        "a changed table of labels is not read",
        "listings",
        'values["labels_digest"] != _labels_digest(labels)',
        "False",
    ),
    Fault("listings", "tables of labels share a listing", "listings", "root, table)", "root)"),
    Fault(
        "listings",
        "a damaged list is used",
        "listings",
        'checksum(content) != self.values["checksums"][name]',
        "False",
    ),
    Fault("listings", "ids begin with the common folder", "listings", "file[prefix:] for file", "file for file"),
    Fault(
        "listings",
        "names that are not UTF-8 are lost",
        "listings",
        'FolderReader(self.root, values["undecodable"])',
        "FolderReader(self.root, {})",
    ),
    Fault("listings", "new files are not named", "listings", "if file not in before", "if file in before"),
    Fault("listings", "missing files are not named", "listings", "if file not in now)", "if file in now)"),
    Fault(
        "damage",
        "arrays are not compared",
        "record_files",
        'file_checksum(folder / f"{name}.npy") != expected',
        "False",
    ),
    Fault(
        "damage", "values are not compared", "checksums", "expected != checksum(json.dumps(values).encode())", "False"
    ),
    Fault(
        "cache",
        "the last used entry is removed first",
        "cache_folder",
        "key=lambda entry: (entry.last",
        "key=lambda entry: (-entry.last",
    ),
    Fault("cache", "the age has no effect", "cache_folder", "entry.last_used < oldest or ", ""),
    Fault("cache", "one entry too many", "cache_folder", "n_bytes > max_bytes", "n_bytes >= max_bytes"),
    Fault(
        "cache", "files of running processes are removed", "scratch", 'not _is_running(int(match["process"]))', "True"
    ),
    Fault("cache", "files of other hosts are removed", "scratch", "time.time() - newest > MAX_AGE", "True"),
    Fault("exports", "rows that are not selected", "exports", 'table.filter(table["selected"])', "table"),
    Fault(
        "exports",
        "the working folder comes first",
        "exports",
        "[folder.absolute(), *folder.absolute().parents]",
        "[Path(), folder.absolute()]",
    ),
    Fault(
        "exports", "a changed source is not said", "exports", "() if recorded == source.digest() else (changed,)", "()"
    ),
    Fault("classes", "numbers are ordered as texts", "classes", "if NUMBER.fullmatch(name):", "if False:"),
    Fault(
        "classes",
        "texts come before numbers",
        "classes",
        "return False, Decimal(name), [], name",
        "return True, Decimal(10**9), [], name",
    ),
    Fault(
        "classes",
        "equal numbers keep the given order",
        "classes",
        "Decimal(name), [], name",
        'Decimal(name), [], ""',
    ),
    Fault(
        "classes",
        "labels of arrays keep the order of texts",
        "arrays",
        "ordered = class_order(set(texts))",
        "ordered = sorted(set(texts))",
    ),
]
