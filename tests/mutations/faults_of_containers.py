"""Faults of archives, arrays and tables: limits, names, labels and columns."""

from __future__ import annotations

from tests.mutations.fault import Fault

DATA = "adq_core/data/"
AREAS = {  # area: its modules
    "archives": ("archives", "zip_members", "zip_names", "bounded", "tar", "webdataset", "packed_files"),
    "array-files": ("npy", "npz_arrays", "image_arrays"),
    "tables": ("columns", "delimited", "parquet", "parquet_images", "vector_tables", "projector"),
}
MODULES = {module: f"{DATA}{module}.py" for modules in AREAS.values() for module in modules}
T = "tests/data/test_"
TESTS = {
    "archives": [f"{T}archives.py", f"{T}tar.py", f"{T}limits.py"],
    "array-files": [f"{T}npz.py", f"{T}arrays.py", f"{T}damaged_files.py", f"{T}limits.py"],
    "tables": [
        f"{T}vector_columns.py", f"{T}delimited.py", f"{T}parquet_images.py", f"{T}damaged_files.py", f"{T}limits.py",
    ],
}  # fmt: skip

FAULTS = [
    Fault(
        "archives", "bytes are not compared with the CRC-32", "zip_members", "zlib.crc32(data) != member.crc", "False"
    ),
    Fault(
        "archives",
        "LZMA allocates the dictionary that the file asks for",
        "zip_members",
        "used = min(dictionary, max(size, 4096))",
        "used = dictionary",
        "The system gives a process memory only when it is used.",
    ),
    Fault("archives", "files may share their bytes", "archives", "if member.offset < end:", "if False:"),
    Fault(
        "archives",
        "large files that unpack to much are read",
        "archives",
        "member.size > LARGE_BYTES and member.size > MAX_RATIO * member.packed",
        "False",
    ),
    Fault(
        "archives",
        "the number of files in a large archive is not read from its end",
        "archives",
        "max(count, ZIP64_END.unpack_from(tail, place64)[7])",
        "count",
    ),
    Fault(
        "archives",
        "bzip2 decompresses all at once",
        "bounded",
        "self._inner.decompress(data, max_bytes)\n        self.eof",
        "self._inner.decompress(data)\n        self.eof",
    ),
    Fault(
        "archives",
        "compressed archives have no limit",
        "bounded",
        "if unpacked > FREE_BYTES and unpacked > MAX_EXPANSION * packed:",
        "if False:",
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
        "archives",
        "a compressed archive is cut off silently",
        "bounded",
        "if at_end and not result and not self._inner.eof:",
        "if False:",
    ),
    Fault("archives", "several gzip members are one", "tar", "make, many=True", "make"),
    Fault("archives", "numbered shards are classes", "webdataset", "and are_consecutive(shards)", "and False"),
    Fault("archives", "captions are classes", "webdataset", "2 * len(set(known)) > len(known)", "False"),
    Fault(
        "archives",
        "a packed file is read from the wrong place",
        "packed_files",
        "opened.seek(place.start)",
        "opened.seek(0)",
    ),
    Fault("array-files", "a header may have any length", "npy", "if length > MAX_HEADER_BYTES:", "if False:"),
    Fault("array-files", "a side may be negative", "npy", "0 <= side < 2**62", "True"),
    Fault(
        "array-files",
        "an array may be larger than its file",
        "npz_arrays",
        "if header.start + header.n_bytes > stated:",
        "if False:",
    ),
    Fault("array-files", "pickled objects get through", "npz_arrays", "if header.dtype.hasobject:", "if False:"),
    Fault(
        "array-files",
        "floats above 1 are 0..255",
        "image_arrays",
        "if not whole and high < CLEARLY_ABOVE_1:",
        "if False:",
    ),
    Fault(
        "array-files",
        "each part of an array has its own range",
        "image_arrays",
        "scale_of(parts() if dtype != np.uint8 else (), dtype, name)",
        "scale_of(iter([next(parts())]) if dtype != np.uint8 else (), dtype, name)",
    ),
    Fault("array-files", "transparent pixels are black", "image_arrays", "+ 255 * (1 - opaque)", ""),
    Fault(
        "array-files", "channels are always last", "image_arrays", "first = len(shape) == 4 and", "first = False and"
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
    Fault(
        "tables", "a Parquet file may say that it unpacks to anything", "parquet", "        self.check_size(names)\n"
    ),
    Fault(
        "tables",
        "images of a Parquet file are not counted",
        "parquet_images",
        "                table.check(unpacked)\n",
    ),
    Fault(
        "tables",
        "the names of classes are not read",
        "parquet_images",
        "None if label is None else table.class_names(label)",
        "None",
    ),
    Fault(
        "tables",
        "the columns of embeddings are not in the key",
        "files_of_vectors",
        "{file_digest(Path(name))}{columns}",
        "{file_digest(Path(name))}",
    ),
    Fault("tables", "metadata of the projector is ignored", "projector", "or not place.is_file()", "or True"),
]
MODULES["files_of_vectors"] = "adq_core/embeddings/files.py"
