"""The functions that draw text, and the sources of text that cannot come from outside. Read by `text_flow.py`."""

MARKDOWN = {
    "markdown", "caption", "write", "title", "header", "subheader", "error", "warning", "info", "success", "toast",
    "expander", "button", "form_submit_button", "download_button", "link_button", "page_link", "menu_button", "radio",
    "selectbox", "multiselect", "segmented_control", "pills", "number_input", "text_input", "text_area", "slider",
    "select_slider", "checkbox", "toggle", "file_uploader", "metric", "tabs", "progress", "status", "spinner",
    "popover", "badge", "latex", "html", "exception", "feedback", "camera_input", "color_picker", "date_input",
    "chat_message", "chat_input", "table", "iframe", "image", "logo", "audio", "video", "json", "set_page_config",
}  # fmt: skip
# Arguments that Streamlit draws; others are keys, callbacks and sizes. None of these functions draws more than two
# positional texts (a label, and options).
DRAWN = {"body", "label", "help", "text", "caption", "title", "page_title", "delta", "value_text", "captions"}
OPTIONS = {"radio", "segmented_control", "pills", "menu_button", "tabs", "multiselect"}  # options are Markdown, too
NOT_TEXT = {"progress", "image", "set_page_config", "table", "json"}  # positional arguments of these are no text
ESCAPING = {"escape", "escape_label", "code"}  # app/text/markdown.py, and html.escape
NUMBERS = {  # functions that return numbers, or texts made of numbers and constants
    "len", "int", "float", "round", "abs", "min", "max", "sum", "percent", "signed", "file_size", "duration", "argmax",
    "argmin", "any", "all", "mean", "median", "count", "bool", "isfinite", "isnan", "index", "percentile",
    "isinstance", "columns", "n_kept_patches", "target_size", "target_size_of",
}  # fmt: skip
# Functions that return texts of their arguments.
PASSING = {
    "Path", "str", "list", "tuple", "sorted", "reversed", "zip", "enumerate", "filter", "map", "next", "iter", "dict",
    "range",
}  # fmt: skip
ADDING = {"append", "extend", "insert", "add", "update", "setdefault"}  # methods that put texts into a variable
# Attributes and names that are numbers, texts of the app, or checked choices of a setting (see adq_core/settings.py).
OWN = {
    "n_bins", "n_classes", "n_images", "kind", "rule", "schedule", "normalisation", "kernel", "softmax", "pool",
    "alpha", "keep_ratio", "patch_size", "patch_image_size", "patch_ranking", "patch_keep_ratio", "draw_order", "seed",
    "map_seed", "projection", "strategy", "STRATEGIES",
    "metadata", "capacity", "quota", "representativeness_name", "diversity_name", "method",
    "shape", "size", "sizes", "edge", "__file__",
}  # fmt: skip
# Objects whose methods return numbers or texts of their own, if the arguments are safe.
OWN_OBJECTS = {"np", "theme", "sprites", "base64", "out"}
TRUSTED = {
    "strategy_reason",  # numbers and constants
    "parse_sections",
    "lesson_named",
    "lesson_names",
    "qr_svg",
}  # docs/method.md, texts of app/lessons, SVG of segno
