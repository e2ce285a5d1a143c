"""The pages of the app: section, name in the address, title, icon, and the sentence under the title."""

from __future__ import annotations

from pathlib import Path

APP = Path(__file__).parent

# section: file, title, icon, what is seen in one sentence
PAGES = {
    "Explore": [
        (
            "home",
            "Home",
            ":material/home:",
            "Which images of a set are worth keeping? ADQ fills bins from the most typical images to the outliers, "
            "scores every bin, and takes more from those that matter more. Here you can watch it do so on your images.",
        ),
        (
            "dataset",
            "Data set",
            ":material/photo_library:",
            "The images that everything else is computed from: pick a set, bring your own, see what could not be read.",
        ),
        (
            "bins",
            "Bins",
            ":material/stacks:",
            "Every class is sorted by a greedy choice, most typical images first, and cut into bins.",
        ),
        (
            "scores",
            "Scores",
            ":material/leaderboard:",
            "Each bin gets a score for texture (Rep) and one for diversity (Div); put on one scale and added they "
            "are its Importance score (IS).",
        ),
        (
            "quotas",
            "Quotas",
            ":material/tune:",
            "How many images each bin gives, and which ones: alpha mixes importance with bin size, the keep ratio "
            "sets the total.",
        ),
        (
            "image",
            "One image",
            ":material/image_search:",
            "Why one image is in or out, what would have to be otherwise, and which kept images stand in for it.",
        ),
        (
            "patches",
            "Patches",
            ":material/grid_view:",
            "Of every image only the most textured patches are kept; a small network paints the others again.",
        ),
        (
            "train",
            "Train",
            ":material/model_training:",
            "An encoder or a painter of your own, learnt from the images of the open data set without their labels.",
        ),
    ],
    "Check": [
        (
            "compare",
            "Compare",
            ":material/compare_arrows:",
            "Two choices of images side by side: what both have, what only one has, and what chance alone would give.",
        ),
        (
            "tray",
            "Tray",
            ":material/inbox:",
            "Choices that you named and kept, to go back to, to compare and to export. They stay in your browser.",
        ),
    ],
    "Export": [
        (
            "export",
            "Export",
            ":material/download:",
            "The chosen subset as files, the very ones that the command line writes.",
        ),
    ],
    "Learn": [
        (
            "method",
            "The method",
            ":material/function:",
            "Every formula three times: the paper's, its published code's and ours, filled in with this run's numbers.",
        ),
    ],
}


def script(name: str) -> str:
    """Return the script of the page of this name, relative to `app/`, as Streamlit's links take it."""
    single = f"views/{name}.py"
    return single if (APP / single).exists() else f"views/{name}/{name}.py"
