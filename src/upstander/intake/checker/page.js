// The page itself: a file is chosen or dropped, checked away from the page, and told about. All text is set as text.

import { dayInWords } from "./calendar.js";
import { counted, withCommas } from "./sentences.js";
import { check, serve } from "./worker.js";

const MISTAKES_SHOWN = 100;
const MEGABYTE = 1 << 20;
const DAY = 86400;
const NOT_HERE = {
  workbook: "This is a workbook or an archive, and this page reads CSV only. Save the sheet as “CSV UTF-8”, or "
    + "unpack the file, and check that; or ask for upstander check, which reads both.",
  name: "The name of the file states a period that does not exist. Give it the name you have agreed, and check again.",
};

const byId = (id) => document.getElementById(id);

function start() {
  const facts = JSON.parse(byId("facts").textContent);
  const page = new Page(facts);
  byId("choose").hidden = false;
  byId("choose").addEventListener("submit", (event) => {
    event.preventDefault();
    page.check(byId("file").files[0]);
  });
  byId("print").addEventListener("click", () => window.print());
  byId("again").addEventListener("click", () => page.begin());
  listenForDrops(page);
}

// A file dropped beside the field would otherwise take the place of the page.
function listenForDrops(page) {
  const field = byId("drop");
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    field.classList.add("over");
  });
  for (const name of ["dragleave", "drop"]) document.addEventListener(name, () => field.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    page.check(event.dataTransfer.files[0]);
  });
}

class Page {
  constructor(facts) {
    this.facts = facts;
    this.run = 0;
  }

  begin() {
    byId("choose").reset();
    byId("result").hidden = true;
    this.say("");
    byId("file").focus();
  }

  check(file) {
    byId("result").hidden = true;
    if (!file) {
      this.fail("Choose a file first.");
      return;
    }
    this.fault("");
    this.run += 1;
    const run = this.run;
    this.showProgress(file, 0);
    const asked = { file, facts: this.facts, received: Date.now() / 1000 };
    checkAway(asked, (answer) => { if (run === this.run) this.answered(file, answer); });
  }

  answered(file, { bytes, result, notForThisPage, defect }) {
    if (bytes !== undefined) {
      this.showProgress(file, bytes);
      return;
    }
    byId("progress").hidden = true;
    if (result) this.tell(file, result);
    else if (notForThisPage) this.fail(NOT_HERE[notForThisPage]);
    else this.failUnread(defect);
    document.dispatchEvent(new CustomEvent("checked", { detail: { result, notForThisPage, defect } }));
  }

  failUnread(defect) {
    const isGone = /NotReadable|NotFound/.test(defect);
    this.fail(isGone
      ? "The file could not be read: it may have been moved, or be open in another program. Close it there, and choose it again."
      : "This page could not judge the file. That is a defect of ours, not of your file. Please ask for upstander check.");
  }

  fail(words) {
    this.say("");
    this.fault(words);
    byId("file").focus();
  }

  fault(words) {
    byId("fault").textContent = words ? `Error: ${words}` : "";
    byId("fault").hidden = !words;
    byId("file").setAttribute("aria-invalid", String(Boolean(words)));
    byId("file").setAttribute("aria-describedby", words ? "hint fault" : "hint");
  }

  say(words) {
    byId("status").textContent = words;
  }

  showProgress(file, bytes) {
    const megabytes = (count) => withCommas(Math.ceil(count / MEGABYTE));
    byId("progress").hidden = false;
    byId("progress").value = file.size ? bytes / file.size : 1;
    this.say(`Checking: ${megabytes(bytes)} of ${megabytes(file.size)} MB read.`);
  }

  tell(file, result) {
    this.say("The check is done.");
    byId("verdict").textContent = this.facts.verdicts[result.outcome];
    byId("about").textContent = aboutFile(file, result);
    byId("message").textContent = result.message;
    fill("holds", result.holds.length ? [heading("Why a person must look first"), list(result.holds)] : []);
    fill("mistakes", mistakesShown(result.mistakes));
    fill("sums", [heading("Every line is accounted for"), sumsShown(result.lines, this.facts.line_sums)]);
    fill("kept", keptShown(result));
    fill("notes", result.notes.length ? [heading("What was mended, and what to know"), list(result.notes)] : []);
    byId("result").hidden = false;
    byId("verdict").focus();
  }
}

function aboutFile(file, { covers }) {
  const size = `${file.name} · ${counted(file.size, "byte", "bytes")}`;
  if (!covers) return size;
  const how = covers.inferred ? "by its rows" : "by its name";
  return `${size} · covers ${dayInWords(covers.start)} to ${dayInWords(covers.end - DAY)} (${how})`;
}

function mistakesShown(mistakes) {
  if (!mistakes.length) return [];
  const rows = mistakes.slice(0, MISTAKES_SHOWN).map(({ line, column, rule, value, expected }) =>
    [withCommas(line), column || "the whole line", rule, value ?? "", expected]);
  const more = mistakes.length - rows.length;
  const caption = "By line of the file as sent. A value is shown only where the column holds codes, dates or figures."
    + (more ? ` ${withCommas(more)} more are not listed here.` : "");
  const heads = ["Line", "Column", "What is wrong", "Found", "What would be right"];
  return [heading("What to mend"), scrolling(caption, table(caption, heads, rows, "cards"))];
}

function sumsShown(lines, sums) {
  const rows = sums.map(([name, field]) => [name, withCommas(lines[field])]);
  const made = table("Lines of the file, then its records; each is in exactly one place.", [], rows, "narrow");
  [...made.tBodies[0].rows].forEach((row) => row.classList.toggle("total", !/^[=+]/.test(row.cells[0].textContent)));
  return made;
}

function keptShown({ quarantined, set_aside: setAside = [] }) {
  const rows = [
    ...quarantined.filter(([, count]) => count).map(([rule, count]) => [`held back: ${rule}`, withCommas(count)]),
    ...setAside.map(([reason, count]) => [`set aside: ${reason}`, withCommas(count)]),
  ];
  const caption = "A row held back waits until it is mended. A row set aside is not about this dataset.";
  return rows.length ? [heading("Held back and set aside"), table(caption, ["Why", "Rows"], rows, "narrow")] : [];
}

const fill = (id, children) => byId(id).replaceChildren(...children);

function element(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

const heading = (words) => element("h3", words);

function list(sentences) {
  const made = element("ul");
  made.append(...sentences.map((words) => element("li", words)));
  return made;
}

function scrolling(label, child) {
  const made = element("div", "", { class: "scroll", role: "region", tabindex: "0", "aria-label": "What to mend" });
  made.append(child);
  return made;
}

// A table whose first column names its rows where there are but two. Numbers stand to the right.
function table(caption, heads, rows, kind) {
  const made = element("table", "", { class: kind });
  made.append(element("caption", caption));
  const isNumber = (index) => (kind === "cards" ? index === 0 : index === 1);
  if (heads.length) {
    const row = made.createTHead().insertRow();
    row.append(...heads.map((words, index) => element("th", words, { scope: "col", class: isNumber(index) ? "n" : "" })));
  }
  const body = made.createTBody();
  for (const cells of rows) {
    body.insertRow().append(...cells.map((words, index) => (kind === "narrow" && index === 0
      ? element("th", words, { scope: "row" })
      : element("td", words, { class: isNumber(index) ? "n" : "", "data-head": heads[index] ?? "" }))));
  }
  return made;
}

// In a worker made from this very script; where a browser allows none from a disk, here, with pauses.
function checkAway(asked, tell) {
  const here = () => {
    const breathe = () => new Promise((resume) => { setTimeout(resume); });
    check(asked.file, asked.facts, asked.received, tell, breathe);
  };
  let worker;
  try {
    const script = new Blob([byId("engine").textContent], { type: "text/javascript" });
    worker = new Worker(URL.createObjectURL(script));
  } catch {
    here();
    return;
  }
  worker.addEventListener("message", ({ data }) => {
    tell(data);
    if (data.bytes === undefined) worker.terminate();
  });
  worker.addEventListener("error", () => {
    worker.terminate();
    here();
  }, { once: true });
  worker.postMessage(asked);
}

if (typeof document === "undefined") serve();
else start();
