// A job's page looks again by itself, and loads anew when the job is over. Without JavaScript the page refreshes.

const EVERY_MS = 1500;

async function look(shown) {
  const answer = await fetch(shown.dataset.work, { headers: { accept: "application/json" } });
  if (!answer.ok || answer.redirected) return location.reload(); // signed out meanwhile: let the door say so
  const job = await answer.json();
  if (job.is_over) return location.reload();
  if (job.state === "running") {
    const words = `${job.percent} of 100${job.message ? `: ${job.message}` : ""}`;
    const told = shown.querySelector("[data-work-words]");
    if (told.textContent !== words) told.textContent = words;
    shown.querySelector("progress").value = job.percent;
  }
  setTimeout(() => follow(shown), EVERY_MS);
}

function follow(shown) {
  look(shown).catch(() => setTimeout(() => follow(shown), 5 * EVERY_MS)); // the network is away for a moment
}

export function watchWork() {
  const shown = document.querySelector("[data-work]");
  if (shown) follow(shown);
}
