// Clicks on thumbnails: a click or the Enter key on an element with [data-image="id"] sends the id to the server.
export default ({ setTriggerValue }) => {
  const open = (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    const thumbnail = event.target.closest?.("[data-image]");
    if (!thumbnail) return;
    event.preventDefault();
    document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0); // the page about the image starts at its top
    setTriggerValue("image", thumbnail.dataset.image);
  };
  document.addEventListener("click", open);
  document.addEventListener("keydown", open);
  return () => {
    document.removeEventListener("click", open);
    document.removeEventListener("keydown", open);
  };
};
