"""An encoder or a painter trained on the open data set: started, watched, stopped, used, downloaded."""

import streamlit as st

from app import session
from app.blocks import layout
from app.jobs import trainings
from app.state import settings_widgets
from app.views.train import progress

ABOUT = {
    "encoder": "Puts two views of one image close together (SimCLR): vectors for bins, map and scores.",
    "unet": "Paints dropped patches with convolutions; the better painter of the two, by the cards.",
    "mae": "Paints dropped patches with a transformer, the method's own kind of model.",
}

run = session.current_run()
if not run.dataset.has_images:
    st.markdown("There is nothing to learn from: these are vectors already. Open a set of images for this page.")
    st.stop()
what = settings_widgets.switch("train")
one = trainings.training(run, what)
job = trainings.jobs().find(one.key)
st.markdown(ABOUT[what])

if job is not None and not job.finished:
    progress.watch(one)
else:
    progress.start(one)
    progress.outcome(one)

others = [path for path in trainings.trained(tuple(settings_widgets.SWITCHES["train"])) if path != one.out]
if others:
    st.subheader("Trained before", anchor=False)
    for path in others:
        progress.offer(path)

layout.how_to_read(
    "Nothing here looks at labels. **Encoder**: two random crops of an image must find each other among those of all "
    "other images; the loss has no unit, and a lower one is not always a better neighbourhood: look at the map and "
    "at the bins. **Painters**: patches are dropped, a quarter to three quarters of them, and painted; the score is "
    "the PSNR over the dropped pixels of images that the training never saw (one in twenty-five).\n\n"
    "The curve ends by itself when the images held out have not got better for a tenth of the passes; the weights "
    "kept are those of the best pass. Few images make a network that knows these images and little else: the shipped "
    "weights saw 48,000. On the command line the same is `python -m adq_core train`."
)
