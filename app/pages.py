"""The pages of the app: section, URL name, title, icon, and the sentence under the title.

A new page is one entry here and one script `views/NAME.py` or `views/NAME/NAME.py`; titles must differ.
"""

from __future__ import annotations

from pathlib import Path

APP = Path(__file__).parent

# section: URL name, title, icon, sentence
PAGES = {
    "Explore": [
        (
            "home",
            "Home",
            ":material/home:",
            "Adaptive Dataset Quantization (ADQ) selects a small subset of an image data set. It sorts each class into "
            "bins, from typical images to outliers, scores every bin, and selects more images from bins with a "
            "higher score. ADQ Explorer shows every step on your images.",
        ),
        (
            "dataset",
            "Data set",
            ":material/photo_library:",
            "The images of the open data set and its classes. Choose a data set, open your own, and see which files "
            "could not be read.",
        ),
        (
            "browse",
            "Images",
            ":material/grid_on:",
            "All images of the data set in one grid: sort them, mark some, and see which are selected.",
        ),
        (
            "bins",
            "Bins",
            ":material/stacks:",
            "A greedy algorithm sorts the images of each class, the most typical first, and cuts the order into bins.",
        ),
        (
            "scores",
            "Scores",
            ":material/leaderboard:",
            "Each bin has two scores: representativeness (Rep) and diversity (Div). Normalised and added, they are the "
            "Importance score (IS) of the bin.",
        ),
        (
            "quotas",
            "Quotas",
            ":material/tune:",
            "The quota of a bin is the number of images selected from it. The keep ratio sets the total; alpha weights "
            "importance against bin size.",
        ),
        (
            "image",
            "One image",
            ":material/image_search:",
            "Why this image is selected or not, which settings would change this, and which selected images are most "
            "similar to it.",
        ),
        (
            "similar",
            "Similar images",
            ":material/search:",
            "The images of the data set nearest to one image: to one of its own, or to a picture that you upload.",
        ),
        (
            "lists",
            "Always keep, never take",
            ":material/keep:",
            "Images that you pin or leave out by hand: every selection obeys both lists, and this page says what they "
            "cost.",
        ),
        (
            "patches",
            "Patches",
            ":material/grid_view:",
            "Only the patches with the most texture are kept from each image; a small inpainting network reconstructs "
            "the others.",
        ),
        (
            "train",
            "Train",
            ":material/model_training:",
            "Train your own encoder or inpainting network on the images of the open data set. Labels are not used.",
        ),
    ],
    "Check": [
        (
            "evidence",
            "Better than random?",
            ":material/balance:",
            "Is a subset selected by ADQ a better training set than random images of the same classes? Measured here, "
            "on your images.",
        ),
        (
            "checks",
            "Checks",
            ":material/checklist:",
            "Is anything wrong with the selection: copies, wrong labels, missing classes, poor coverage, unusable "
            "images?",
        ),
        (
            "audit",
            "Audit a selection",
            ":material/fact_check:",
            "A selection made elsewhere, as a list of indices or ids: its place on the map, its checks, and whether it "
            "is better than random images.",
        ),
        (
            "compare",
            "Compare",
            ":material/compare_arrows:",
            "Compare two selections, A and B: the images in both, the images in only one, and the overlap expected by "
            "chance.",
        ),
        (
            "tray",
            "Saved selections",
            ":material/inbox:",
            "Selections that you saved under a name. You can restore, compare and export them. The list is stored in "
            "your browser.",
        ),
    ],
    "Files": [
        (
            "export",
            "Export",
            ":material/download:",
            "Download the selected subset as files, identical to those that the command line writes.",
        ),
        (
            "storage",
            "Storage",
            ":material/database:",
            "Your uploads, your trained weights and the stored results: their sizes, and how to remove them.",
        ),
    ],
    "Learn": [
        (
            "learn",
            "Lessons",
            ":material/school:",
            "Adaptive dataset quantization in small lessons: predict, move something in the picture, and see what "
            "happens.",
        ),
        (
            "method",
            "The method",
            ":material/function:",
            "Every formula in three versions (the paper, its published code, this project) with the numbers of the "
            "present run.",
        ),
    ],
}


def script(name: str) -> str:
    """Return the script of the page of this name, relative to `app/`, in the form that Streamlit's links need."""
    single = f"views/{name}.py"
    return single if (APP / single).exists() else f"views/{name}/{name}.py"
