// Maps that can be moved, where WebGL2 works. The drawn maps above them are the truth and stay; nothing is only here.

const has = () => Boolean(document.createElement("canvas").getContext("webgl2"));

export function watchMoving() {
  const place = document.querySelector("[data-moving]");
  if (!place || !has()) return;
  place.hidden = false;
  const open = place.querySelector("[data-moving-open]");
  open.addEventListener("click", async () => {
    open.disabled = true;
    try {
      const { draw } = await import(place.dataset.script);
      await draw(place);
      open.hidden = true;
    } catch (why) {
      console.warn(why);
      place.querySelector("[data-moving-maps]").hidden = true;
      place.querySelector("[data-moving-failed]").hidden = false;
    }
  });
}
