// A file on its way: how much of it has gone, as words and a bar. Without JavaScript the form sends it by itself.

const MILLION = 1_000_000;

function send(form) {
  const told = form.querySelector("[data-upload-told]");
  const words = form.querySelector("[data-upload-words]");
  const wrong = form.querySelector("[data-upload-wrong]");
  const button = form.querySelector("button");
  const request = new XMLHttpRequest();
  const stop = (sentence) => {
    told.hidden = true;
    button.disabled = false;
    wrong.textContent = sentence;
  };
  wrong.textContent = "";
  told.hidden = false;
  button.disabled = true;
  words.textContent = "Sending";
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const percent = Math.floor((100 * event.loaded) / event.total);
    words.textContent = percent < 100 ? `Sending: ${percent} of 100` : "Sent. Locking it away";
    form.querySelector("progress").value = percent;
  });
  request.addEventListener("load", () => {
    const answer = request.response;
    if (request.status === 200 && answer?.url) location.assign(answer.url);
    else if (request.status === 422 && answer?.wrong) stop(`${answer.wrong.join(". ")}.`);
    else stop("The file was not taken. You may have been signed out, or the page is too old. Load this page again.");
  });
  request.addEventListener("error", () => stop("The connection was cut. Nothing was kept. Send the file once more."));
  request.open("POST", form.action);
  request.responseType = "json";
  request.setRequestHeader("Accept", "application/json");
  request.send(new FormData(form));
}

export function watchUpload() {
  const form = document.querySelector("[data-upload]");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const file = form.querySelector("[type=file]").files[0];
    const most = Number(form.dataset.mostMb);
    if (file && file.size > most * MILLION) {
      form.querySelector("[data-upload-wrong]").textContent =
        `The file is larger than ${most.toLocaleString("en-GB")} MB. Send it in parts, such as month by month.`;
    } else send(form);
  });
}
