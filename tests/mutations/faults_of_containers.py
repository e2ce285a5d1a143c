"""Faults of archives, arrays and tables: limits, names, labels and columns."""

from __future__ import annotations

from tests.mutations.fault import Fault

DATA = "adq_core/data/"
MODULES = {
    "archives": DATA + "containers/zip_archives.py",
    "zip_members": DATA + "containers/zip_members.py",
    "zip_names": DATA + "containers/zip_names.py",
    "tar": DATA + "containers/tar.py",
    "bounded": DATA + "bounded.py",
    "columns": DATA + "tables/columns.py",
    "delimited": DATA + "tables/delimited.py",
    "vector_tables": DATA + "vectors/tables.py",
}
T = "tests/data/test_"
TESTS = {
    "archives": [f"{T}archives.py", f"{T}tar.py"],
    "tables": [
        f"{T}vector_columns.py", f"{T}delimited.py", f"{T}parquet_images.py", f"{T}damaged_files.py",
    ],
}  # fmt: skip

FAULTS = [
    Fault(
        "archives", "bytes are not compared with the CRC-32", "zip_members", "zlib.crc32(data) != member.crc", "False"
    ),
    Fault("archives", "files may share their bytes", "archives", "if member.offset < end:", "if False:"),
    Fault(
        "archives",
        "bzip2 decompresses all at once",
        "bounded",
        "self._inner.decompress(data, max_bytes)\n        self.eof",
        "self._inner.decompress(data)\n        self.eof",
    ),
    Fault("archives", "the extra field is not compared with the name", "zip_names", "crc == zlib.crc32(raw)", "True"),
    Fault("archives", "names without a flag are never UTF-8", "zip_names", '    ("utf-8", lambda texts: True),\n'),
    Fault("archives", "a name may begin with ./", "zip_names", 'path[2:] if path.startswith("./") else path', "path"),
    Fault(
        "archives",
        "links to files outside are read",
        "tar",
        "if target in found and not points_outside(name):",
        "if True:",
    ),
    Fault(
        "tables",
        "the label of a text table is a number",
        "vector_tables",
        'Field(name, "text") if name in (id_name, label_name) else Field(name, kind)',
        "Field(name, kind)",
    ),
    Fault(
        "tables",
        "columns are not left out by their names",
        "columns",
        '"by its name" for name in names if is_other(name)',
        '"by its name" for name in names if False',
    ),
    Fault(
        "tables",
        "whole numbers are left out everywhere",
        "columns",
        "whole[column] and whole.sum() * 2 < len(rest)",
        "whole[column]",
    ),
    Fault("tables", "columns in order stay", "columns", "elif ordered[column] and", "elif False and"),
    Fault("tables", "large columns stay", "columns", "elif large[column]:", "elif False:"),
    Fault("tables", "a range of columns ends before its last", "columns", "known[low : high + 1]", "known[low:high]"),
    Fault(
        "tables",
        "decimal commas are not found",
        "delimited",
        '"," if self._delimiter != "," and _decimal_commas(rows) else "."',
        '"."',
    ),
    Fault(
        "tables", "line breaks in quotes end a row", "delimited", "newlines_in_values=True", "newlines_in_values=False"
    ),
]
