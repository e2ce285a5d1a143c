"""Train an encoder or an inpainting network on the open data set: start, progress, stop, use, download."""

import streamlit as st

from app import session, trainings
from app.blocks import layout
from app.state import page_widgets
from app.views.train import progress

ABOUT = {
    "encoder": "Learns vectors in which two augmented copies of an image are close (SimCLR), for bins, map and scores.",
    "unet": "Reconstructs dropped patches with a convolutional network; better than mae according to the model cards.",
    "mae": "Reconstructs dropped patches with a transformer, the kind of model that the method uses.",
}

run = session.current_run()
if not run.dataset.has_images:
    st.markdown(
        "This data set has vectors but no images, so no network can be trained. Open a data set of images to use this "
        "page."
    )
    st.stop()
model = page_widgets.choice("train", "Model to train")
training = trainings.training_of(run, model)
job = trainings.find(training)
st.markdown(ABOUT[model])

if job is not None and not job.finished:
    progress.watch(training)
else:
    progress.start(training)
    progress.outcome(training)

elsewhere = frozenset(job.key for job in trainings.running() if job.key != training.key)
if elsewhere:
    st.header("Your other trainings", anchor=False)
    progress.watch_others(elsewhere)

others = [path for path in trainings.trained(tuple(page_widgets.CHOICES["train"])) if path != training.out]
if others:
    st.header("Earlier trainings", anchor=False)
    for path in others:
        progress.offer(path)

layout.how_to_read(
    "No training uses labels. **Encoder**: the network learns to recognise which two of the random crops in a batch "
    "come from the same image. The loss has no unit, and a lower loss does not always give better neighbours: check "
    "the map and the bins. **Inpainting networks** (unet, mae): a quarter to three quarters of the patches are dropped "
    "and predicted; the score is the PSNR over the dropped pixels of held-out images (one in twenty-five).\n\n"
    "A training stops early when the held-out score has not improved for a tenth of the epochs. The result is the "
    "network of the best epoch. With few images a network overfits to them; the bundled weights were trained on "
    "48,000 images. On the command line: `python -m adq_core train`."
)
