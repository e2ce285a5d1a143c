"""Faults of the order of rows, of classes and of tables of labels."""

from __future__ import annotations

from tests.mutations.fault import Fault

DATA = "adq_core/data/"
MODULES = {
    "row_order": DATA + "folders/row_order.py",
    "label_columns": DATA + "labels/columns.py",
    "label_tables": DATA + "labels/tables.py",
    "label_matching": DATA + "labels/matching.py",
    "file_classes": DATA + "labels/file_classes.py",
    "folder_classes": DATA + "labels/folder_classes.py",
    "found_files": DATA + "folders/found_files.py",
    "vector_order": "adq_core/embeddings/row_order.py",
    "texts": "adq_core/export/texts.py",
}
TESTS = {
    "rows": ["tests/data/test_row_order.py"],
    "labels": ["tests/data/test_label_tables.py", "tests/data/test_folder_tables.py", "tests/data/test_folders.py"],
    "vector order": ["tests/embeddings/test_row_order.py"],
    "texts of exports": ["tests/export/test_texts.py"],
}

FAULTS = [
    Fault(
        "rows",
        "whole paths are sorted",
        "row_order",
        'return folder.split("/", 1)[0], folder, name',
        'return "", "", folder + "/" + name',
    ),
    Fault("rows", "folders inside a class are not sorted first", "row_order", "[0], folder, name", '[0], "", name'),
    Fault(
        "rows",
        "hidden files have no number",
        "row_order",
        "for file in files if file.lower()",
        'for file in files if "/." not in file and file.lower()',
    ),
    Fault("rows", "capital endings are not listed", "row_order", "file.lower().endswith", "file.endswith"),
    Fault("rows", "images beside classes are listed", "row_order", '("/" in file) != flat', "True"),
    Fault("rows", "names are sorted as they are shown", "row_order", "sort_name(file).rpartition", "file.rpartition"),
    Fault("labels", "labels of equal names are guessed", "label_matching", "found[form(key)] = None", "pass"),
    Fault("labels", "several folders are one", "label_matching", "if len(possible) > 1:", "if False:"),
    Fault("labels", "two labels of an image", "label_matching", "if len(labels) > 1:", "if False:"),
    Fault("labels", "the literal name is not first", "label_matching", "if image not in image_of}", "if True}"),
    Fault("labels", "capital letters of columns count", "label_columns", "column.casefold()", "column"),
    Fault(
        "labels",
        "the first label column is taken",
        "label_columns",
        "if not len(pairs) == len(set(first)) == len(set(other)):",
        "if False:",
    ),
    Fault("labels", "too many values are cut off", "label_tables", "if any(row.cells[width:]):", "if False:"),
    Fault("labels", "only commas separate", "label_tables", 'DELIMITERS = ",;\\t|"', 'DELIMITERS = ","'),
    Fault("labels", "UTF-16 is not read", "label_tables", '(codecs.BOM_UTF16_LE, "utf-16"),', ""),
    Fault("labels", "images without a label are always kept", "file_classes", "if missing and not keep:", "if False:"),
    Fault("labels", "tables that differ are used", "file_classes", "if whole and all(", "if whole and any("),
    Fault(
        "labels", "parts are classes", "folder_classes", "if len(tops) > 1 and all(map(is_part, tops)):", "if False:"
    ),
    Fault(
        "labels", "one part refuses all folders", "folder_classes", "all(map(is_part, tops))", "any(map(is_part, tops))"
    ),
    Fault(
        "labels",
        "images without an ending are not read",
        "found_files",
        "or (_is_candidate(file) and is_image_head(read_head(source, file)))",
        "",
    ),
    Fault("labels", "a changed table is not noticed", "found_files", " or is_table(file))", ")"),
    Fault(
        "vector order",
        "no class is displaced",
        "vector_order",
        "np.flatnonzero(scores < UNCLEAR)",
        "np.flatnonzero(scores < -99)",
    ),
    Fault("vector order", "the p-value is reversed", "vector_order", "value >= observed", "value <= observed"),
    Fault(
        "vector order",
        "rows are shuffled over all classes",
        "vector_order",
        "cosines[order[:, None], order[near]]",
        "cosines[order[:, None], near]",
    ),
    Fault("texts of exports", "formulas in a table", "texts", '"=", "+", "-", "@"', '"=", "+", "-"'),
    Fault(
        "texts of exports",
        "an apostrophe cannot be undone",
        "texts",
        'value.lstrip("\'").startswith',
        "value.startswith",
    ),
    Fault(
        "texts of exports",
        "a line end in an id ends the line",
        "texts",
        "return ESCAPED.sub(",
        "return (lambda _, same: same)(",
    ),
    Fault("texts of exports", "backslashes are not doubled", "texts", "\\u2066-\\u2069\\\\\\\\]", "\\u2066-\\u2069]"),
]
