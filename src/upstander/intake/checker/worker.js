// Checking away from the page, so that the page never freezes. Asked with a file, answers with progress and a result.

import { NotForThisPage, read } from "./reading.js";

export async function check(file, facts, received, tell, breathe) {
  const onProgress = (bytes) => tell({ bytes });
  try {
    tell({ result: await read(file, facts, { received, onProgress, breathe }) });
  } catch (why) {
    tell(why instanceof NotForThisPage ? { notForThisPage: why.message } : { defect: String(why?.stack ?? why) });
  }
}

export function serve() {
  const tell = (answer) => self.postMessage(answer);
  const breathe = () => undefined;
  self.addEventListener("message", ({ data }) => check(data.file, data.facts, data.received, tell, breathe));
}
