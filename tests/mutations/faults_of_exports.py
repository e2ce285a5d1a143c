"""Faults of exports in the formats of other tools."""

from __future__ import annotations

from tests.mutations.fault import Fault

EXPORT = "adq_core/export/"
T = "tests/export/"
MODULES = {
    "export_names": EXPORT + "names.py",
    "export_sinks": EXPORT + "sinks.py",
    "export_write": EXPORT + "write.py",
    "export_verify": EXPORT + "verify.py",
    "export_folder": EXPORT + "image_folder.py",
    "export_tables": EXPORT + "tables_of_selected.py",
    "export_shards": EXPORT + "web_dataset.py",
    "export_parquet": EXPORT + "hf_parquet.py",
    "export_atlas": EXPORT + "embedding_atlas.py",
    "export_subset": EXPORT + "subset.py",
    "export_torch": EXPORT + "subset_dataset.py",
    "export_estimate": EXPORT + "estimate.py",
    "export_croissant": EXPORT + "croissant.py",
    "scratch_places": "adq_core/storage/scratch.py",
    "downloads": "app/export/downloads.py",
    "as_code": "app/text/as_code.py",
}
TESTS = {
    "export names": [T + "test_names.py", T + "test_write.py"],
    "export writes": [T + "test_write.py", T + "test_verify.py"],
    "export formats": [T + "test_read_back.py", T + "test_read_back_tables.py"],
    "export page": ["tests/app/views/test_export_formats.py", "tests/app/text/test_as_code.py"],
}
TESTS_OF_MODULE = {
    "export_names": [T + "test_names.py"],
    "export_verify": [T + "test_verify.py"],
    "export_write": [T + "test_write.py"],
    "export_estimate": [T + "test_write.py"],
    "scratch_places": [T + "test_write.py"],
    "downloads": ["tests/app/views/test_export_formats.py"],
    "as_code": ["tests/app/text/test_as_code.py"],
}
FAULTS = [
    Fault("export names", "capital letters make two names", "export_names", ".casefold())", ")"),
    Fault("export names", "a device of Windows", "export_names", '("_" if RESERVED.fullmatch(stem) else "") + ', ""),
    Fault("export names", "a hidden name", "export_names", 'stem = re.sub(r"^[.\\s]+", "", stem)'),
    Fault("export writes", "no digest of parts", "export_sinks", "self._state.update(view)", "pass"),
    Fault("export formats", "hard links are copies", "export_sinks", "os.link(real, path)", "return False"),
    Fault("export writes", "an unfinished zip gets a table", "export_sinks", "self._archive.fp = None", "pass"),
    Fault(
        "export writes",
        "the temporary folder stays",
        "export_write",
        "                _remove(temporary)",
        "                pass",
    ),
    Fault("export writes", "any folder is replaced", "export_write", "    if others:", "    if False:"),
    Fault("export writes", "the manifest lists no files", "export_write", "dict(sink.files)", "{}"),
    Fault("export writes", "a killed replacement is lost", "export_write", "        _restore(target)", "        pass"),
    Fault("export writes", "no place is remembered", "export_write", "remember_place(cache,", "remember_place(None,"),
    Fault(
        "export writes",
        "a note is lost",
        "scratch_places",
        "remove_stale(folder, depth=0)\n            if not",
        "if not",
    ),
    Fault("export writes", "new files are not named", "export_verify", "name not in known and not", "not"),
    Fault("export writes", "paths lead out", "export_verify", '("", ".", "..")', '("", ".")'),
    Fault("export writes", "rows are not counted", "export_verify", "if found == export", "if True or found == export"),
    Fault("export writes", "an estimate of the sample alone", "export_estimate", "+ further * each_bytes", ""),
    Fault("export formats", "the card has no metadata", "export_folder", "    - {metadata}\n", ""),
    Fault("export formats", "labels are numbers", "export_folder", '{"class_name": "label"}', "{}"),
    Fault("export formats", "the order of the bins is lost", "export_tables", '["bin", "draw_position"]', '["index"]'),
    Fault("export formats", "one class for all", "export_shards", "str(labels[number])", '"0"'),
    Fault("export formats", "no ClassLabel", "export_parquet", '"_type": "ClassLabel"', '"_type": "Value"'),
    Fault("export formats", "neighbours without itself", "export_atlas", "    ids[0], distances[0] = place, 0.0"),
    Fault("export formats", "x and y swapped", "export_atlas", '"umap_x": "projection_x"', '"umap_y": "projection_x"'),
    Fault("export formats", "always PNG", "export_subset", "if data is None else data", ""),
    Fault(
        "export formats", "target is not transformed", "export_torch", "target = self.target_transform(target)", "pass"
    ),
    Fault("export formats", "archives are no source", "export_croissant", "if shards else {}", "if False else {}"),
    Fault("export page", "an old file stays", "downloads", "now - known.created > MAX_AGE", "False"),
    Fault("export page", "a value is not in the code", "as_code", "!= spec.default\n    }", "is None\n    }"),
    Fault("export page", "an option for a path", "as_code", 'return f"./{path}" if', "return path if"),
]
