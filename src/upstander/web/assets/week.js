// The day by hour grid of the picker: another way to fill in the form that stands beside it, which works without it.
// Rows are nights from 06:00 to 06:00. A first cell begins a window, a second one ends it; arrow keys move.

const FIRST = 6;
const two = (hour) => `${String(hour % 24).padStart(2, "0")}:00`;

export function watchWeek() {
  const form = document.querySelector("[data-picker]");
  const place = form?.querySelector("[data-week]");
  if (!place) return;
  const days = [...form.querySelectorAll("[name=day]")];
  const [start, end] = ["start", "end"].map((name) => form.querySelector(`[name=${name}]`));
  const cells = days.map((day, row) =>
    Array.from({ length: 24 }, (_, column) => {
      const cell = document.createElement("button");
      cell.type = "button";
      cell.tabIndex = row || column ? -1 : 0;
      cell.setAttribute("aria-label", `${day.labels[0].textContent} night, ${two(column + FIRST)}`);
      cell.dataset.row = row;
      cell.dataset.column = column;
      return cell;
    }),
  );
  let begun = null;

  const at = (value) => (Number(value.slice(0, 2)) - FIRST + 24) % 24;
  const span = () => {
    const from = at(start.value);
    return [from, ((at(end.value) - from + 24) % 24 || 24) + from - 1];
  };
  const draw = () => {
    const [from, to] = span();
    cells.forEach((row, night) =>
      row.forEach((cell, hour) => cell.setAttribute("aria-pressed", String(isIn(night, hour, from, to)))),
    );
  };
  // A window that begins before 06:00 or runs on past it wraps into the row of the night before or after.
  const isIn = (night, hour, from, to) => {
    const starts = Number(start.value.slice(0, 2));
    return days.some((day, row) => {
      if (!day.checked) return false;
      const begins = row * 24 + starts - FIRST;
      const cell = night * 24 + hour;
      return [0, 168, -168].some((turn) => cell + turn >= begins && cell + turn <= begins + to - from);
    });
  };
  const choose = (row, column) => {
    if (begun === null) {
      begun = [row, column];
      days.forEach((day, night) => (day.checked = night === row));
      start.value = two(column + FIRST);
      end.value = two(column + FIRST + 1);
    } else {
      const [rows, columns] = [[begun[0], row], [begun[1], column]].map((pair) => pair.toSorted((a, b) => a - b));
      days.forEach((day, night) => (day.checked = night >= rows[0] && night <= rows[1]));
      start.value = two(columns[0] + FIRST);
      end.value = two(columns[1] + FIRST + 1);
      begun = null;
    }
    draw();
  };

  const table = document.createElement("table");
  table.className = "up-week";
  const caption = table.createCaption();
  caption.className = "govuk-visually-hidden";
  caption.textContent = "The week by night and hour. Choose a first hour, then a last one.";
  const head = table.createTHead().insertRow();
  head.append(document.createElement("td"));
  for (let hour = 0; hour < 24; hour += 6) {
    const cell = document.createElement("th");
    cell.colSpan = 6;
    cell.scope = "colgroup";
    cell.textContent = two(hour + FIRST);
    head.append(cell);
  }
  const body = table.createTBody();
  cells.forEach((row, night) => {
    const line = body.insertRow();
    const name = document.createElement("th");
    name.scope = "row";
    name.textContent = days[night].value;
    line.append(name);
    for (const cell of row) line.insertCell().append(cell);
  });
  table.addEventListener("click", (event) => {
    const { row, column } = event.target.dataset;
    if (row !== undefined) choose(Number(row), Number(column));
  });
  const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  table.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || event.target.dataset.row === undefined) return;
    event.preventDefault();
    const [row, column] = [Number(event.target.dataset.row) + step[0], Number(event.target.dataset.column) + step[1]];
    const next = cells[row]?.[column];
    if (!next) return;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  form.addEventListener("change", draw);
  draw();
  const scroll = document.createElement("div");
  scroll.className = "up-scroll";
  scroll.append(table);
  place.append(scroll);
  place.hidden = false;
}
