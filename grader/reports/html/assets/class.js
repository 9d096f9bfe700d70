/* Sorts and narrows the table of students, names who is meant by a number, reads the heat map out.
   Without it everything can still be read. Text is only ever set as text. */
"use strict";
(() => {
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const students = [...body.rows]; // in the order in which numbers mean students
  const links = students.map((row) => row.cells[0].querySelector("a"));
  const names = links.map((link) => link.textContent.toLowerCase());

  // Sorting: a button in each head; the first press puts the most points first.
  const order = new Intl.Collator(undefined, { numeric: true });
  const heads = [...table.tHead.rows[0].cells];
  const value = (row, column) => {
    const text = row.cells[column].textContent;
    return column === 0 ? text : parseFloat(text);
  };
  const sort = (column, ascending) => {
    const keys = new Map(students.map((row) => [row, value(row, column)]));
    const sign = ascending ? 1 : -1;
    const sorted = [...students].sort((a, b) => {
      const [x, y] = [keys.get(a), keys.get(b)];
      if (column === 0) return sign * order.compare(x, y);
      if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y); // without points: last, either way
      return sign * (x - y);
    });
    body.append(...sorted);
    heads.forEach((head, place) => {
      if (place === column) head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      else head.removeAttribute("aria-sort");
    });
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      sort(column, now ? now === "descending" : column === 0);
    });
  });

  // Narrowing: by name, and by what was marked.
  const search = document.getElementById("search");
  const narrow = document.getElementById("narrow");
  const count = document.getElementById("count");
  const show = () => {
    const words = search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    students.forEach((row, number) => {
      const fits =
        words.every((word) => names[number].includes(word)) &&
        (!narrow.value || (row.dataset.marks || "").split(" ").includes(narrow.value));
      row.hidden = !fits;
      shown += fits;
    });
    const all = students.length;
    count.value = shown === all ? `${all} students` : `${shown} of ${all} students`;
  };
  search.form.hidden = false;
  search.form.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", show);
  narrow.addEventListener("input", show);
  show(); // a browser that goes back fills the fields in again

  // Who is meant by a number: all names, where the page had room for a few.
  document.addEventListener(
    "toggle",
    (event) => {
      const bits = event.target.dataset && event.target.dataset.who;
      if (!bits || !event.target.open) return;
      delete event.target.dataset.who;
      const meant = event.target.querySelector("p");
      meant.textContent = "";
      links.forEach((link, number) => {
        const digit = parseInt(bits[bits.length - 1 - (number >> 2)] || "0", 16);
        if ((digit >> (number & 3)) & 1) meant.append(link.cloneNode(true), " ");
      });
    },
    true,
  );

  // The heat map, read out where the pointer is; a click leads to the student.
  const cells = document.getElementById("cells");
  if (cells) {
    const readout = document.querySelector(".readout");
    const columns = cells.dataset.columns.trim().split(" ").map(Number);
    const functions = cells.dataset.names.split("|");
    const kinds = new Map(cells.dataset.kinds.split("|").map((kind) => [kind[0], kind.slice(1)]));
    const rows = [...document.querySelectorAll(".names a")];
    const at = (event) => {
      const box = cells.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * cells.viewBox.baseVal.width;
      const row = Math.floor(((event.clientY - box.top) / box.height) * rows.length);
      return [Math.min(Math.max(row, 0), rows.length - 1), columns.findLastIndex((left) => left <= x)];
    };
    cells.addEventListener("pointermove", (event) => {
      const [row, column] = at(event);
      const kind = kinds.get(cells.dataset.cells[row * columns.length + column]);
      readout.textContent = `${rows[row].textContent} — ${functions[column]}: ${kind}`;
    });
    cells.addEventListener("click", (event) => rows[at(event)[0]].click());
  }

  // A link into a folded part unfolds it.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && target.closest("details");
    if (folded) folded.open = true;
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
