"""Faults of image files: formats, colours, deep values, large photographs and memory."""

from __future__ import annotations

from tests.mutations.fault import Fault

DATA = "adq_core/data/"
MODULES = {
    "decoding": DATA + "pixels/decoding.py",
    "colours": DATA + "pixels/colours.py",
    "deep_images": DATA + "pixels/deep_images.py",
    "formats": DATA + "pixels/formats.py",
    "pillow_files": DATA + "pixels/pillow_files.py",
    "png_files": DATA + "pixels/png_files.py",
    "rescaling": DATA + "pixels/rescaling.py",
    "scan": DATA + "scan.py",
    "value_ranges": DATA + "pixels/value_ranges.py",
    "parallel": "adq_core/parallel.py",
}
TESTS = {
    "colours": ["tests/data/test_decoding_colours.py"],
    "formats": ["tests/data/test_decoding_formats.py", "tests/data/test_decoding.py"],
    "depths": ["tests/data/test_value_ranges.py", "tests/data/test_decoding.py"],
    "large": ["tests/data/test_decoding_large.py", "tests/test_parallel.py"],
}

FAULTS = [
    Fault("colours", "profiles are ignored", "colours", "    if len(profile) > MAX_PROFILE_BYTES:", "    if True:"),
    Fault("colours", "every profile is taken for sRGB", "colours", "SAME_LEVELS = 2", "SAME_LEVELS = 255"),
    Fault("colours", "no profile is taken for sRGB", "colours", "SAME_LEVELS = 2", "SAME_LEVELS = -1"),
    Fault("colours", "grey profiles are ignored", "colours", 'grey=image.mode in ("L", "LA")', "grey=False"),
    Fault("colours", "CMYK profiles are ignored", "colours", 'image.mode == "CMYK" or (', "False or ("),
    Fault(
        "colours",
        "pixels are blended before they are converted",
        "colours",
        "    if alpha is not None:\n        rgb.putalpha",
        "    if False:\n        rgb.putalpha",
    ),
    Fault(
        "formats", "the orientation is not applied", "decoding", "ImageOps.exif_transpose(image, in_place=True)", "pass"
    ),
    Fault(
        "formats", "files without an ending are ignored", "formats", "    if head.startswith(_HEADS):", "    if False:"
    ),
    Fault("formats", "HEIC is not registered", "pillow_files", "    pillow_heif.register_heif_opener(", "    dict("),
    Fault("formats", "a PNG is not opened without its texts", "png_files", "not data.startswith(SIGNATURE)", "True"),
    Fault(
        "large",
        "a profile of a PNG is unpacked without a limit",
        "png_files",
        "unpacker.decompress(packed[1:], MAX_PROFILE_BYTES)",
        "unpacker.decompress(packed[1:])",
    ),
    Fault("formats", "the orientation of a PNG with large texts is lost", "png_files", ', b"eXIf"}', "}"),
    Fault(
        "formats",
        "the profile of a PNG with large texts is lost",
        "pillow_files",
        "if parts.profile is not None",
        "if False",
    ),
    Fault(
        "formats",
        "the TIFF library writes its errors",
        "pillow_files",
        "            function(None)",
        "            pass",
    ),
    Fault(
        "formats",
        "warnings of Pillow are shown",
        "pillow_files",
        'warnings.filterwarnings("ignore", module=r"PIL\\.")',
        "pass",
    ),
    Fault("depths", "each file has its own range", "scan", "ranges = choose_ranges(extents)", "ranges = EACH_ITS_OWN"),
    Fault("depths", "the reader forgets the range of the set", "scan", "(row), self.ranges)", "(row))"),
    Fault(
        "depths",
        "thumbnails keep the range of their file",
        "rescaling",
        "EACH_ITS_OWN) != range_of",
        "EACH_ITS_OWN) == range_of",
    ),
    Fault(
        "depths", "dark images are not counted", "value_ranges", "mixed = 0 < len(dark) < len(highest)", "mixed = False"
    ),
    Fault(
        "depths",
        "the low bytes of colours are ignored",
        "deep_images",
        "(first.astype(np.uint16) << 8) | second",
        "(first.astype(np.uint16) << 8)",
    ),
    Fault(
        "depths",
        "the bytes of colours are swapped",
        "deep_images",
        '_SWAPPED = {"B": "L", "L": "B"',
        '_SWAPPED = {"B": "B", "L": "L"',
    ),
    Fault("depths", "a stated maximum is ignored", "deep_images", "    if maximum < 65535:", "    if maximum < 0:"),
    Fault("depths", "alpha is scaled like colours", "deep_images", "values[..., 3].max() > chosen[1]", "False"),
    Fault(
        "large", "a large JPEG is decoded whole", "pillow_files", "            image.draft(None,", "            print("
    ),
    Fault("large", "coefficients take no memory", "decoding", "    n_bytes += jpeg_coefficient_bytes(opened)\n", ""),
    Fault(
        "large",
        "threads do not wait",
        "parallel",
        "self._changed.wait_for(lambda: self._used + needed <= self.total)",
        "pass",
    ),
    Fault(
        "large",
        "an error keeps the bytes",
        "parallel",
        "                self._used -= needed\n",
        "                pass\n",
    ),
    Fault(
        "large",
        "the sentence about large files is missing",
        "scan",
        "n_reduced += result.reduction > 1",
        "n_reduced += 0",
    ),
]
