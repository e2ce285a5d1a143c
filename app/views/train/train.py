"""Train an encoder or a painter on the open data set: start, progress, stop, use, download."""

import streamlit as st

from app import session, trainings
from app.blocks import layout
from app.state import page_widgets
from app.views.train import progress

ABOUT = {
    "encoder": "Learns vectors in which two augmented copies of an image are close (SimCLR), for bins, map and scores.",
    "unet": "Predicts dropped patches with a convolutional network; the better painter of the two by the model cards.",
    "mae": "Predicts dropped patches with a transformer, the kind of model that the method uses.",
}

run = session.current_run()
if not run.dataset.has_images:
    st.markdown(
        "These are vectors without images, so there is nothing to train on. Open a set of images for this page."
    )
    st.stop()
what = page_widgets.choice("train", "What to train")
one = trainings.training(run, what)
job = trainings.find(one)
st.markdown(ABOUT[what])

if job is not None and not job.finished:
    progress.watch(one)
else:
    progress.start(one)
    progress.outcome(one)

others = [path for path in trainings.trained(tuple(page_widgets.CHOICES["train"])) if path != one.out]
if others:
    st.header("Trained before", anchor=False)
    for path in others:
        progress.offer(path)

layout.how_to_read(
    "No training uses labels. **Encoder**: for two random crops of one image, the network must find the second among "
    "the crops of all other images in the batch. The loss has no unit, and a lower loss does not always give better "
    "neighbours: check the map and the bins. **Painters**: a quarter to three quarters of the patches are dropped and "
    "predicted; the score is the PSNR over the dropped pixels of held-out images (one in twenty-five).\n\n"
    "A training stops early when the held-out score has not improved for a tenth of the epochs, and it keeps the "
    "weights of the best epoch. With few images a network overfits to them; the shipped weights saw 48,000 images. On "
    "the command line: `python -m adq_core train`."
)
