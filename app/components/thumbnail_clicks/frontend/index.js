// Thumbnails stand in the page's HTML as [data-image="id"]; a click or the Enter key on one tells the server its id.
export default ({ setTriggerValue }) => {
  const open = (event) => {
    if (event.type === "keydown" && event.key !== "Enter") return;
    const thumbnail = event.target.closest?.("[data-image]");
    if (!thumbnail) return;
    event.preventDefault();
    document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0); // what is asked for stands at the page's head
    setTriggerValue("image", thumbnail.dataset.image);
  };
  document.addEventListener("click", open);
  document.addEventListener("keydown", open);
  return () => {
    document.removeEventListener("click", open);
    document.removeEventListener("keydown", open);
  };
};
